// Opens the log that the global flags ask for.

import { resolve } from 'node:path'
import { Log } from '../log.ts'
import { callerCwd } from './caller.ts'

/**
 * The log of a command line, from words as `--log=FILE`. It needs no more than these: callers read
 * in it of a wrong line, too.
 */
export function openLog(words: readonly string[]): Log {
  const find = (name: string) =>
    words.findLast((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
  const file = find('log')
  const level = find('log-level')
  return new Log({
    file: file === undefined || file === '' ? undefined : resolve(callerCwd(), file),
    format: find('log-format') === 'json' ? 'json' : 'text',
    debug: find('debug') === 'true' || level === 'debug',
    errorsOnly: level === 'error',
  })
}
