// Mounts of a running container: more of them, or less.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { launchPlan } from '../launch/sink.ts'
import { type ChangeInput, compileAddMount, compileRemoveMounts } from '../plan/change-mounts.ts'
import type { Binding } from '../plan/plan.ts'
import type { Mount } from '../spec/config.ts'
import { parseConfig, parsePart, refuseProblems } from '../spec/parse.ts'
import { deriveStatus, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { howToRun } from './executor-options.ts'
import type { VerbOptions } from './options.ts'

interface Change {
  readonly input: ChangeInput
  readonly binding: Binding
}

/**
 * Mounts more in a running container, in the order of the list: all of them, or none. A relative
 * source is taken from the container's bundle. Throws TsociError.
 */
export async function addMounts(
  id: string,
  mounts: readonly Mount[],
  options: VerbOptions = {},
): Promise<void> {
  const { input, binding } = openContainer(id, options)
  const plans = mounts.map((mount, i) => compileAddMount(input, mount, i))
  for (const [i, plan] of plans.entries()) {
    try {
      await launchPlan(plan, binding, howToRun(options))
    } catch (error) {
      const done = mounts.slice(0, i)
      if (done.length > 0) {
        await launchPlan(compileRemoveMounts(input, done), binding, howToRun(options))
      }
      throw error
    }
  }
}

/** Unmounts what stands on the destinations in a running container. Throws TsociError. */
export async function removeMounts(
  id: string,
  mounts: readonly Mount[],
  options: VerbOptions = {},
): Promise<void> {
  if (mounts.length === 0) return
  const { input, binding } = openContainer(id, options)
  await launchPlan(compileRemoveMounts(input, mounts), binding, howToRun(options))
}

/** Reads mounts from JSON text: a list, or an object that has one at `mounts`. */
export function parseMounts(text: string): Mount[] {
  const list = /^\s*\{/.test(text) ? findMounts(text) : text
  const whole = '"linux":{"namespaces":[{"type":"user"}]},"mounts":'
  const { config, problems } = parsePart(list, 'mounts', whole, '')
  // Whether there is a user namespace is the container's to say; warnings are about that.
  refuseProblems(problems, 'mounts')
  return [...(config.mounts ?? [])]
}

function findMounts(text: string): string {
  try {
    const { mounts } = JSON.parse(text) as { mounts?: unknown }
    if (mounts !== undefined) return JSON.stringify(mounts)
  } catch {
    // The parser tells where it is wrong.
  }
  return text
}

function openContainer(id: string, options: VerbOptions): Change {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined || status === 'creating' || status === 'stopped') {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}" is ${status}`)
  }
  const file = join(root, id, 'config.json')
  const { config, problems } = parseConfig(readFileSync(file, 'utf8'), file)
  refuseProblems(problems, file)
  const binding = {
    id,
    root,
    bundle: stored.bundle,
    'init-pid': String(stored.pid),
    'init-start-time': String(stored.startTime),
  }
  return { input: { config, host: readHostFacts() }, binding }
}
