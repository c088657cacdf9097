// tsoci create: makes a container whose program waits for start.

import { create } from '../runtime/create.ts'
import type { Arguments } from './arguments.ts'
import { readCreateOptions } from './create-options.ts'

export async function run(args: Arguments): Promise<number> {
  await create(args.text('id')!, readCreateOptions(args))
  return 0
}
