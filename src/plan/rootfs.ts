// Plans the root: where it is, the move into it, and its own attributes.

import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR, MS_PROPAGATION, MS_REC, PROPAGATION_WORDS } from '../linux/mounts.ts'
import type { Config } from '../spec/config.ts'
import { parentLends } from './mounts.ts'
import { makesNamespace } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import { rootfsPath } from './state-files.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

function propagationOf(config: Config): number {
  const word = config.linux?.rootfsPropagation
  return word === undefined || word === '' ? 0 : PROPAGATION_WORDS[word]!
}

/** Parent: the rootfs, when the child could not reach it. */
export function planLendRootfs(config: Config, host: HostFacts, options: PlanOptions): Step[] {
  if (!parentLends(config, host) || !makesNamespace(config, 'mount')) return []
  const path = rootfsPath(config, options)
  const flags = STEP_FLAGS.LEND_RECURSIVE | STEP_FLAGS.LEND_ATTACH
  return [{ op: 'lend-tree', at: '/root/path', path, uidMap: '', gidMap: '', flags }]
}

/** Child: cut the mounts off from the host's, then take the rootfs as root of what follows. */
export function planRootfs(config: Config, host: HostFacts, options: PlanOptions): Step[] {
  const path = rootfsPath(config, options)
  const at = '/root/path'
  if (!makesNamespace(config, 'mount')) {
    return [{ op: 'rootfs', at, path, flags: STEP_FLAGS.ROOTFS_NO_BIND }]
  }
  const asked = propagationOf(config)
  // Unbindable is for the container's root at the end: the rootfs itself is still to be bound.
  const isUnbindable = (asked & MS_PROPAGATION.unbindable) !== 0
  const flags =
    asked === 0
      ? MS_PROPAGATION.slave | MS_REC
      : isUnbindable
        ? MS_PROPAGATION.private | MS_REC
        : asked
  const borrow = parentLends(config, host) ? STEP_FLAGS.ROOTFS_BORROW : 0
  return [
    { op: 'root-propagation', at: '/linux/rootfsPropagation', flags },
    { op: 'rootfs', at, path, flags: parentFlag(flags) | borrow },
  ]
}

/** What makes the mount that the rootfs lies in fit for pivot_root, which refuses a shared one. */
function parentFlag(propagation: number): number {
  const isSlave = (propagation & MS_PROPAGATION.slave) !== 0
  // Words that reach down to it and do not share have done it already.
  const isDone = (propagation & MS_REC) !== 0 && (propagation & MS_PROPAGATION.shared) === 0
  if (isDone) return 0
  return isSlave ? STEP_FLAGS.ROOTFS_PARENT_SLAVE : STEP_FLAGS.ROOTFS_PARENT_PRIVATE
}

/** Child: the rootfs becomes /. */
export function planPivot(config: Config, options: PlanOptions): Step[] {
  const at = '/root/path'
  if (!makesNamespace(config, 'mount')) {
    return [{ op: 'pivot-root', at, flags: STEP_FLAGS.PIVOT_NO_MOUNT }]
  }
  return [{ op: 'pivot-root', at, flags: options.noPivot ? STEP_FLAGS.PIVOT_CHROOT : 0 }]
}

/** Child: what the root itself is to be, once nothing in it is mounted or covered any more. */
export function planRootAttributes(config: Config): Step[] {
  const propagation = propagationOf(config)
  const set = config.root.readonly === true ? MOUNT_ATTR.RDONLY : 0
  if (!makesNamespace(config, 'mount') || (set === 0 && propagation === 0)) return []
  return [{ op: 'root-attributes', at: '/root', set, propagation }]
}
