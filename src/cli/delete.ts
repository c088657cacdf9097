// tsoci delete: removes what a stopped container left behind.

import { remove } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'
import { forEachMatch } from './matching.ts'

export async function run(args: Arguments): Promise<number> {
  const options = { root: args.path('root'), force: args.has('force') }
  await forEachMatch(args, (id) => remove(id, options))
  return 0
}
