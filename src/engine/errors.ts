// Errors of system calls, as Node has them.

import { SYSTEM_ERRORS } from './system-errors.ts'

/** The error of a call that returned a negative errno. */
export function systemError(errno: number, call: string, path?: string): Error {
  const [code, words] = SYSTEM_ERRORS.get(errno) ?? [`errno ${-errno}`, 'unknown error']
  const place = path === undefined ? '' : ` '${path}'`
  const error = new Error(`${code}: ${words}, ${call}${place}`)
  return Object.assign(error, {
    errno,
    code,
    syscall: call,
    ...(path === undefined ? {} : { path }),
  })
}

/** The result of a call, if it is none. */
export function checked(result: number, call: string, path?: string): number {
  if (result < 0) throw systemError(result, call, path)
  return result
}
