// tsoci checkpoint: saves a running container to images.

import { checkpoint } from '../runtime/checkpoint.ts'
import type { Arguments } from './arguments.ts'
import { readCriuFlags } from './criu-flags.ts'

export async function run(args: Arguments): Promise<number> {
  await checkpoint(args.text('id')!, {
    ...readCriuFlags(args),
    parentPath: args.text('parent-path'),
    leaveRunning: args.has('leave-running'),
    preDump: args.has('pre-dump'),
    tcpSkipInFlight: args.has('tcp-skip-in-flight'),
    pageServer: args.text('page-server'),
    statusFd: args.number('status-fd'),
  })
  return 0
}
