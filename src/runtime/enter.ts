// A program of the host in namespaces of a container, to look into it with tools that it lacks.

import { readlinkSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { launchPlan } from '../launch/sink.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import { compileEnter } from '../plan/enter.ts'
import type { Config, NamespaceType } from '../spec/config.ts'
import { deriveStatus, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { exec } from './exec.ts'
import { howToRun } from './executor-options.ts'
import type { EnterOptions } from './options.ts'
import { readStoredConfig } from './stored-config.ts'

/** What a program of the host needs of the environment; the rest may be secret. */
const KEPT = /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|COLORTERM|LANG|LANGUAGE|LC_[A-Z]+|TZ)$/

/**
 * Runs a program and resolves with its exit status (128 + n for signal n). Without the mount namespace
 * it is one of the host, not confined, and not in the container's cgroups. With that it is one of the
 * container: that is exec. Throws TsociError: NOT_FOUND, NOT_RUNNING, NOT_SUPPORTED, LAUNCH_FAILED.
 */
export async function enter(
  id: string,
  args: readonly string[],
  options: EnterOptions = {},
): Promise<number> {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined || status === 'creating' || status === 'stopped') {
    throw new TsociError('NOT_RUNNING', `cannot enter a ${status} container: "${id}"`)
  }
  if (args.length === 0) {
    throw new TsociError('BAD_USAGE', 'enter: no command', {
      hint: 'tsoci enter ID [--net --pid ...] -- COMMAND',
    })
  }
  const own = listOwn(stored.pid)
  const named = options.namespaces ?? []
  if (named.includes('mount')) return await exec(id, { ...options, args })
  const namespaces = named.length > 0 ? named : own.filter((type) => type !== 'mount')
  refuseTracers(readStoredConfig(root, id), own, namespaces)
  const env = Object.entries(process.env).filter(([name]) => KEPT.test(name))
  const words = env.map(([name, value]) => `${name}=${value}`)
  return await launchPlan(
    compileEnter({ init: stored, namespaces, args, env: words }),
    { id, root },
    howToRun(options),
  )
}

/** Whoever traces the program has what it has: the mounts of the host, and its user's credentials. */
function refuseTracers(
  config: Config,
  own: readonly NamespaceType[],
  entered: readonly NamespaceType[],
): void {
  const { bounding = [], permitted = [] } = config.process?.capabilities ?? {}
  if (![...bounding, ...permitted].includes('CAP_SYS_PTRACE')) return
  const isSeen = entered.includes('pid') || !own.includes('pid')
  const isTraced = entered.includes('user') || !own.includes('user')
  // Without namespaces for both it can trace all processes of the host anyway.
  if (!isSeen || !isTraced || !(own.includes('pid') || own.includes('user'))) return
  throw new TsociError(
    'NOT_SUPPORTED',
    'cannot enter: the container may trace the program (CAP_SYS_PTRACE), and so have it do anything',
    { hint: 'leave out the namespaces pid and user: name others, --net for example. Or use exec' },
  )
}

/** What the container does not share with us. */
function listOwn(pid: number): NamespaceType[] {
  const types = Object.keys(NAMESPACE_FILES) as NamespaceType[]
  return types.filter((type) => {
    const file = NAMESPACE_FILES[type]
    try {
      return readlinkSync(`/proc/${pid}/ns/${file}`) !== readlinkSync(`/proc/self/ns/${file}`)
    } catch {
      return false // a kernel without it
    }
  })
}
