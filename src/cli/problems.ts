// Prints what was found in a config.json, for people or for programs.

import { TsociError } from '../errors.ts'
import { describeProblem } from '../spec/parse.ts'
import { error, type Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

/** Prints all that is found, and gives the exit code: 1 when one of them is an error. */
export async function reportProblems(
  args: Arguments,
  file: string,
  find: () => Promise<readonly Problem[]>,
): Promise<number> {
  const problems = await find().catch((cause) => asFinding(args, cause))
  const isValid = problems.every((problem) => problem.severity !== 'error')
  if (args.has('json')) {
    print(`${JSON.stringify({ file, valid: isValid, problems }, null, 2)}\n`)
  } else {
    for (const problem of problems) print(`${describeProblem(problem, file)}\n`)
    print(`${file}: ${describeCounts(problems)}\n`)
  }
  return isValid ? 0 : 1
}

// A program that reads JSON gets it whatever happens.
function asFinding(args: Arguments, cause: unknown): Problem[] {
  if (!args.has('json')) throw cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const hint = cause instanceof TsociError ? cause.hint : undefined
  return [error([], message, hint === undefined ? {} : { hint })]
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
