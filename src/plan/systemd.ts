// Plans the cgroup that systemd makes: a scope, a transient unit around the init.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { planV1Values } from './cgroup-v1.ts'
import { planV2Values } from './cgroup-v2.ts'
import type { CgroupValue } from './cgroup-value.ts'
import { type CgroupDir, membersOf, planCgroups, planJoinCgroups } from './cgroups.ts'
import { marshalProperties } from './dbus.ts'
import { isRootless } from './ids.ts'
import type { PlanOptions } from './options.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { listLimitProperties, listScopeProperties } from './systemd-properties.ts'
import { chooseScope, type ScopeUnit } from './systemd-unit.ts'
import { slot, type Text, text } from './text.ts'

/** A systemd that is busy gets this long for each thing that is asked of it. */
const TIMEOUT_MS = 30_000

const AT = '/linux/cgroupsPath'

/** A unit of the container, and how to reach the systemd that keeps it. */
export interface Unit {
  readonly unit: Text
  readonly sockets: readonly string[]
  /** `/NAME` of the cgroup below the unit's own, or empty. */
  readonly subgroup: string
}

/** The container's scope. */
export type Scope = ScopeUnit & Unit

/** The scope of the container; undefined when another cgroup manager was asked for. */
export function planScope(
  config: Config,
  host: HostFacts,
  options: PlanOptions,
): Scope | undefined {
  if (options.cgroupManager !== 'systemd') return undefined
  const isUser = isRootless(host)
  if (isUser && host.cgroups.layout !== 'v2') {
    throw new TsociError('NOT_SUPPORTED', 'cannot use systemd cgroups without root on cgroup v1', {
      hint: 'use --cgroup-manager cgroupfs, or a host with cgroup v2',
    })
  }
  return { ...chooseScope(config, isUser), sockets: host.systemdSockets }
}

/** Directory of the container's cgroup in a hierarchy that is mounted there. */
export function scopeDir(mount: string, { path, subgroup }: ScopeUnit): Text {
  return text`${mount}${slot('systemd-cgroup')}${path}${subgroup}`
}

/** Prepare, first of all: is systemd there, and where are its cgroups? */
export function planManager({ sockets }: Scope): Step[] {
  return [{ op: 'systemd-manager', sockets, timeout: TIMEOUT_MS }]
}

/** Prepare: a scope that runs is somebody else's. */
export function planClaim(cgroups: readonly CgroupDir[]): Step[] {
  const members = membersOf(cgroups)
  return members === undefined ? [] : [{ op: 'cgroup-claim', at: AT, dir: members.dir }]
}

/**
 * Parent: systemd makes the scope and moves the init there; what systemd does not know is done below,
 * as without it.
 */
export function planScopeCgroups(
  config: Config,
  host: HostFacts,
  scope: Scope,
  cgroups: readonly CgroupDir[],
): Step[] {
  const v2 = host.cgroups.layout === 'v2'
  const values = v2 ? planV2Values(config) : planV1Values(config)
  const { basic, recent } = listLimitProperties(values)
  const properties = [...listScopeProperties(config, scope.slice, v2), ...basic]
  const steps = planCgroups(config, host, cgroups)
  const isDir = ({ op }: Step) => op === 'cgroup-dir'
  // On v2 the scope is all of it: systemd has made it, and moved the init there.
  const complete = v2 && scope.subgroup === ''
  return [
    {
      op: 'systemd-scope',
      at: AT,
      sockets: scope.sockets,
      unit: scope.unit,
      description: text`container ${slot('id')}`,
      properties: marshalProperties(properties),
      recent: marshalProperties(recent),
      timeout: TIMEOUT_MS,
    },
    ...(complete ? [] : [...steps.filter(isDir).map(withoutClaim), ...planJoinCgroups(cgroups)]),
    ...steps.filter((step) => !isDir(step)),
  ]
}

// The claim was made before the scope, and the init is in there now.
function withoutClaim(step: Step): Step {
  if (step.op !== 'cgroup-dir') return step
  return { ...step, flags: Number(step.flags) & ~STEP_FLAGS.CGROUP_NEW }
}

/** Undo and delete: once its processes have ended. */
export function planStopScope({ sockets, unit }: Unit): Step[] {
  return [{ op: 'systemd-stop', sockets, unit, timeout: TIMEOUT_MS }]
}

/**
 * Exec: an ordinary user may not move a process from his session into the scope, systemd may. `dir` is
 * tried first.
 */
export function planAttach({ unit, sockets, subgroup }: Unit, dir: Text): Step[] {
  return [{ op: 'systemd-attach', at: AT, sockets, unit, subgroup, dir, timeout: TIMEOUT_MS }]
}

/** Update: tells systemd the limits; none when it has no property for any of them. */
export function planSetLimits({ unit, sockets }: Unit, values: readonly CgroupValue[]): Step[] {
  const { basic, recent } = listLimitProperties(values)
  if (basic.length + recent.length === 0) return []
  return [
    {
      op: 'systemd-set',
      at: '/linux/resources',
      sockets,
      unit,
      properties: marshalProperties(basic),
      recent: marshalProperties(recent),
      timeout: TIMEOUT_MS,
    },
  ]
}
