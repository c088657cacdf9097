// tsoci unpack: makes a bundle of an image.

import { unpack } from '../runtime/unpack.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd } from './caller.ts'
import { heedInterrupts } from './interrupt.ts'
import { describeWarning } from './warnings.ts'

export async function run(args: Arguments): Promise<number> {
  await unpack(args.text('image')!, args.text('bundle')!, {
    cwd: callerCwd(),
    platform: args.text('platform'),
    config: args.path('config'),
    signal: heedInterrupts(),
    onWarning: (problem) => args.log.warn(describeWarning(problem, 'config.json')),
  })
  return 0
}
