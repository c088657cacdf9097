// tsoci resume: lets a paused container go on.

import { resume } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  await resume(args.text('id')!, { root: args.path('root') })
  return 0
}
