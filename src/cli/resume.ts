// tsoci resume: lets a paused container go on.

import { resume } from '../runtime/verbs.ts'
import type { Arguments } from './arguments.ts'
import { readVerbOptions } from './verb-options.ts'

export async function run(args: Arguments): Promise<number> {
  await resume(args.text('id')!, readVerbOptions(args))
  return 0
}
