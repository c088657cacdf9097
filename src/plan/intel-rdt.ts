// Plans linux.intelRdt: the container's class of resctrl, its shares, and who is in it.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config, IntelRdt } from '../spec/config.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { slot, type Text, text } from './text.ts'

const AT = '/linux/intelRdt'

/** Files in the state directory: the group was made by us, and goes with the container. */
const MARK = 'resctrl'
const MONITOR_MARK = 'resctrl-monitor'

interface Groups {
  readonly base: string
  readonly dir: Text
  /** The group that only counts; undefined when none is asked for. */
  readonly monitor: Text | undefined
}

/** Where the groups are. Throws when the host has no resctrl. */
function placeGroups(rdt: IntelRdt, host: HostFacts): Groups {
  const base = host.resctrl
  if (base === undefined) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set intelRdt: resctrl is not mounted', {
      at: '/linux/intelRdt',
      hint: 'mount it (mount -t resctrl resctrl /sys/fs/resctrl) on hardware that has it, or remove linux.intelRdt',
    })
  }
  const dir = text`${base}/${rdt.closID ? rdt.closID : slot('id')}`
  const group = rdt.closID === '/' ? base : dir
  const monitor = rdt.enableMonitoring ? text`${group}/mon_groups/${slot('id')}` : undefined
  return { base, dir: group, monitor }
}

/** Lines of the schemata file, in the order of the specification. */
export function listSchemata(rdt: IntelRdt): string[] {
  return [rdt.l3CacheSchema, rdt.memBwSchema, ...(rdt.schemata ?? [])].filter(
    (line): line is string => line !== undefined && line !== '',
  )
}

/** Prepare: the groups. */
export function planResctrl(config: Config, host: HostFacts): Step[] {
  const rdt = config.linux?.intelRdt
  if (rdt === undefined) return []
  const { base, dir, monitor } = placeGroups(rdt, host)
  const schemata = listSchemata(rdt)
  const named = Boolean(rdt.closID)
  const exists = rdt.closID === '/' || (named && schemata.length === 0)
  const flags = (exists ? STEP_FLAGS.RESCTRL_EXISTS : 0) | (named ? STEP_FLAGS.RESCTRL_COMPARE : 0)
  const steps: Step[] = [
    { op: 'resctrl-group', at: AT, base, dir, schemata, mark: named ? '' : MARK, flags },
  ]
  if (monitor !== undefined) {
    steps.push({
      op: 'resctrl-group',
      at: `${AT}/enableMonitoring`,
      base,
      dir: monitor,
      schemata: [],
      mark: MONITOR_MARK,
      flags: STEP_FLAGS.RESCTRL_NEW,
    })
  }
  return steps
}

/** Parent: the child, of create or of exec, becomes a member. */
export function planJoinResctrl(config: Config, host: HostFacts): Step[] {
  const rdt = config.linux?.intelRdt
  if (rdt === undefined) return []
  const { base, dir, monitor } = placeGroups(rdt, host)
  const dirs = monitor === undefined ? [dir] : [dir, monitor]
  return dirs.map((it) => ({ op: 'resctrl-join', at: AT, base, dir: it }))
}

/** Undo and delete: the groups that we made. */
export function planRemoveResctrl(config: Config, host: HostFacts): Step[] {
  const rdt = config.linux?.intelRdt
  if (rdt === undefined) return []
  const { dir, monitor } = placeGroups(rdt, host)
  const steps: Step[] = []
  if (monitor !== undefined) steps.push({ op: 'resctrl-remove', dir: monitor, mark: MONITOR_MARK })
  if (!rdt.closID) steps.push({ op: 'resctrl-remove', dir, mark: MARK })
  return steps
}
