// A finding about config.json: where, what, and what was expected.

/** One finding. `pointer` is a JSON pointer (RFC 6901); line and column count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly pointer: string
  readonly line?: number
  readonly column?: number
  readonly message: string
  readonly hint?: string
}
