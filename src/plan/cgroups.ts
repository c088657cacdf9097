// Plans the cgroups: where the container's directories are, what is written to them, who joins.

import { join, normalize } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { CgroupHierarchy, HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { planV1Values } from './cgroup-v1.ts'
import { planV2Values } from './cgroup-v2.ts'
import type { CgroupValue } from './cgroup-value.ts'
import { compileDeviceProgram } from './device-program.ts'
import { allowsAll, hasDeviceRules, listDeviceRules } from './device-rules.ts'
import { isRootless } from './ids.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { planStopScope, type Scope, scopeDir, type Unit } from './systemd.ts'
import { type Slot, slot, type Text, text } from './text.ts'

/** The container's directory in one hierarchy. */
export interface CgroupDir {
  readonly hierarchy: CgroupHierarchy
  readonly dir: Text
  /** Exists already: directories are made below it. */
  readonly base: string
  readonly flags: number
  /** v2 beside v1: no engine looks after it. */
  readonly isBeside?: boolean
}

/**
 * The directory in one hierarchy, as runc has it: an absolute cgroupsPath from the top of the
 * mount, a relative one from our own cgroup, and without one our own cgroup and the id.
 */
function placeCgroup(config: Config, hierarchy: CgroupHierarchy, own: Slot): Text {
  // What ends in a slash would hand controllers down from the container's own directory.
  const path = (config.linux?.cgroupsPath ?? '').replace(/(.)\/+$/, '$1')
  if (path.startsWith('/')) {
    const dir = normalize(path)
    if (dir !== '/') return join(hierarchy.mount, dir)
    throw new TsociError('BAD_CONFIG', 'cannot put a container into the root cgroup', {
      at: '/linux/cgroupsPath',
      hint: 'name a directory of its own in linux.cgroupsPath, or leave it out',
    })
  }
  const below: Text = path === '' ? text`${slot('id')}` : join('/', path).slice(1)
  // Inside a container the mount may show only a part: then our own cgroup is no slot.
  if (hierarchy.root !== '/' || hierarchy.own.startsWith('/..')) {
    return text`${hierarchy.ownDir}/${below}`
  }
  return text`${hierarchy.mount}${slot(own)}/${below}`
}

/** The container's directory in every hierarchy; none when cgroups are disabled or missing. */
export function listCgroups(
  config: Config,
  host: HostFacts,
  options: PlanOptions,
  scope?: Scope,
): CgroupDir[] {
  if (options.cgroupManager === 'disabled') return []
  const forgiven = isRootless(host) ? STEP_FLAGS.CGROUP_OPTIONAL : 0
  // A place that was asked for is no default to do without, and what systemd made is the user's.
  const isAsked = scope !== undefined || (config.linux?.cgroupsPath ?? '') !== ''
  const optional = isAsked ? 0 : forgiven
  const place = (hierarchy: CgroupHierarchy, own: Slot) =>
    scope === undefined ? placeCgroup(config, hierarchy, own) : scopeDir(hierarchy.mount, scope)
  const { layout, v1, v2 } = host.cgroups
  if (layout === 'v2' && v2 !== undefined) {
    const dir = place(v2, 'own-cgroup-parent')
    return [{ hierarchy: v2, dir, base: v2.mount, flags: optional }]
  }
  const dirs = v1.map((hierarchy) => ({
    hierarchy,
    dir: place(hierarchy, `own-cgroup-${hierarchy.line}` as Slot),
    base: hierarchy.mount,
    flags: optional | (hierarchy.controllers.includes('cpuset') ? STEP_FLAGS.CGROUP_CPUSET : 0),
  }))
  if (layout !== 'hybrid' || v2 === undefined) return dirs
  // Beside v1 it has no controllers, but it tells the container's processes from others.
  const dir = placeCgroup(config, v2, 'own-cgroup')
  return [...dirs, { hierarchy: v2, dir, base: v2.mount, flags: forgiven, isBeside: true }]
}

/** The same of a container that exists, by the paths that were stored; what is not mounted is left out. */
export function findCgroups(dirs: readonly string[], host: HostFacts): CgroupDir[] {
  const { layout, v1, v2 } = host.cgroups
  const hierarchies = v2 === undefined ? v1 : [...v1, v2]
  return dirs.flatMap((dir) => {
    const hierarchy = hierarchies.find(({ mount }) => dir.startsWith(`${mount}/`))
    if (hierarchy === undefined) return []
    const isBeside = layout === 'hybrid' && hierarchy === v2
    return [{ hierarchy, dir, base: hierarchy.mount, flags: 0, isBeside }]
  })
}

/** Controllers that v2 hands down; systemd and the engines expect them all. */
const V2_CONTROLLERS = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma', 'misc', 'dmem']

/** Prepare: directories, values, device rules. */
export function planCgroups(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
): Step[] {
  if (cgroups.length === 0) return refuseLimits(config, host)
  const v2 = host.cgroups.layout === 'v2'
  const at = '/linux/cgroupsPath'
  const steps: Step[] = []
  // Whose processes delete will kill must be ours before anything else is made.
  const members = membersOf(cgroups)
  const inOrder = [...cgroups].sort((a, b) => Number(b === members) - Number(a === members))
  for (const cgroup of inOrder) {
    const { dir, base, hierarchy } = cgroup
    const flags = cgroup.flags | (cgroup === members ? STEP_FLAGS.CGROUP_NEW : 0)
    steps.push({ op: 'cgroup-dir', at, dir, base, flags })
    if (!v2) continue
    const controllers = hierarchy.controllers
      .filter((name) => V2_CONTROLLERS.includes(name))
      .map((name) => `+${name}`)
    steps.push({ op: 'cgroup-enable', at, dir, base, controllers })
  }
  const values = v2 ? planV2Values(config) : planV1Values(config)
  for (const value of values) steps.push(planValue(value, cgroups, v2))
  if (v2 && !isRootless(host)) steps.push(...planOwnership(config, cgroups))
  if (!isRootless(host)) steps.push(...planDevices(config, cgroups, v2))
  return steps
}

/**
 * A container with a cgroup namespace of its own, that mounts its cgroups writable, owns them: its
 * user does, as the host numbers that one (config-linux.md "Cgroup ownership").
 */
function planOwnership(config: Config, cgroups: readonly CgroupDir[]): Step[] {
  const mount = config.mounts?.findLast(
    ({ source, type, destination }) =>
      (source === 'cgroup' || type === 'cgroup' || type === 'cgroup2') &&
      normalize(destination).replace(/\/$/, '') === '/sys/fs/cgroup',
  )
  const writable = mount !== undefined && mount.options?.includes('ro') !== true
  if (!writable || !makesNamespace(config, 'cgroup')) return []
  const inside = config.process?.user?.uid ?? 0
  if (!hasNamespace(config, 'user')) return inside === 0 ? [] : ownAll(cgroups, inside)
  const range = config.linux?.uidMappings?.find(
    ({ containerID, size }) => inside >= containerID && inside < containerID + size,
  )
  if (range === undefined) return []
  return ownAll(cgroups, range.hostID + inside - range.containerID)
}

function ownAll(cgroups: readonly CgroupDir[], uid: number): Step[] {
  return cgroups.map(({ dir }) => ({ op: 'cgroup-own', at: '/linux/cgroupsPath', dir, uid }))
}

/** `--cgroup-manager disabled`, or a host without cgroups: limits can't be kept. */
function refuseLimits(config: Config, host: HostFacts): Step[] {
  if (hasDeviceRules(config) && !isRootless(host))
    throw noDeviceControl('the container has no cgroup')
  const resources = Object.entries(config.linux?.resources ?? {})
  const asked = resources.filter(([name, value]) => name !== 'devices' && hasValue(value))
  if (asked.length === 0) return []
  throw new TsociError(
    'NOT_SUPPORTED',
    `cannot set linux.resources.${asked[0]![0]}: the container has no cgroup`,
    {
      at: `/linux/resources/${asked[0]![0]}`,
      hint: 'remove the limit, or let tsoci make cgroups (--cgroup-manager cgroupfs)',
    },
  )
}

// Callers spell "unset" as zero, false, null and empty.
function hasValue(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === '') return false
  if (typeof value === 'object') return Object.values(value).some(hasValue)
  return value !== false
}

