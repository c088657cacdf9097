// The flags that create, run and plan share.

import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import type { CreateOptions } from '../runtime/options.ts'
import { describeProblem } from '../spec/parse.ts'
import type { Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd, readListenFds } from './caller.ts'

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
    onWarning: (problem) => args.log.warn(describeWarning(problem, file)),
  }
}

// The log says already that it is a warning.
function describeWarning(problem: Problem, file: string): string {
  return describeProblem(problem, file).replace(': warning: ', ': ')
}

// Refused, not ignored: the container would not be where systemd and the caller look for it.
function readCgroupManager(args: Arguments): 'cgroupfs' | 'disabled' | undefined {
  const how = args.text('cgroup-manager')
  if (how === 'systemd' || args.has('systemd-cgroup')) {
    throw new TsociError('NOT_SUPPORTED', 'systemd cgroups: not supported yet', {
      hint: 'use the cgroupfs driver: podman --cgroup-manager cgroupfs, or leave out --systemd-cgroup',
    })
  }
  return how as 'cgroupfs' | 'disabled' | undefined
}
