// A finding about config.json: where, what, and what was expected.

import { TsociError } from '../errors.ts'

/** One finding. `pointer` is a JSON pointer (RFC 6901); line and column count from 1. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly pointer: string
  readonly line?: number
  readonly column?: number
  readonly message: string
  readonly expected?: string
  readonly hint?: string
  /** The finding is about the property's name, not its value. */
  readonly key?: true
  /** For whoever looks at the file: not told when a container is made of it. */
  readonly quiet?: true
  /** Against the specification, but a warning only, as peers run it: for `validate` an error. */
  readonly tolerated?: true
}

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[]

/** What to say besides the message. */
export type Advice = Partial<Pick<Problem, 'expected' | 'hint' | 'key' | 'quiet' | 'tolerated'>>

/** A finding that refuses the file. */
export function error(path: Path, message: string, advice: Advice = {}): Problem {
  return { severity: 'error', pointer: pointerOf(path), message, ...advice }
}

/** A finding that is only told. */
export function warning(path: Path, message: string, advice: Advice = {}): Problem {
  return { severity: 'warning', pointer: pointerOf(path), message, ...advice }
}

/** The JSON pointer of a path. */
export function pointerOf(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** The keys of a JSON pointer. */
export function keysOf(pointer: string): string[] {
  const keys = pointer.split('/').slice(1)
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A value in quotes, cut when long. */
export function quote(value: unknown): string {
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 76)}..."` : text
}

/** The beginning of a text that may be longer than a line. */
export function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** One line: file, place, severity, pointer, message. */
export function describeProblem(problem: Problem, file: string): string {
  const place = problem.line === undefined ? '' : `:${problem.line}:${problem.column}`
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`
  return `${file}${place}: ${problem.severity}: ${describeFinding(problem)}${hint}`
}

/** Throws one error that lists all findings of severity error; returns when there is none. */
export function refuseProblems(problems: readonly Problem[], file: string): void {
  const errors = problems.filter((problem) => problem.severity === 'error')
  const [first] = errors
  if (first === undefined) return
  if (errors.length === 1) {
    const place = first.line === undefined ? '' : `:${first.line}:${first.column}`
    throw new TsociError('BAD_CONFIG', `${file}${place}: ${describeFinding(first)}`, {
      hint: first.hint,
    })
  }
  const list = errors.map((problem) => {
    const place = problem.line === undefined ? '' : `${problem.line}:${problem.column} `
    const hint = problem.hint === undefined ? '' : ` (${problem.hint})`
    return `${place}${describeFinding(problem)}${hint}`
  })
  throw new TsociError('BAD_CONFIG', `${errors.length} problems in "${file}": ${list.join('; ')}`)
}

function describeFinding(problem: Problem): string {
  const where = problem.pointer === '' ? '' : `${problem.pointer}: `
  const expected = problem.expected === undefined ? '' : `, expected ${problem.expected}`
  return `${where}${problem.message}${expected}`
}
