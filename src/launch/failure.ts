// What the executor reports when it could not do something: numbers. explain.ts finds the words.

/** Kinds of failure, in wire order. */
export const ERROR_KINDS = [
  'none',
  'step', // a step failed: section, index, errno, call
  'hook', // a hook failed: wait status, output
  'init-died', // the child ended without a report
  'not-found', // no such container
  'exists', // the id is in use
  'bad-state', // the state directory is damaged, or of another version
  'not-running',
  'already-started',
  'still-running',
  'creating',
  'already-paused',
  'paused',
  'not-paused',
  'bad-plan', // the bytes are no plan
] as const

export type FailureKind = (typeof ERROR_KINDS)[number]

/** One failure record, as native/launch.h lays it out. */
export interface Failure {
  readonly kind: FailureKind
  /** Section of the plan; for a refused verb the verb. */
  readonly section: number
  /** Step in the section; for a refused verb the status. */
  readonly index: number
  readonly errno: number
  /** Wait status of a hook. */
  readonly status: number
  /** The system call, in the manual's spelling. */
  readonly call: string
  /** Path, output of a hook, or the kernel's own words. */
  readonly detail: string
}

const MAGIC = 0x4c494146 // "FAIL" in memory
const CALL_AT = 32
const CALL_SIZE = 32
const DETAIL_AT = CALL_AT + CALL_SIZE
const DETAIL_SIZE = 4032

/** Bytes of a record. */
export const FAILURE_SIZE = DETAIL_AT + DETAIL_SIZE

/** Reads a record. Throws RangeError when it is none. */
export function parseFailure(bytes: Buffer): Failure {
  if (bytes.length !== FAILURE_SIZE || bytes.readUInt32LE(0) !== MAGIC) {
    throw new RangeError('not a failure record')
  }
  const text = (at: number, size: number) => {
    const end = bytes.indexOf(0, at)
    return bytes.toString('utf8', at, end < 0 || end > at + size ? at + size : end)
  }
  const length = Math.min(bytes.readUInt32LE(24), DETAIL_SIZE)
  return {
    kind: ERROR_KINDS[bytes.readUInt32LE(4)] ?? 'bad-plan',
    section: bytes.readUInt32LE(8),
    index: bytes.readUInt32LE(12),
    errno: bytes.readInt32LE(16),
    status: bytes.readInt32LE(20),
    call: text(CALL_AT, CALL_SIZE),
    detail: bytes.toString('utf8', DETAIL_AT, DETAIL_AT + length).trim(),
  }
}
