// tsoci state: prints the state of a container.

import { state } from '../runtime/list.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const found = await state(args.text('id')!, { root: args.path('root') })
  print(`${JSON.stringify(found, null, 2)}\n`)
  return 0
}
