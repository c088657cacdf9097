// tsoci validate: reports every problem of a bundle.

import { inspectBundle } from '../bundle/inspect.ts'
import type { Arguments } from './arguments.ts'
import { isBundleNamed, readBundleDir } from './bundle-dir.ts'
import { reportProblems } from './problems.ts'

export async function run(args: Arguments): Promise<number> {
  const config = args.path('config')
  const bundle = readBundleDir(args)
  // A configuration that is named alone belongs to no bundle.
  const isAlone = config !== undefined && !isBundleNamed(args)
  const configOnly = isAlone || args.has('config-only')
  return await reportProblems(args, config ?? `${bundle}/config.json`, async () => {
    const { problems } = await inspectBundle(bundle, { config, configOnly, strict: true })
    return problems
  })
}
