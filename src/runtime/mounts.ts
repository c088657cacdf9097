// Mounts of a running container: more of them, or less.

import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { launchPlan } from '../launch/sink.ts'
import { type ChangeInput, compileAddMount, compileRemoveMounts } from '../plan/change-mounts.ts'
import type { Binding } from '../plan/plan.ts'
import type { Mount } from '../spec/config.ts'
import { parsePart, refuseProblems } from '../spec/parse.ts'
import { deriveStatus, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { howToRun } from './executor-options.ts'
import type { ParseOptions, VerbOptions } from './options.ts'
import { readStoredConfig } from './stored-config.ts'

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

export interface ParseMountsOptions extends ParseOptions {
  /** They are to be removed: of each only its destination counts, and need be there. */
  readonly remove?: boolean | undefined
}

/** Reads mounts from JSON text: a list, or an object that has one at `mounts`. */
export function parseMounts(text: string, options: ParseMountsOptions = {}): Mount[] {
  const list = findMounts(text, options.remove === true)
  const whole = '"linux":{"namespaces":[{"type":"user"},{"type":"mount"}]},"mounts":'
  const { config, problems } = parsePart(list, 'mounts', whole, '')
  refuseProblems(problems, 'mounts')
  // Whether there is a user namespace is the container's to say.
  const found = problems.filter(({ pointer }) => pointer.startsWith('/mounts'))
  for (const problem of found) options.onWarning?.(problem)
  return [...(config.mounts ?? [])]
}

/** The text of the list. What has neither type nor source is no mount but where one stands. */
function findMounts(text: string, remove: boolean): string {
  if (!remove && !/^\s*\{/.test(text)) return text
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text // the parser tells where it is wrong
  }
  const list = (value as { mounts?: unknown } | null)?.mounts ?? value
  if (!remove || !Array.isArray(list)) return JSON.stringify(list)
  const isObject = (entry: unknown) => typeof entry === 'object' && entry !== null
  return JSON.stringify(
    list.map((entry) =>
      isObject(entry) && 'destination' in entry
        ? { destination: entry.destination, type: 'tmpfs' }
        : entry,
    ),
  )
}

function openContainer(id: string, options: VerbOptions): Change {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined || status === 'creating' || status === 'stopped') {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}" is ${status}`)
  }
  const config = readStoredConfig(root, id)
  const binding = {
    id,
    root,
    bundle: stored.bundle,
    'init-pid': String(stored.pid),
    'init-start-time': String(stored.startTime),
  }
  return { input: { config, host: readHostFacts() }, binding }
}
