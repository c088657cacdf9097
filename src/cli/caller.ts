// What the front door tells about its caller.

import { isAbsolute, resolve } from 'node:path'
import { TsociError } from '../errors.ts'

/** The caller's working directory: the front door starts us in `/`. Throws when it was removed. */
export function callerCwd(): string {
  const cwd = process.env.TSOCI_CWD ?? process.cwd()
  if (cwd !== '') return cwd
  throw new TsociError('BAD_USAGE', 'the working directory does not exist any more (ENOENT)', {
    hint: 'change to one that does, or name each directory and file by its whole path',
  })
}

/** The absolute path of what the caller has named. */
export const pathOfCaller = (path: string) =>
  isAbsolute(path) ? resolve(path) : resolve(callerCwd(), path)

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
