// Opens the log that the global flags ask for.

import { TsociError } from '../errors.ts'
import { Log } from '../log.ts'
import { pathOfCaller } from './caller.ts'
import type { GivenFlag } from './words.ts'

/**
 * The log of a command line. It needs no more than the flags read so far: callers learn from it
 * of a wrong line, too.
 */
export function openLog(flags: readonly GivenFlag[]): Log {
  const given = new Map(flags.map(({ flag, value }) => [flag.name, value])) // the last one counts
  const file = readPath(given.get('log') ?? '')
  const level = given.get('log-level')
  return new Log({
    file: file === '' ? undefined : pathOfCaller(file),
    format: given.get('log-format') === 'json' ? 'json' : 'text',
    debug: given.get('debug') === 'true' || level === 'debug',
    errorsOnly: level === 'error',
  })
}

/** crun takes a kind of log in front of the path; callers of ours read a file. */
function readPath(log: string): string {
  const [, kind, path = ''] = /^(file|journald|syslog):(.*)$/s.exec(log) ?? []
  if (kind === undefined) return log
  if (kind === 'file') return path
  throw new TsociError('BAD_USAGE', `cannot log to ${JSON.stringify(log)}: no log but a file`, {
    hint: 'give --log FILE',
  })
}
