// tsoci check: lists everything in a bundle that this host can't do.

import { check } from '../runtime/check.ts'
import type { Arguments } from './arguments.ts'
import { readBundleDir } from './bundle-dir.ts'
import { reportProblems } from './problems.ts'

/** Exit code 1: create would fail. */
export async function run(args: Arguments): Promise<number> {
  const bundle = readBundleDir(args)
  const config = args.path('config')
  return await reportProblems(args, config ?? `${bundle}/config.json`, () => {
    return check({ bundle, config })
  })
}
