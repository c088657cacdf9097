// What the front door tells about its caller.

import { existsSync } from 'node:fs'
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
export function pathOfCaller(path: string): string {
  const found = isAbsolute(path) ? resolve(path) : resolve(callerCwd(), path)
  // What stands for bytes that are no text; a name may hold the mark itself.
  if (!path.includes('\ufffd') || existsSync(found)) return found
  throw new TsociError('BAD_USAGE', `the path "${path}" is not UTF-8`, {
    hint: 'give it another name, or a link that has one',
  })
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
