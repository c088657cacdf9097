// A program of the host in namespaces of a container, to look into it with tools that it lacks.

import { readlinkSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { launchPlan } from '../launch/sink.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import { compileEnter } from '../plan/enter.ts'
import type { NamespaceType } from '../spec/config.ts'
import { deriveStatus, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { howToRun } from './executor-options.ts'
import type { EnterOptions } from './options.ts'

/**
 * Runs a program and resolves with its exit status (128 + n for signal n). It is not confined, and
 * not in the container's cgroups. Throws TsociError: NOT_FOUND, NOT_RUNNING, LAUNCH_FAILED.
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
  const namespaces = options.namespaces?.length ? options.namespaces : listOwn(stored.pid)
  return await launchPlan(
    compileEnter({ init: stored, namespaces, args }),
    { id, root },
    howToRun(options),
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
