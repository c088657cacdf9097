// The one error type of tsoci, and its stable codes.

/** Stable codes. Code branches on these, never on message text. */
export type ErrorCode =
  | 'BAD_USAGE' // a flag or argument makes no sense
  | 'BAD_CONFIG' // config.json is not valid, or contradicts itself
  | 'BAD_BUNDLE' // the bundle's directory, rootfs or archive is not usable
  | 'NOT_SUPPORTED' // the specification names it, this host or this version can't do it
  | 'NOT_FOUND' // container does not exist
  | 'EXISTS' // the container id is in use
  | 'NOT_RUNNING' // container not running
  | 'WRONG_STATUS' // the verb is not allowed in the container's status
  | 'BAD_STATE' // the state directory is damaged, or not ours
  | 'LAUNCH_FAILED' // a step of the plan failed
  | 'ABORTED' // the caller's AbortSignal fired

/**
 * An error for the user: one line, with what to change in `hint`. `at` is the JSON pointer of the
 * property of config.json that it is about: it ends the line.
 */
export class TsociError extends Error {
  override readonly name = 'TsociError'
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly at: string | undefined
  /** All of standard error where no person reads it: callers compare this line as a whole. */
  readonly bare: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: Partial<Pick<TsociError, 'hint' | 'at' | 'bare' | 'cause'>> = {},
  ) {
    const place = more.at === undefined ? '' : ` [${more.at}]`
    super(`${message}${place}`, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    this.hint = more.hint
    this.at = more.at
    this.bare = more.bare
  }
}
