// tsoci delete: removes what a stopped container left behind.

import { remove } from '../runtime/verbs.ts'
import type { Arguments } from './arguments.ts'
import { forEachMatch } from './matching.ts'
import { readVerbOptions } from './verb-options.ts'

export async function run(args: Arguments): Promise<number> {
  const options = { ...readVerbOptions(args), force: args.has('force') }
  await forEachMatch(args, (id) => remove(id, options))
  return 0
}
