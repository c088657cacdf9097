// Plans a change of limits on a running container: which value goes to which cgroup file.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config, Resources } from '../spec/config.ts'
import { planV1Values } from './cgroup-v1.ts'
import { planV2Values } from './cgroup-v2.ts'
import { type CgroupValue, listValues } from './cgroup-value.ts'
import { endsIdle } from './cpu-idle.ts'
import { listDeviceRules } from './device-rules.ts'

/** One value for one file, in the container's directory of that hierarchy. */
export interface CgroupChange extends CgroupValue {
  readonly dir: string
}

/**
 * The changes that resources ask for; zero and absent change nothing, but where the kernel takes a
 * zero. `before` are the resources as create, and each update since, have left them: values that
 * hang together are written together.
 */
export function planUpdate(
  resources: Resources,
  before: Resources,
  host: HostFacts,
  cgroups: readonly string[],
): CgroupChange[] {
  refuseDevices(resources, before)
  const { devices: _devices, ...limits } = withPartners(resources, before)
  const config = configWith(limits)
  const v2 = host.cgroups.layout === 'v2'
  const values = v2
    ? planV2Values(config)
    : [...planV1Values(config), ...planKiller(limits, before)]
  return values.map((value) => {
    const { controller, file } = value
    const mount = v2
      ? host.cgroups.v2?.mount
      : host.cgroups.v1.find(({ controllers }) => controllers.includes(controller))?.mount
    const dir = cgroups.find((it) => mount !== undefined && it.startsWith(`${mount}/`))
    if (dir === undefined) {
      throw new TsociError(
        'NOT_SUPPORTED',
        `cannot set ${file}: the container has no such cgroup`,
        {
          at: value.at,
          hint: `the "${controller}" controller is not there, or cgroups are disabled`,
        },
      )
    }
    return { ...value, dir }
  })
}

/** What has turned the OOM killer off may turn it on again. v2 has none that could be off. */
function planKiller({ memory }: Resources, before: Resources): CgroupValue[] {
  if (memory?.disableOOMKiller !== false || before.memory?.disableOOMKiller !== true) return []
  const { values, add } = listValues()
  add('memory', 'memory.oom_control', 0, 'memory/disableOOMKiller')
  return values
}

const configWith = (resources: Resources): Config => ({
  ociVersion: '1.3.0',
  root: { path: '/' },
  linux: { resources },
})

/** Memory and swap are one limit, quota and period another: what is not named stays as it was. */
function withPartners(resources: Resources, before: Resources): Resources {
  const { memory, cpu } = resources
  const asked = { ...resources }
  // No limit of memory is none of swap, too, whatever it was.
  const lifts = memory?.limit === -1 && !memory.swap
  if ((memory?.limit || memory?.swap) && !lifts) {
    const limit = memory.limit || before.memory?.limit
    const swap = memory.swap || before.memory?.swap
    asked.memory = { ...memory, ...(limit ? { limit } : {}), ...(swap ? { swap } : {}) }
  }
  if (cpu?.quota || cpu?.period) {
    const quota = cpu.quota || before.cpu?.quota
    const period = cpu.period || before.cpu?.period
    asked.cpu = { ...cpu, ...(quota ? { quota } : {}), ...(period ? { period } : {}) }
  }
  if (endsIdle(resources, before)) asked.cpu = { ...asked.cpu, idle: 0 }
  return asked
}

/**
 * Engines send the rules of create again. Others can't be set: what a program has open can't be taken
 * back, and a list that is replaced denies everything for a moment.
 */
function refuseDevices(resources: Resources, before: Resources): void {
  if (resources.devices === undefined || resources.devices.length === 0) return
  const rules = (of: Resources) => JSON.stringify(listDeviceRules(configWith(of)))
  if (rules(resources) === rules(before)) return
  throw new TsociError('NOT_SUPPORTED', 'cannot change the device rules of a running container', {
    at: '/linux/resources/devices',
    hint: 'leave devices out, or make the container anew',
  })
}

/** The resources after an update: what it names takes the place of what was. */
export function mergeResources(before: Resources, change: Resources): Resources {
  const { devices: _devices, ...limits } = change
  const merged: Record<string, unknown> = endsIdle(change, before) ? endIdle(before) : { ...before }
  for (const [group, value] of Object.entries(limits)) merged[group] = merge(merged[group], value)
  return merged as Resources
}

function endIdle({ unified, cpu, ...others }: Resources): Record<string, unknown> {
  const { 'cpu.idle': _idle, ...files } = unified ?? {}
  return { ...others, cpu: { ...cpu, idle: 0 }, ...(unified && { unified: files }) }
}

function merge(before: unknown, change: unknown): unknown {
  if (Array.isArray(change)) return change.length === 0 ? before : mergeEntries(before, change)
  if (typeof change !== 'object' || change === null) return change || before
  const merged = { ...(before as Record<string, unknown>) }
  for (const [key, value] of Object.entries(change)) {
    merged[key] = KEEP_ZERO.has(key) ? value : merge(merged[key], value)
  }
  return merged
}

/** Zero, or false, is a value of these, and not what callers send for unset. */
const KEEP_ZERO = new Set(['burst', 'idle', 'swappiness', 'checkBeforeUpdate', 'disableOOMKiller'])

/** Lists have an entry for each device, page size or interface. */
function mergeEntries(before: unknown, change: readonly object[]): unknown[] {
  const keyOf = (entry: object) => {
    const { major, minor, pageSize, name } = entry as Record<string, unknown>
    return JSON.stringify([major, minor, pageSize, name])
  }
  const entries = new Map<string, object>()
  for (const entry of [...((before as object[] | undefined) ?? []), ...change]) {
    const key = keyOf(entry)
    entries.set(key, { ...entries.get(key), ...entry })
  }
  return [...entries.values()]
}
