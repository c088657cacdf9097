// tsoci delete: removes what a stopped container left behind.

import { remove } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  await remove(args.text('id')!, { root: args.path('root'), force: args.has('force') })
  return 0
}
