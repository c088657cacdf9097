// tsoci restore: makes a container of the images of a checkpoint.

import { restore } from '../runtime/restore.ts'
import type { Arguments } from './arguments.ts'
import { readCreateOptions } from './create-options.ts'
import { readCriuFlags } from './criu-flags.ts'

export async function run(args: Arguments): Promise<number> {
  return await restore(args.text('id')!, {
    ...readCreateOptions(args),
    ...readCriuFlags(args),
    detach: args.has('detach'),
    keep: args.has('keep'),
    tcpClose: args.has('tcp-close'),
    lsmProfile: args.text('lsm-profile'),
    lsmMountContext: args.text('lsm-mount-context'),
  })
}
