// Plans a mount of type cgroup: what the container sees of cgroups.

import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR } from '../linux/mounts.ts'
import type { Config } from '../spec/config.ts'
import type { CgroupDir } from './cgroups.ts'
import { isRootless } from './ids.ts'
import type { MountOptions } from './mount-options.ts'
import { hasNamespace } from './namespaces.ts'
import { planRemount } from './remount.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

/** The kernel maps no ids of cgroups: they are nobody's. */
const NO_MAP = { uidMap: '', gidMap: '' } as const

interface CgroupMount {
  readonly at: string
  readonly target: string
  readonly options: MountOptions
}

/** Steps for one cgroup mount of the config. */
export function planCgroupMount(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
  mount: CgroupMount,
): Step[] {
  if (host.cgroups.layout === 'v2') return planV2(config, host, cgroups, mount)
  return planV1(config, host, cgroups, mount)
}

/**
 * Without a cgroup namespace the mount shows the whole hierarchy, where /proc/self/cgroup points to: a
 * bind of the host's, for a new one would reset that one's options. An ordinary user's container could
 * write all that belongs to the user: for it it is read-only (CVE-2023-25809).
 */
function planV2(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
  { at, target, options }: CgroupMount,
): Step[] {
  const ownNamespace = hasNamespace(config, 'cgroup')
  const guard = isRootless(host) && !ownNamespace ? MOUNT_ATTR.RDONLY : 0
  const flags = STEP_FLAGS.MOUNT_CGROUP_BIND
  const { propagation } = options
  if (ownNamespace) {
    const source = cgroups[0]?.dir ?? host.cgroups.v2!.mount
    const attributes = options.set
    return [
      {
        op: 'mount',
        at,
        target,
        type: 'cgroup2',
        source,
        options: [],
        attributes,
        propagation,
        classic: 0,
        ...NO_MAP,
        flags,
      },
    ]
  }
  return [
    {
      op: 'bind',
      at,
      target,
      source: host.cgroups.v2!.mount,
      set: options.set | guard,
      clear: 0,
      reset: 0,
      recursiveSet: 0,
      recursiveClear: 0,
      propagation,
      flags: 0,
    },
  ]
}

/** A tmpfs with a directory for each hierarchy, and a symlink for each controller that shares one. */
function planV1(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
  { at, target, options }: CgroupMount,
): Step[] {
  const ownNamespace = hasNamespace(config, 'cgroup')
  const attributes = MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC
  const isGuarded = isRootless(host) && !ownNamespace // as in planV2
  const readonly = isGuarded ? MOUNT_ATTR.RDONLY : options.set & MOUNT_ATTR.RDONLY
  const steps: Step[] = [
    {
      op: 'mount',
      at,
      target,
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['mode=755'],
      attributes,
      propagation: [],
      classic: 0,
      ...NO_MAP,
      flags: 0,
    },
  ]
  for (const { hierarchy, dir, base } of cgroups) {
    const { controllers, named, line } = hierarchy
    if (line === -1) continue // v2 beside them
    const name = named ?? controllers.join(',')
    const where = `${target}/${name}`
    if (ownNamespace) {
      steps.push({
        op: 'mount',
        at,
        target: where,
        type: 'cgroup',
        source: 'cgroup',
        options: named === undefined ? controllers : ['none', `name=${named}`],
        attributes: attributes | readonly,
        propagation: [],
        classic: 0,
        ...NO_MAP,
        flags: 0,
      })
    } else {
      steps.push({
        op: 'bind',
        at,
        target: where,
        source: isGuarded ? base : dir,
        set: attributes | readonly,
        clear: 0,
        reset: 0,
        recursiveSet: 0,
        recursiveClear: 0,
        propagation: [],
        flags: 0,
      })
    }
    if (controllers.length > 1) {
      for (const controller of controllers) {
        steps.push({ op: 'symlink', at, path: `${target}/${controller}`, target: name })
      }
    }
  }
  if (readonly !== 0) steps.push(planRemount(at, target, { set: readonly }))
  return steps
}
