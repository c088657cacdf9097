// tsoci kill: sends a signal to a container.

import { parseSignal } from '../linux/signals.ts'
import { kill } from '../runtime/verbs.ts'
import type { Arguments } from './arguments.ts'
import { forEachMatch } from './matching.ts'
import { readVerbOptions } from './verb-options.ts'

export async function run(args: Arguments): Promise<number> {
  const word = args.text('signal')
  const signal = word === undefined ? undefined : parseSignal(word)
  const options = { ...readVerbOptions(args), all: args.has('all') }
  await forEachMatch(args, (id) => kill(id, signal, options))
  return 0
}
