// tsoci kill: sends a signal to a container.

import { parseSignal } from '../linux/signals.ts'
import { kill } from '../runtime/index.ts'
import type { Arguments } from './arguments.ts'
import { forEachMatch } from './matching.ts'

export async function run(args: Arguments): Promise<number> {
  const signal = parseSignal(args.text('signal') ?? 'TERM')
  const options = { root: args.path('root'), all: args.has('all') }
  await forEachMatch(args, (id) => kill(id, signal, options))
  return 0
}
