// The flags of every verb that count where the front door has left it to us.

import type { VerbOptions } from '../runtime/options.ts'
import type { Arguments } from './arguments.ts'

/** Reads them. */
export function readVerbOptions(args: Arguments): VerbOptions {
  const root = args.path('root')
  return { root, deadline: args.number('deadline'), trace: args.path('trace') }
}
