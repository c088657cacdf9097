// tsoci validate: reports every problem of a bundle's config.json.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeFault, errnoOf } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import { parseConfig } from '../spec/parse.ts'
import type { Arguments } from './arguments.ts'
import { readBundleDir } from './bundle-dir.ts'
import { reportProblems } from './problems.ts'

export async function run(args: Arguments): Promise<number> {
  const file = args.path('config') ?? join(readBundleDir(args), 'config.json')
  const { problems } = parseConfig(readConfig(file), file)
  return reportProblems(args, file, problems)
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
