// Plans the mounts, in the order of config.json (config.md "Mounts").

import { join } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR } from '../linux/mounts.ts'
import type { Config, Mount } from '../spec/config.ts'
import { planCgroupMount } from './cgroup-mount.ts'
import type { CgroupDir } from './cgroups.ts'
import { hasCapability } from './ids.ts'
import { type MountOptions, parseMountOptions } from './mount-options.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { Step } from './step.ts'
import { NO_TREE, STEP_FLAGS } from './step.ts'
import { slot, type Text, text } from './text.ts'

/** Files that lxcfs covers; all else below /proc must stay the kernel's. */
const COVERABLE_PROC_FILES = new Set(
  ['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime', 'loadavg', 'slabinfo'].concat([
    'sys/kernel/ns_last_pid',
    'sys/crypto/fips_enabled',
    'net/dev',
  ]),
)

/** Steps on both sides of the clone. */
export interface MountSteps {
  /** Parent, before the clone: sources that the child will not be able to open. */
  readonly prepare: readonly Step[]
  readonly child: readonly Step[]
  /** Where in `child` the first mount of cgroups is; its length when there is none. */
  readonly firstCgroup: number
  /** Child, once /dev is filled. */
  readonly afterDevices: readonly Step[]
}

/** The absolute destination: a relative one is taken from / (config.md "Mounts"). */
export function destinationOf(mount: Mount): string {
  const path = join('/', mount.destination)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/**
 * Must the parent open the sources? The root of a new user namespace may be unable to walk to
 * them; who stands outside can, if it may clone mounts at all.
 */
export function parentOpensSources(config: Config, host: HostFacts): boolean {
  return makesNamespace(config, 'user') && hasCapability(host, 'CAP_SYS_ADMIN')
}

/** Plans config.mounts. `firstTree` is the first tree index that is free. */
export function planMounts(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
  firstTree: number,
): MountSteps {
  const mounts = config.mounts ?? []
  const fromParent = parentOpensSources(config, host)
  const prepare: Step[] = []
  const child: Step[] = planSymlinkChecks(mounts)
  const afterDevices: Step[] = []
  let tree = firstTree
  let firstCgroup: number | undefined

  mounts.forEach((mount, i) => {
    const at = `/mounts/${i}`
    const target = destinationOf(mount)
    const options = parseMountOptions(mount.options ?? [], at)
    refuseNotYet(mount, at)
    checkProcTarget(mount, target, options)
    const bind = bindSource(config, mount, options)
    if (bind !== undefined) {
      let index = NO_TREE
      if (fromParent) {
        index = tree++
        const recursive = options.recursive ? 1 : 0
        prepare.push({ op: 'open-tree', at, index, path: bind, recursive })
      }
      child.push(planBind(mount, at, target, bind, index, options))
    } else if (mount.type === 'cgroup' || mount.type === 'cgroup2') {
      firstCgroup ??= child.length
      child.push(...planCgroupMount(config, host, cgroups, { at, target, options }))
    } else {
      child.push(...planFilesystem(mount, at, target, options, afterDevices))
    }
  })
  return { prepare, child, firstCgroup: firstCgroup ?? child.length, afterDevices }
}

/** /proc, /sys and /dev of the image must be what they seem (CVE-2025-54867, CVE-2026-41579). */
function planSymlinkChecks(mounts: readonly Mount[]): Step[] {
  const tops = new Set(mounts.map((mount) => `/${destinationOf(mount).split('/')[1]}`))
  return ['/proc', '/sys', '/dev']
    .filter((top) => tops.has(top))
    .map((path) => ({ op: 'refuse-symlink', at: '/root/path', path }))
}

function refuseNotYet(mount: Mount, at: string): void {
  if (mount.uidMappings === undefined && mount.gidMappings === undefined) return
  throw new TsociError('NOT_SUPPORTED', 'idmapped mounts are not supported yet', {
    hint: `remove uidMappings and gidMappings from ${at}`,
  })
}

function checkProcTarget(mount: Mount, target: string, options: MountOptions): void {
  if (target === '/proc' && (mount.type === 'proc' || options.bind)) return
  if (target !== '/proc' && !target.startsWith('/proc/')) return
  if (COVERABLE_PROC_FILES.has(target.slice('/proc/'.length))) return
  throw new TsociError('BAD_CONFIG', `cannot mount "${mount.type ?? 'bind'}" on "${target}"`, {
    hint: 'only proc itself and the files that lxcfs provides may lie in /proc',
  })
}

/** Source of a bind mount, absolute; undefined for another mount. */
function bindSource(config: Config, mount: Mount, options: MountOptions): Text | undefined {
  if (options.bind || mount.type === 'bind' || mount.type === 'rbind') {
    const source = mount.source ?? ''
    return source.startsWith('/') ? source : text`${slot('bundle')}/${source}`
  }
  // A user namespace may mount a sysfs only with its own network namespace: show the host's.
  const ownNet = makesNamespace(config, 'network')
  if (mount.type === 'sysfs' && hasNamespace(config, 'user') && !ownNet) return '/sys'
  return undefined
}

function planBind(
  mount: Mount,
  at: string,
  target: string,
  source: Text,
  tree: number,
  options: MountOptions,
): Step {
  const instead = mount.type === 'sysfs'
  const { words } = options
  const recursive = options.recursive || mount.type === 'rbind' || instead
  const flags =
    (recursive ? STEP_FLAGS.MOUNT_RECURSIVE : 0) |
    (words.has('src-nofollow') ? STEP_FLAGS.MOUNT_SRC_NOFOLLOW : 0) |
    (words.has('dest-nofollow') ? STEP_FLAGS.MOUNT_DEST_NOFOLLOW : 0)
  return {
    op: 'bind',
    at,
    target,
    source,
    tree,
    set: options.set,
    clear: options.clear,
    recursiveSet: options.recursiveSet | (instead ? options.set & MOUNT_ATTR.RDONLY : 0),
    recursiveClear: options.recursiveClear,
    propagation: options.propagation,
    flags,
  }
}

function planFilesystem(
  mount: Mount,
  at: string,
  target: string,
  options: MountOptions,
  afterDevices: Step[],
): Step[] {
  const type = mount.type
  if (type === undefined || type === '' || type === 'none') {
    throw new TsociError('BAD_CONFIG', `cannot mount on "${target}": no type`, {
      hint: `set ${at}/type, or "bind" among ${at}/options`,
    })
  }
  if (options.words.has('tmpcopyup') && type !== 'tmpfs') {
    throw new TsociError('BAD_CONFIG', `cannot copy up into "${target}": it is no tmpfs`, {
      hint: `remove "tmpcopyup" from ${at}/options`,
    })
  }
  let attributes = options.set
  const data = [...options.data]
  // A read-only tmpfs could not be filled, nor take the mounts below it: it turns so afterwards.
  if ((target === '/dev' || type === 'tmpfs') && attributes & MOUNT_ATTR.RDONLY) {
    attributes &= ~MOUNT_ATTR.RDONLY
    afterDevices.push({ op: 'remount', at, target, set: MOUNT_ATTR.RDONLY, clear: 0 })
  } else if (attributes & MOUNT_ATTR.RDONLY && type !== 'proc' && type !== 'sysfs') {
    data.push('ro')
  }
  const kernelOwned = type === 'proc' || type === 'sysfs'
  const hasMode = data.some((option) => option.startsWith('mode='))
  const flags =
    (kernelOwned ? STEP_FLAGS.MOUNT_NO_SYMLINK : 0) |
    (type === 'tmpfs' && !hasMode ? STEP_FLAGS.MOUNT_DIR_MODE : 0) |
    (options.words.has('tmpcopyup') ? STEP_FLAGS.MOUNT_COPY_UP : 0) |
    (options.words.has('dest-nofollow') ? STEP_FLAGS.MOUNT_DEST_NOFOLLOW : 0)
  const source = mount.source ?? type
  return [
    {
      op: 'mount',
      at,
      target,
      type,
      source,
      options: data,
      attributes,
      propagation: options.propagation,
      flags,
    },
  ]
}
