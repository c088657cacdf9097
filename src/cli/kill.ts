// tsoci kill: sends a signal to a container.

import { parseSignal } from '../linux/signals.ts'
import { kill } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  const signal = parseSignal(args.text('signal') ?? 'TERM')
  await kill(args.text('id')!, signal, { root: args.path('root'), all: args.has('all') })
  return 0
}