function planValue(value: CgroupValue, cgroups: readonly CgroupDir[], v2: boolean): Step {
  // What begins with `cgroup.` is there without a controller.
  const found = cgroups.find(
    ({ hierarchy }) =>
      (hierarchy.line === -1) === v2 &&
      (hierarchy.controllers.includes(value.controller) || (v2 && value.controller === 'cgroup')),
  )
  if (found === undefined) {
    throw new TsociError(
      'NOT_SUPPORTED',
      `cannot set ${value.file}: this host has no "${value.controller}" cgroup controller`,
      {
        at: value.at,
        hint: 'remove it from config.json, or boot with the controller enabled',
      },
    )
  }
  return {
    op: 'cgroup-write',
    at: value.at,
    dir: found.dir,
    file: value.file,
    value: value.value,
    otherFile: value.otherwise?.file ?? '',
    otherValue: value.otherwise?.value ?? '',
    flags: value.optional === true ? STEP_FLAGS.CGROUP_IF_THERE : 0,
  }
}

function planDevices(config: Config, cgroups: readonly CgroupDir[], v2: boolean): Step[] {
  const rules = listDeviceRules(config)
  const at = '/linux/resources/devices'
  const found = cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('devices'))
  if (v2 || found === undefined) {
    // v2 beside v1 takes a program, too.
    const unified = cgroups.find(({ hierarchy }) => hierarchy.line === -1)
    if (unified !== undefined) {
      const program = compileDeviceProgram(rules)
      return [{ op: 'cgroup-devices', at, dir: unified.dir, program, flags: 0 }]
    }
    if (allowsAll(rules)) return []
    throw noDeviceControl('this host has no "devices" cgroup controller, and no cgroup v2')
  }
  return rules.map(({ allow, type, major, minor, access }) => ({
    op: 'cgroup-write',
    at,
    dir: found.dir,
    file: allow ? 'devices.allow' : 'devices.deny',
    value: type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`,
    otherFile: '',
    otherValue: '',
    flags: 0,
  }))
}

function noDeviceControl(why: string): TsociError {
  return new TsociError('NOT_SUPPORTED', `cannot control which devices are used: ${why}`, {
    at: '/linux/resources/devices',
    hint: 'mount the devices hierarchy or cgroup v2 and let tsoci make cgroups, or allow everything: {"allow": true, "access": "rwm"}',
  })
}

/** Prepare: what the child enters by itself, which waits for no grace period of the kernel. */
export function planOpenCgroups(cgroups: readonly CgroupDir[]): Step[] {
  return planJoinCgroups(cgroups).map((step) => ({ ...step, op: 'cgroup-open' }) as Step)
}

/** Child. */
export function planEnterCgroups(cgroups: readonly unknown[]): Step[] {
  return cgroups.length === 0 ? [] : [{ op: 'cgroup-enter', at: '/linux/cgroupsPath' }]
}

/** Parent, where the directories are not there before the child is: it joins every one. */
export function planJoinCgroups(cgroups: readonly CgroupDir[]): Step[] {
  return cgroups.map(({ dir, flags }) => ({
    op: 'cgroup-join',
    at: '/linux/cgroupsPath',
    dir,
    flags: flags & STEP_FLAGS.CGROUP_OPTIONAL,
  }))
}

/** Undo and delete: end whoever is left, then remove the directories. */
export function planRemoveCgroups(cgroups: readonly CgroupDir[], unit?: Unit): Step[] {
  const killer = membersOf(cgroups)
  if (killer === undefined) return []
  const frozen = killer.hierarchy.controllers.includes('freezer') ? STEP_FLAGS.CGROUP_FREEZER : 0
  return [
    { op: 'cgroup-kill', dir: killer.dir, flags: frozen },
    ...(unit === undefined ? [] : planStopScope(unit)),
    // Engines make and remove the directories above in the hierarchies that they know of.
    ...cgroups.map(
      ({ dir, base, isBeside }): Step => ({
        op: 'cgroup-remove',
        dir,
        above: isBeside === true ? base : '',
      }),
    ),
  ]
}

/** The directory whose members are the container's processes. */
export function membersOf(cgroups: readonly CgroupDir[]): CgroupDir | undefined {
  return findFreezer(cgroups) ?? cgroups[0]
}

/** The directory whose members are the container's processes, with what freezes them. */
export function findFreezer(cgroups: readonly CgroupDir[]): CgroupDir | undefined {
  return (
    cgroups.find(({ hierarchy }) => hierarchy.controllers.includes('freezer')) ??
    cgroups.find(({ hierarchy }) => hierarchy.line === -1)
  )
}

/** The file that freezes: `freezer.state` on v1, `cgroup.freeze` on v2; empty for none. */
export function freezerFile(cgroups: readonly CgroupDir[]): Text {
  const found = findFreezer(cgroups)
  if (found === undefined) return ''
  return text`${found.dir}/${found.hierarchy.line === -1 ? 'cgroup.freeze' : 'freezer.state'}`
}
