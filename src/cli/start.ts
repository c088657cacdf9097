// tsoci start: runs the program of a created container.

import { start } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  await start(args.text('id')!, { root: args.path('root') })
  return 0
}
