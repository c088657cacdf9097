// tsoci validate: reports every problem of a bundle's config.json.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeFault, errnoOf } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import { describeProblem, parseConfig } from '../spec/parse.ts'
import type { Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'
import { readBundleDir } from './bundle-dir.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const file = args.path('config') ?? join(readBundleDir(args), 'config.json')
  const { problems } = parseConfig(readConfig(file), file)
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

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const hint = 'name the bundle, or write a config.json with tsoci spec'
    throw new TsociError('BAD_BUNDLE', `read "${file}": ${describeFault(cause)}`, {
      hint: errnoOf(cause) === 'ENOENT' ? hint : undefined,
      cause,
    })
  }
}
