// Reads the text of a config.json: everything that is wrong with it, at once.

import type { Config } from './config.ts'
import { asConfig, checkShape, exactRange, valueAt } from './findings.ts'
import {
  findDuplicates,
  findLargeIntegers,
  findSyntaxError,
  type LargeInteger,
  placed,
  placeProblems,
  readTree,
} from './positions.ts'
import { error, keysOf, type Path, type Problem, warning } from './problem.ts'
import { checkRules } from './rules.ts'
import { MAX_DEPTH, MAX_LENGTH, surveyText } from './survey.ts'

export { describeProblem, refuseProblems } from './problem.ts'

/** More findings than this help nobody. */
const MAX_PROBLEMS = 200

/** A file that was read. */
export interface Parsed {
  readonly file: string
  /** Only to be used when no problem is an error. */
  readonly config: Config
  readonly problems: readonly Problem[]
}

export interface ParseOptions {
  /** As `validate` has it: what is tolerated is an error, and a null is told. */
  readonly strict?: boolean
}

/** Reads config.json. Never throws for what is in the text: see refuseProblems. */
export function parseConfig(text: string, file: string, { strict }: ParseOptions = {}): Parsed {
  const refuse = (problem: Problem): Parsed => ({ file, config: EMPTY, problems: [problem] })
  if (text.length > MAX_LENGTH) {
    return refuse(
      error([], `the file is larger than ${MAX_LENGTH / 1024 / 1024} MiB`, {
        hint: 'name a config.json: --config FILE',
      }),
    )
  }
  const survey = surveyText(text)
  if (survey.tooDeep !== undefined) {
    const message = `nested deeper than ${MAX_DEPTH} levels`
    return refuse(placed(error([], message), text, survey.tooDeep))
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(findSyntaxError(text))
  }
  const problems: Problem[] = strict === true ? findNulls(value, []) : []
  if (dropNulls(value) !== survey.members) problems.push(...findDuplicates(readTree(text)))
  const longNumbers = survey.longNumbers ? findLargeIntegers(readTree(text), text) : []
  const shape = checkShape(value, longNumbers)
  problems.push(...shape.problems)
  problems.push(...keepExact(value, longNumbers, shape.broken))
  if (text.includes('\\u0000')) problems.push(...findNul(value, []))
  const config = asConfig(value)
  problems.push(...checkRules(config, shape.broken))
  if (problems.length === 0) return { file, config, problems }
  const told = problems.map((problem) => settle(problem, strict === true))
  return { file, config, problems: placeProblems(atMost(told), text) }
}

/**
 * Reads a part of a config.json that stands alone, such as linux.resources: `before` and `after`, in
 * one line each, make it whole. Findings have the place in the part.
 */
export function parsePart(text: string, file: string, before: string, after: string): Parsed {
  const head = `{"ociVersion":"1.3.0","root":{"path":"/"},${before}`
  const { config, problems } = parseConfig(`${head}${text}${after}}`, file)
  const place = (problem: Problem): Problem => {
    const { line, column } = problem
    if (line !== 1 || column === undefined || column <= head.length) return problem
    return { ...problem, column: column - head.length }
  }
  return { file, config, problems: problems.map(place) }
}

const EMPTY: Config = { ociVersion: '', root: { path: '' } }

function settle({ tolerated, ...problem }: Problem, strict: boolean): Problem {
  return tolerated && strict ? { ...problem, severity: 'error' } : problem
}

// In a list a null has the wrong type, and is told as such.
function findNulls(value: unknown, path: Path): Problem[] {
  if (typeof value !== 'object' || value === null) return []
  const isList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = [...path, isList ? Number(key) : key]
    if (inner !== null || isList) return findNulls(inner, at)
    return [warning(at, 'null is read as if the property were missing')]
  })
}

// Go writes null for what is unset. Returns how many properties the value has.
function dropNulls(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let members = 0
  if (Array.isArray(value)) {
    for (const entry of value) members += dropNulls(entry)
    return members
  }
  const object = value as { [key: string]: unknown }
  for (const key of Object.keys(object)) {
    members++
    const inner = object[key]
    if (inner === null) delete object[key]
    else members += dropNulls(inner)
  }
  return members
}

// JSON.parse rounds above 2^53; puts bigints where the exact number matters.
function keepExact(
  value: unknown,
  found: readonly LargeInteger[],
  broken: readonly string[],
): Problem[] {
  const problems: Problem[] = []
  for (const { pointer, digits } of found) {
    if (broken.includes(pointer)) continue
    const path = keysOf(pointer)
    const range = exactRange(pointer)
    const key = path.at(-1)
    const parent = valueAt(value, path.slice(0, -1))
    // Of duplicate properties only the last is in the value.
    if (range === undefined || key === undefined || typeof parent !== 'object') continue
    if (valueAt(parent, [key]) !== Number(digits)) continue
    const exact = BigInt(digits)
    ;(parent as { [key: string]: unknown })[key] = exact
    // The schema compared the rounded number.
    if (exact < range.least) {
      problems.push(error(path, `found ${digits}`, { expected: `at least ${range.least}` }))
    } else if (exact > range.most) {
      problems.push(error(path, `found ${digits}`, { expected: `at most ${range.most}` }))
    }
  }
  return problems
}

// The kernel's texts end at the first NUL: what follows would silently be lost.
function findNul(value: unknown, path: string[]): Problem[] {
  if (typeof value === 'string' && value.includes('\0')) {
    return [error(path, 'the text has a NUL character', { expected: 'text without NUL' })]
  }
  if (typeof value !== 'object' || value === null || path[0] === 'annotations') return []
  return Object.entries(value).flatMap(([key, inner]) => findNul(inner, [...path, key]))
}

function atMost(problems: Problem[]): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems
  // Errors first, so that none is hidden behind warnings.
  const isError = (problem: Problem): boolean => problem.severity === 'error'
  const errors = problems.filter(isError)
  const kept = [...errors, ...problems.filter((problem) => !isError(problem))]
  const more = problems.length - MAX_PROBLEMS
  return [...kept.slice(0, MAX_PROBLEMS), warning([], `${more} more problems are not listed`)]
}
