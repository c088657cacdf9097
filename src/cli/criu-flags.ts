// The flags that checkpoint and restore share.

import type { CriuFlags } from '../runtime/options.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd } from './caller.ts'

/** Reads them. */
export function readCriuFlags(args: Arguments): CriuFlags {
  return {
    root: args.path('root'),
    criu: args.path('criu'),
    imagePath: args.path('image-path') ?? `${callerCwd()}/checkpoint`,
    workPath: args.path('work-path'),
    tcpEstablished: args.has('tcp-established'),
    extUnixSk: args.has('ext-unix-sk'),
    shellJob: args.has('shell-job'),
    fileLocks: args.has('file-locks'),
    lazyPages: args.has('lazy-pages'),
    autoDedup: args.has('auto-dedup'),
    linkRemap: args.has('link-remap'),
    manageCgroupsMode: args.text('manage-cgroups-mode'),
    networkLock: args.text('network-lock'),
    emptyNamespaces: args.texts('empty-ns'),
  }
}
