// What the front door tells about its caller.

/** The caller's working directory: the front door starts us in `/`. */
export function callerCwd(): string {
  return process.env.TSOCI_CWD ?? process.cwd()
}

/**
 * Descriptors that systemd, or whoever acts like it, hands to this very process (sd_listen_fds(3)):
 * the front door, whose child we are.
 */
export function readListenFds(): { listenFds?: number; listenFdNames?: string } {
  const { LISTEN_FDS: count = '', LISTEN_PID: pid, LISTEN_FDNAMES: names } = process.env
  const front = process.env.TSOCI_PLAN_FD === undefined ? process.pid : process.ppid
  if (pid !== String(front) || !/^[1-9]\d{0,3}$/.test(count)) return {}
  return { listenFds: Number(count), ...(names === undefined ? {} : { listenFdNames: names }) }
}
