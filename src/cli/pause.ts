// tsoci pause: stops every process of a container where it is.

import { pause } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  await pause(args.text('id')!, { root: args.path('root') })
  return 0
}
