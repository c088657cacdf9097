// What callers of the library may ask of each verb.

import type { Stdio } from '../launch/executor.ts'
import type { CgroupManager } from '../plan/options.ts'
import type { IntelRdt, NamespaceType } from '../spec/config.ts'
import type { Problem } from '../spec/problem.ts'

/** Where containers are kept: `--root`. Default: see state/root.ts. */
export interface RootOptions {
  readonly root?: string | undefined
}

export interface ListOptions extends RootOptions {
  /** Told of each directory that can not be read; the others are listed. Default: it is thrown. */
  readonly onUnreadable?: ((error: Error) => void) | undefined
}

/** How the executor works, whatever it is to do: the flags of the same names. */
export interface VerbOptions extends RootOptions {
  /** Seconds that any one wait may take, 600 by default; 0 for ever. */
  readonly deadline?: number | undefined
  /** File that gets a line of JSON for each step that is done. */
  readonly trace?: string | undefined
}

/** Descriptors of this process; a number N stands for N of them from 3 on. */
export type Descriptors = number | readonly number[]

/** Options of `create` (runtime.md "Create"; peers' flags of the same names). */
export interface CreateOptions extends VerbOptions {
  /** Standard input, output and error of the container; default those of this process. */
  readonly stdio?: Stdio | undefined
  /** Bundle directory; default the working directory. */
  readonly bundle?: string | undefined
  /** Configuration file to use instead of BUNDLE/config.json. */
  readonly config?: string | undefined
  /** Where a rootfs archive is unpacked, instead of the bundle's root.path. */
  readonly rootfsDir?: string | undefined
  /** AF_UNIX socket that receives the pty master. */
  readonly consoleSocket?: string | undefined
  /** File that receives the init's pid, decimal, no newline. */
  readonly pidFile?: string | undefined
  /** AF_UNIX socket that receives a pidfd of the init. */
  readonly pidfdSocket?: string | undefined
  /**
   * Descriptors of socket activation (sd_listen_fds(3)): they are 3, 4 and so on in the container,
   * in front of those of preserveFds, and LISTEN_FDS tells how many.
   */
  readonly listenFds?: Descriptors | undefined
  /** Their names, separated by colons. */
  readonly listenFdNames?: string | undefined
  /**
   * Mount a socket for sd_notify(3) in the container. What it says is forwarded by whoever starts
   * it, to the NOTIFY_SOCKET in the environment of that.
   */
  readonly notify?: boolean | undefined
  /** More descriptors that the container inherits: as 3, 4 and so on, behind those of listenFds. */
  readonly preserveFds?: Descriptors | undefined
  readonly noPivot?: boolean | undefined
  readonly noNewKeyring?: boolean | undefined
  /** Who makes the cgroups; `disabled` leaves the init in the caller's cgroup. */
  readonly cgroupManager?: CgroupManager | undefined
  /** Ends the launch; what was made is taken back. */
  readonly signal?: AbortSignal | undefined
  /** Called for each warning about config.json. */
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

/** Options of `run`. */
export interface RunOptions extends CreateOptions {
  /** Return as soon as the container runs. */
  readonly detach?: boolean | undefined
  /** Keep the state directory after the container has ended. */
  readonly keep?: boolean | undefined
}

/** Options of what reads JSON text. */
export interface ParseOptions {
  /** Called for each property that means nothing, and the like. */
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

export interface UpdateOptions extends VerbOptions {
  /** Lines of resctrl, for a container whose config has linux.intelRdt. */
  readonly intelRdt?: Pick<IntelRdt, 'l3CacheSchema' | 'memBwSchema'> | undefined
  /** Called for each property that has no effect on this host. */
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

export interface KillOptions extends VerbOptions {
  /** Signal every process of the container, not only the init. */
  readonly all?: boolean | undefined
}

export interface RemoveOptions extends VerbOptions {
  /** Kill what runs; succeed when the container does not exist. */
  readonly force?: boolean | undefined
}

/** Options of `exec`: what is left out is as in the container's config. */
export interface ExecOptions extends VerbOptions {
  /** Standard input, output and error of the process; default those of this one. */
  readonly stdio?: Stdio | undefined
  /** The program and its arguments. */
  readonly args?: readonly string[] | undefined
  /** JSON text of a whole process, as in config.json; then only `detach` and the like count. */
  readonly processText?: string | undefined
  readonly terminal?: boolean | undefined
  readonly cwd?: string | undefined
  /** NAME=VALUE, added. */
  readonly env?: readonly string[] | undefined
  /** `UID` or `UID:GID`. */
  readonly user?: string | undefined
  /** Decimal ids, added. */
  readonly additionalGids?: readonly string[] | undefined
  /**
   * Existing cgroups below the container's to run in: `PATH`, or `CONTROLLER[,CONTROLLER]:PATH` on
   * cgroup v1.
   */
  readonly cgroups?: readonly string[] | undefined
  /** CAP_*, added. */
  readonly capabilities?: readonly string[] | undefined
  readonly noNewPrivileges?: boolean | undefined
  readonly apparmorProfile?: string | undefined
  readonly selinuxLabel?: string | undefined
  readonly detach?: boolean | undefined
  readonly ignorePaused?: boolean | undefined
  readonly consoleSocket?: string | undefined
  readonly pidFile?: string | undefined
  /** AF_UNIX socket that receives a pidfd of the process. */
  readonly pidfdSocket?: string | undefined
  /** Descriptors that the process inherits, as 3, 4 and so on. */
  readonly preserveFds?: Descriptors | undefined
  /** Called for each warning about what the process can't have. */
  readonly onWarning?: ((problem: Problem) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What checkpoint and restore are asked of CRIU; the flags of the same names. */
export interface CriuFlags extends VerbOptions {
  /** The program of CRIU; default `criu` in PATH. */
  readonly criu?: string | undefined
  /** Directory of the images; default `checkpoint` in the working directory. */
  readonly imagePath?: string | undefined
  /** Directory of CRIU's log and other files of its work; default that of the images. */
  readonly workPath?: string | undefined
  readonly tcpEstablished?: boolean | undefined
  readonly extUnixSk?: boolean | undefined
  readonly shellJob?: boolean | undefined
  readonly fileLocks?: boolean | undefined
  readonly lazyPages?: boolean | undefined
  readonly autoDedup?: boolean | undefined
  readonly linkRemap?: boolean | undefined
  /** `soft`, `full`, `strict`, `ignore`. */
  readonly manageCgroupsMode?: string | undefined
  /** `iptables`, `nftables`, `skip`. */
  readonly networkLock?: string | undefined
  /** Namespaces whose contents are left out, as `network`. */
  readonly emptyNamespaces?: readonly string[] | undefined
}

export interface CheckpointFlags extends CriuFlags {
  readonly leaveRunning?: boolean | undefined
  /** Memory only; the container goes on. */
  readonly preDump?: boolean | undefined
  /** Images of the last pre-dump, relative to imagePath. */
  readonly parentPath?: string | undefined
  readonly tcpSkipInFlight?: boolean | undefined
  /** ADDRESS:PORT. */
  readonly pageServer?: string | undefined
  /** Descriptor that gets a zero byte once lazy pages are served. */
  readonly statusFd?: number | undefined
}

/** The process is what the images say. */
type NotRestored =
  | 'config'
  | 'rootfsDir'
  | 'noNewKeyring'
  | 'notify'
  | 'pidfdSocket'
  | 'listenFds'
  | 'listenFdNames'
  | 'preserveFds'

export interface RestoreFlags extends CriuFlags, Omit<RunOptions, NotRestored> {
  readonly tcpClose?: boolean | undefined
  /** TYPE:NAME of another LSM profile. */
  readonly lsmProfile?: string | undefined
  readonly lsmMountContext?: string | undefined
}

/** Options of `enter`. */
export interface EnterOptions extends VerbOptions {
  readonly stdio?: Stdio | undefined
  /**
   * Which namespaces; default all that the container does not share with the caller, but for the
   * mount namespace. With that the program is one of the container, as in exec.
   */
  readonly namespaces?: readonly NamespaceType[] | undefined
  readonly signal?: AbortSignal | undefined
}
