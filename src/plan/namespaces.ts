// Plans the clone: which namespaces are new, which are joined.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { CLONE_FLAGS, NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { Config, Namespace, NamespaceType } from '../spec/config.ts'
import type { Step } from './step.ts'
import { slot, text } from './text.ts'

function findNamespace(config: Config, type: NamespaceType): Namespace | undefined {
  return config.linux?.namespaces?.find((namespace) => namespace.type === type)
}

/** Does the container have its own namespace of this type, new or joined? */
export function hasNamespace(config: Config, type: NamespaceType): boolean {
  return findNamespace(config, type) !== undefined
}

/** Is a new namespace of this type made? */
export function makesNamespace(config: Config, type: NamespaceType): boolean {
  const found = findNamespace(config, type)
  return found !== undefined && !found.path
}

/** Refuses what the host's kernel does not have. */
function checkKernel(config: Config, host: HostFacts): void {
  for (const [i, { type }] of (config.linux?.namespaces ?? []).entries()) {
    if (host.kernel.namespaces.includes(NAMESPACE_FILES[type])) continue
    throw new TsociError('NOT_SUPPORTED', `this kernel has no ${type} namespaces`, {
      at: `/linux/namespaces/${i}`,
      hint: `remove {"type": "${type}"} from linux.namespaces, or boot a kernel that has them`,
    })
  }
}

/** Is the ipc namespace left to the child? A user namespace's /dev/mqueue belongs to who makes it. */
export function makesIpcLate(config: Config): boolean {
  return hasNamespace(config, 'user') && makesNamespace(config, 'ipc')
}

/**
 * The clone step. A cgroup namespace is left to the child: it must be in its cgroup first. A
 * process between does what one clone can't: joins, and offsets of a new time namespace.
 */
export function planClone(config: Config, host: HostFacts): Step[] {
  checkKernel(config, host)
  const namespaces = config.linux?.namespaces ?? []
  const joins = namespaces.filter((namespace) => namespace.path)
  let flags = 0
  for (const { type, path } of namespaces) {
    if (!path && type !== 'cgroup') flags |= CLONE_FLAGS[type]
  }
  if (makesIpcLate(config)) flags &= ~CLONE_FLAGS.ipc
  let late = flags & CLONE_FLAGS.time
  if (joins.length > 0 || late !== 0) late |= flags & CLONE_FLAGS.user
  return [
    {
      op: 'clone',
      at: '/linux/namespaces',
      flags: flags & ~late,
      late,
      joinTypes: joins.map(({ type }) => String(CLONE_FLAGS[type])),
      joinPaths: joins.map(({ path }) => path!),
      timeOffsets: describeTimeOffsets(config),
      initPid: '',
      initStartTime: '',
      initFlags: 0,
    },
  ]
}

/** A process of a running container: the clone step that joins all that its init is in. */
export function planJoinInit(config: Config): Step[] {
  let initFlags = 0
  for (const { type } of config.linux?.namespaces ?? []) initFlags |= CLONE_FLAGS[type]
  return [
    {
      op: 'clone',
      at: '/linux/namespaces',
      flags: 0,
      late: 0,
      joinTypes: [],
      joinPaths: [],
      timeOffsets: '',
      initPid: text`${slot('init-pid')}`,
      initStartTime: text`${slot('init-start-time')}`,
      initFlags,
    },
  ]
}

/** The text for /proc/PID/timens_offsets (time_namespaces(7)). */
function describeTimeOffsets(config: Config): string {
  const offsets = config.linux?.timeOffsets
  const lines: string[] = []
  for (const clock of ['monotonic', 'boottime'] as const) {
    const offset = offsets?.[clock]
    if (offset !== undefined) lines.push(`${clock} ${offset.secs ?? 0} ${offset.nanosecs ?? 0}\n`)
  }
  return lines.join('')
}
