// What the caller asked for, besides config.json, that changes the plan. Part of its identity.

/** Who makes the cgroups; `disabled` leaves the container in the caller's. */
export type CgroupManager = 'cgroupfs' | 'systemd' | 'disabled'

/** Options of a compile; all else that differs between two containers is a slot. */
export interface PlanOptions {
  readonly verb: 'create' | 'run'
  /** `run` returns once the container runs. */
  readonly detach: boolean
  /** `run` leaves the state directory behind. */
  readonly keep: boolean
  readonly noPivot: boolean
  readonly noNewKeyring: boolean
  readonly cgroupManager: CgroupManager
  /** The pty goes to the console-socket slot. */
  readonly hasConsoleSocket: boolean
  /** AF_UNIX socket that gets a pidfd of the process. Absolute. */
  readonly pidfdSocket?: string | undefined
  /** Descriptors of socket activation (sd_listen_fds(3)): they are the first to be preserved. */
  readonly listenFds?: number | undefined
  /** Their names, as LISTEN_FDNAMES has them. */
  readonly listenFdNames?: string | undefined
  /** The caller has NOTIFY_SOCKET set: it waits for READY=1 (sd_notify(3)). */
  readonly notify?: boolean | undefined
  /** Set when the rootfs is not where root.path says. Absolute. */
  readonly rootfs: string | undefined
}
