// Changes the limits of a running container: all of them, or none.

import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { type HostFacts, readHostFacts } from '../host/facts.ts'
import { errnoEntry } from '../launch/errno.ts'
import type { ExecutorOptions } from '../launch/executor.ts'
import { lockContainer } from '../launch/lock.ts'
import { listIgnored } from '../plan/ignored.ts'
import { listSchemata } from '../plan/intel-rdt.ts'
import { planSetLimits } from '../plan/systemd.ts'
import { type CgroupChange, mergeResources, planUpdate } from '../plan/update.ts'
import type { Config, Resources } from '../spec/config.ts'
import { parsePart, refuseProblems } from '../spec/parse.ts'
import { deriveStatus, readStoredState, type StoredUnit, storeFile } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { applyChanges, readOld } from './cgroup-changes.ts'
import { howToRun } from './executor-options.ts'
import type { ParseOptions, UpdateOptions } from './options.ts'
import { readStoredConfig } from './stored-config.ts'

/**
 * Sets what `resources` names (config-linux.md "Control groups"); zero and null leave a limit as it
 * is. Throws TsociError; then every limit is what it was.
 */
export async function update(
  id: string,
  resources: Resources,
  options: UpdateOptions = {},
): Promise<void> {
  checkId(id)
  const root = options.root ?? defaultRoot()
  // What is read here is written at the end: another update in between would be lost.
  const unlock = await lockContainer(root, id, options.deadline)
  try {
    await updateLocked(root, id, resources, options)
  } finally {
    unlock()
  }
}

async function updateLocked(
  root: string,
  id: string,
  resources: Resources,
  options: UpdateOptions,
): Promise<void> {
  const stored = readStoredState(root, id)
  if (stored === undefined || deriveStatus(root, stored, id) === 'stopped') {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}"`)
  }
  const host = readHostFacts()
  const config = readStoredConfig(root, id)
  const v2 = host.cgroups.layout === 'v2'
  const before = config.linux?.resources ?? {}
  const known = v2 ? addLimit(resources, before, stored.cgroups) : before
  const asked: Config = { ...config, linux: { resources: { ...resources, devices: [] } } }
  for (const problem of listIgnored(asked, host)) options.onWarning?.(problem)
  const changes = planUpdate(resources, known, host, stored.cgroups)
  if (v2) checkUsage(resources, known, stored.cgroups)
  const rdt = { ...config.linux?.intelRdt, ...options.intelRdt }
  const all = [...changes, ...planSchemata(id, config, host, options.intelRdt)]
  const linux = { ...config.linux, resources: mergeResources(before, resources) }
  if (options.intelRdt !== undefined) linux.intelRdt = rdt
  const undo = applyChanges(all)
  try {
    if (stored.systemd !== undefined) {
      await tellSystemd(id, stored.systemd, changes, howToRun(options))
      // It has written what it knows, and rounds some.
      applyChanges(all)
    }
    storeConfig(join(root, id), { ...config, linux })
  } catch (error) {
    undo()
    throw error
  }
}

/** The lines of resctrl that an update changes: those of the container's own class. */
function planSchemata(
  id: string,
  config: Config,
  host: HostFacts,
  change: UpdateOptions['intelRdt'],
): CgroupChange[] {
  const lines = listSchemata(change ?? {})
  if (lines.length === 0) return []
  const rdt = config.linux?.intelRdt
  if (rdt === undefined) {
    const message = 'updating a non-existent Intel RDT configuration is not supported'
    throw new TsociError('NOT_SUPPORTED', message, { hint: 'the config has no linux.intelRdt' })
  }
  if (host.resctrl === undefined) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set a schema: resctrl is not mounted')
  }
  const dir = join(host.resctrl, rdt.closID || id)
  const old = readOld(join(dir, 'schemata')).split('\n')
  return lines.map((line) => {
    const kind = line.slice(0, line.indexOf(':') + 1)
    const reset = old.find((it) => it.trim().startsWith(kind))?.trim() ?? ''
    const value = `${line}\n`
    const more = { key: line, reset: `${reset}\n` }
    return { controller: '', dir, file: 'schemata', value, at: '/linux/intelRdt', ...more }
  })
}

async function tellSystemd(
  id: string,
  unit: StoredUnit,
  changes: readonly CgroupChange[],
  how: ExecutorOptions,
): Promise<void> {
  const prepare = planSetLimits(unit, changes)
  if (prepare.length === 0) return
  const { runExecutor } = await import('../launch/executor.ts')
  const { encodeRequest } = await import('../plan/encode.ts')
  const plan = { prepare }
  await runExecutor({ request: encodeRequest(plan, { id }), plan, binding: { id } }, how)
}

/** Reads resources from JSON text, checked as those of a config.json are. */
export function parseResources(text: string, options: ParseOptions = {}): Resources {
  const { config, problems } = parsePart(text, 'resources', '"linux":{"resources":', '}')
  // Swap alone is allowed here: the container has a limit of memory already. See planUpdate().
  const hasLimit = Boolean(config.linux?.resources?.memory?.limit)
  const isSwap = (pointer: string) => pointer === '/linux/resources/memory/swap'
  const counted = problems.filter(({ pointer }) => hasLimit || !isSwap(pointer))
  refuseProblems(counted, 'resources')
  for (const problem of counted) options.onWarning?.(problem)
  return config.linux?.resources ?? {}
}

// v2 keeps swap alone, the specification memory and swap together: it needs the present limit.
function addLimit(resources: Resources, before: Resources, cgroups: readonly string[]): Resources {
  const { memory } = resources
  if (!memory?.swap || memory.limit || before.memory?.limit || !cgroups[0]) return before
  const limit = readOld(join(cgroups[0], 'memory.max'))
  if (limit === 'max') return { ...before, memory: { ...before.memory, limit: -1 } }
  if (!/^\d+$/.test(limit)) return before
  return { ...before, memory: { ...before.memory, limit: Number(limit) } }
}

/** `checkBeforeUpdate`: v1's kernel refuses a limit below what is in use, v2's ends processes. */
function checkUsage(resources: Resources, before: Resources, cgroups: readonly string[]): void {
  const { memory = {} } = resources
  if (!(memory.checkBeforeUpdate ?? before.memory?.checkBeforeUpdate)) return
  const usage = readOld(join(cgroups[0] ?? '', 'memory.current'))
  if (!/^\d+$/.test(usage)) return
  const limits = [
    ['memory+swap', memory.swap],
    ['memory', memory.limit],
  ] as const
  for (const [what, limit] of limits) {
    if (limit === undefined || limit <= 0 || BigInt(limit) > BigInt(usage)) continue
    throw new TsociError('LAUNCH_FAILED', `rejecting ${what} limit ${limit} <= usage ${usage}`, {
      hint: 'memory.checkBeforeUpdate asks for this; nothing was changed',
    })
  }
}

// Whole or not at all: a later update, exec or events reads it.
function storeConfig(dir: string, config: Config): void {
  const digits = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? `bigint:${value}` : value
  const text = JSON.stringify(config, digits).replaceAll(/"bigint:(-?\d+)"/g, '$1')
  try {
    storeFile(dir, 'config.json', text)
  } catch (cause) {
    const [name] = errnoEntry(Math.abs((cause as NodeJS.ErrnoException).errno ?? 0))
    throw new TsociError('LAUNCH_FAILED', `write "${dir}/config.json": ${name}`, {
      hint: 'nothing was changed: the limits are kept beside the state of the container',
      cause,
    })
  }
}
