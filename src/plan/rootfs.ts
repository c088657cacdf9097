// Plans the root: where it is, the move into it, and what is covered there.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR, MS_PROPAGATION, MS_REC, PROPAGATION_WORDS } from '../linux/mounts.ts'
import type { Config } from '../spec/config.ts'
import { sysctlPath } from '../spec/rules-sysctl.ts'
import { destinationOf, parentOpensSources } from './mounts.ts'
import { makesNamespace } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import { rootfsPath } from './state-files.ts'
import type { Step } from './step.ts'
import { NO_TREE, STEP_FLAGS } from './step.ts'

/** Tree index of the rootfs when the parent opens it. */
export const ROOTFS_TREE = 0

function propagationOf(config: Config): number {
  const word = config.linux?.rootfsPropagation
  return word === undefined || word === '' ? 0 : PROPAGATION_WORDS[word]!
}

/** Prepare: the rootfs, when the child could not reach it. */
export function planOpenRootfs(config: Config, host: HostFacts, options: PlanOptions): Step[] {
  if (!parentOpensSources(config, host)) return []
  const path = rootfsPath(config, options)
  return [{ op: 'open-tree', at: '/root/path', index: ROOTFS_TREE, path, recursive: 1 }]
}

/** Child: cut the mounts off from the host's, then take the rootfs as root of what follows. */
export function planRootfs(config: Config, host: HostFacts, options: PlanOptions): Step[] {
  const path = rootfsPath(config, options)
  const at = '/root/path'
  if (!makesNamespace(config, 'mount')) {
    return [{ op: 'rootfs', at, path, tree: NO_TREE, flags: STEP_FLAGS.ROOTFS_NO_BIND }]
  }
  const asked = propagationOf(config)
  // Unbindable is for the container's root at the end: the rootfs itself is still to be bound.
  const isUnbindable = (asked & MS_PROPAGATION.unbindable) !== 0
  const tree = parentOpensSources(config, host) ? ROOTFS_TREE : NO_TREE
  const flags =
    asked === 0
      ? MS_PROPAGATION.slave | MS_REC
      : isUnbindable
        ? MS_PROPAGATION.private | MS_REC
        : asked
  // Only the words that reach down to the rootfs and do not share leave it fit for pivot_root.
  const isFit = (flags & MS_REC) !== 0 && (flags & MS_PROPAGATION.shared) === 0
  return [
    { op: 'root-propagation', at: '/linux/rootfsPropagation', flags },
    { op: 'rootfs', at, path, tree, flags: isFit ? 0 : STEP_FLAGS.ROOTFS_PARENT_PRIVATE },
  ]
}

/** Child: the rootfs becomes /. */
export function planPivot(config: Config, options: PlanOptions): Step[] {
  const at = '/root/path'
  if (!makesNamespace(config, 'mount')) {
    return [{ op: 'pivot-root', at, flags: STEP_FLAGS.PIVOT_NO_MOUNT }]
  }
  return [{ op: 'pivot-root', at, flags: options.noPivot ? STEP_FLAGS.PIVOT_CHROOT : 0 }]
}

function planRootAttributes(config: Config): Step[] {
  const propagation = propagationOf(config)
  const set = config.root.readonly === true ? MOUNT_ATTR.RDONLY : 0
  if (!makesNamespace(config, 'mount') || (set === 0 && propagation === 0)) return []
  return [{ op: 'root-attributes', at: '/root', set, propagation }]
}

/**
 * Child: sysctls, then the covers; a read-only /proc/sys would refuse the first. The root's own
 * attributes come last: what is unbindable can't be covered.
 */
export function planCovers(config: Config): Step[] {
  const steps: Step[] = []
  for (const [name, value] of Object.entries(config.linux?.sysctl ?? {})) {
    const path = `sys/${sysctlPath(name)}`
    steps.push({ op: 'sysctl', at: '/linux/sysctl', path, value })
  }
  const guard = guards(config)
  config.linux?.readonlyPaths?.forEach((path, i) => {
    steps.push({ op: 'readonly-path', at: `/linux/readonlyPaths/${i}`, path, flags: guard(path) })
  })
  const masked = config.linux?.maskedPaths ?? []
  masked.forEach((path, i) => {
    if (masked.indexOf(path) !== i) return // once is enough
    steps.push({ op: 'mask-path', at: `/linux/maskedPaths/${i}`, path, flags: guard(path) })
  })
  if (steps.some(({ op }) => op !== 'sysctl') && !makesNamespace(config, 'mount')) {
    throw new TsociError('BAD_CONFIG', 'cannot cover paths without an own mount namespace', {
      hint: 'add {"type": "mount"} to linux.namespaces, or remove maskedPaths and readonlyPaths',
    })
  }
  return [...steps, ...planRootAttributes(config)]
}

/** Flags that hold a path to the file system which the config mounts there. */
function guards(config: Config): (path: string) => number {
  const types = new Map((config.mounts ?? []).map((mount) => [destinationOf(mount), mount.type]))
  return (path) => {
    if (path.startsWith('/proc/') && types.get('/proc') === 'proc') return STEP_FLAGS.PATH_PROC
    if (path.startsWith('/sys/') && types.get('/sys') === 'sysfs') return STEP_FLAGS.PATH_SYS
    return 0
  }
}
