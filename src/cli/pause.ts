// tsoci pause: stops every process of a container where it is.

import { pause } from '../runtime/verbs.ts'
import type { Arguments } from './arguments.ts'
import { readVerbOptions } from './verb-options.ts'

export async function run(args: Arguments): Promise<number> {
  await pause(args.text('id')!, readVerbOptions(args))
  return 0
}
