// What is wrong with a file and refuses nothing, as the log tells it.

import { describeProblem, type Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'

/** One line. The log says already that it is a warning. */
export function describeWarning(problem: Problem, file: string): string {
  return describeProblem(problem, file).replace(': warning: ', ': ')
}

/** Warns of flags that are given and do not count, as a file says it all. */
export function warnOfFlags(args: Arguments, file: string, names: readonly string[]): void {
  const given = names.filter((name) => args.has(name) || args.texts(name).some((it) => it !== ''))
  if (given.length === 0) return
  args.log.warn(`${given.map((name) => `--${name}`).join(', ')}: ignored, as ${file} says it all`)
}
