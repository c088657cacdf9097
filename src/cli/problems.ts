// Prints what was found in a config.json, for people or for programs.

import { describeProblem } from '../spec/parse.ts'
import type { Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

/** Prints all, and gives the exit code: 1 when one of them is an error. */
export function reportProblems(
  args: Arguments,
  file: string,
  problems: readonly Problem[],
): number {
  const isValid = problems.every((problem) => problem.severity !== 'error')
  if (args.has('json')) {
    print(`${JSON.stringify({ file, valid: isValid, problems }, null, 2)}\n`)
  } else {
    for (const problem of problems) print(`${describeProblem(problem, file)}\n`)
    print(`${file}: ${describeCounts(problems)}\n`)
  }
  return isValid ? 0 : 1
}

function describeCounts(problems: readonly Problem[]): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  if (problems.length === 0) return 'no problems'
  return `${count(errors, 'error')}, ${count(warnings, 'warning')}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
