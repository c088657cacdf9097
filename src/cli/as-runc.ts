// tsoci under the name of runc: the words of runc that its callers match.

import { TsociError } from '../errors.ts'
import type { Failure } from '../launch/failure.ts'
import { SECTIONS } from '../plan/plan.ts'

/** Were we called by that name? The front door has looked. */
export const isRunc = () => process.env.TSOCI_AS === 'runc'

/** The name that help and usage lines show: what the caller has to type again. */
export const ownName = () => (isRunc() ? 'runc' : 'tsoci')

/** The runc whose command line ours is held against. */
export const RUNC_VERSION = '1.4.0'

/** An error of a verb, as runc begins it. */
export function describeRuncError(verb: string | undefined, error: unknown): TsociError {
  const message = error instanceof Error ? error.message : String(error)
  const own = error instanceof TsociError ? error : undefined
  return new TsociError(
    own?.code ?? 'LAUNCH_FAILED',
    `runc ${verb === undefined ? '' : `${verb} `}failed: ${message}`,
    {
      hint: own?.hint?.replaceAll('tsoci ', 'runc '),
      bare: own?.bare,
      cause: error,
    },
  )
}

/** The error of a process that could not be started, and where: runc tells that first. */
export function describeRuncStart(failure: Failure, error: TsociError): TsociError {
  const section = SECTIONS[failure.section] ?? ''
  const inside = /(child|launch)$/.test(section) ? 'error during container init: ' : ''
  const mounting = / \[\/mounts\/\d+\]$/.test(error.message) ? 'error mounting: ' : ''
  const message = `unable to start container process: ${inside}${mounting}${error.message}`
  return new TsociError(error.code, message, { hint: error.hint, bare: error.bare, cause: error })
}
