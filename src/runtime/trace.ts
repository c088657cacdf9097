// Reads what --trace has written: which step was done when, and how long it took.

import { readFileSync } from 'node:fs'
import { TsociError } from '../errors.ts'

/** One step, or the work of the engine. Times in microseconds. */
export interface Span {
  /** Since 1970. */
  readonly start: number
  readonly us: number
  /** Section of the plan, or `engine`. */
  readonly section: string
  readonly index: number
  readonly step: string
  /** JSON pointer of the property that asked for it. */
  readonly at?: string
  /** Name of the errno, for a step that failed. */
  readonly error?: string
}

/** The steps in a file of --trace, in the order of their start. Throws TsociError BAD_USAGE. */
export function readTrace(file: string): Span[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TsociError('BAD_USAGE', `cannot read the trace "${file}" (${code})`, { cause })
  }
  const spans = text
    .split('\n')
    .flatMap((line, i) => (line === '' ? [] : [parseSpan(line, file, i)]))
  return spans.sort((a, b) => a.start - b.start)
}

function parseSpan(line: string, file: string, index: number): Span {
  try {
    const span = JSON.parse(line) as Span
    if (Number.isFinite(span.start) && Number.isFinite(span.us) && typeof span.step === 'string') {
      return span
    }
  } catch {
    // Told below.
  }
  throw new TsociError('BAD_USAGE', `"${file}" line ${index + 1} is no line of a trace`, {
    hint: 'a trace is written by: tsoci --trace FILE run ...',
  })
}
