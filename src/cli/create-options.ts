// The flags that create, run and plan share.

import { join } from 'node:path'
import { findArchive } from '../bundle/bundle.ts'
import type { CgroupManager } from '../plan/options.ts'
import type { CreateOptions } from '../runtime/options.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd, readListenFds } from './caller.ts'
import { heedInterrupts } from './interrupt.ts'
import { describeWarning } from './warnings.ts'

/** Options of `create` from its flags, for the bundle of --bundle or for another. */
export function readCreateOptions(
  args: Arguments,
  bundle = args.path('bundle') ?? callerCwd(),
): CreateOptions {
  const config = args.path('config')
  const file = config ?? join(bundle, 'config.json')
  return {
    root: args.path('root'),
    bundle,
    config,
    rootfsDir: args.path('rootfs-dir'),
    consoleSocket: args.path('console-socket'),
    pidFile: args.path('pid-file'),
    pidfdSocket: args.path('pidfd-socket'),
    ...readListenFds(),
    notify: (process.env.NOTIFY_SOCKET ?? '') !== '',
    preserveFds: args.number('preserve-fds'),
    noPivot: args.has('no-pivot'),
    noNewKeyring: args.has('no-new-keyring'),
    cgroupManager: readCgroupManager(args),
    // Nothing else takes long before the executor takes over.
    signal: findArchive(bundle) === undefined ? undefined : heedInterrupts(),
    onWarning: (problem) => args.log.warn(describeWarning(problem, file)),
  }
}

// Engines say --systemd-cgroup for systemd and nothing for cgroupfs; podman can ask for neither.
function readCgroupManager(args: Arguments): CgroupManager | undefined {
  const how = args.text('cgroup-manager') as CgroupManager | undefined
  return how ?? (args.has('systemd-cgroup') ? 'systemd' : undefined)
}
