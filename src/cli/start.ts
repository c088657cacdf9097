// tsoci start: runs the program of a created container.

import { start } from '../runtime/verbs.ts'
import type { Arguments } from './arguments.ts'
import { readVerbOptions } from './verb-options.ts'

export async function run(args: Arguments): Promise<number> {
  await start(args.text('id')!, readVerbOptions(args))
  return 0
}
