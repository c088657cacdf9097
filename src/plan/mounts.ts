// Plans the mounts, in the order of config.json (config.md "Mounts").

import { join } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR } from '../linux/mounts.ts'
import type { Config, Mount } from '../spec/config.ts'
import { planCgroupMount } from './cgroup-mount.ts'
import type { CgroupDir } from './cgroups.ts'
import { type IdMap, idMapOf, newIdMapOf, refuseIdMap } from './idmap.ts'
import { hasCapability } from './ids.ts'
import { type MountOptions, parseMountOptions } from './mount-options.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import { planRemount } from './remount.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { slot, type Text, text } from './text.ts'

/** Files that lxcfs covers, and places that the kernel keeps free; all else there must stay its own. */
const COVERABLE_IN_PROC = new Set(
  ['cpuinfo', 'diskstats', 'meminfo', 'stat', 'swaps', 'uptime', 'loadavg', 'slabinfo'].concat([
    'sys/kernel/ns_last_pid',
    'sys/crypto/fips_enabled',
    'net/dev',
    'sys/fs/binfmt_misc',
    'fs/nfsd',
  ]),
)

export type BindStep = Extract<Step, { op: 'bind' }>

/** Steps on both sides of the clone. */
export interface MountSteps {
  /** Parent: the sources that the child borrows, in the order in which it asks for them. */
  readonly lend: readonly Step[]
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
 * Must the parent open the sources? The root of a user namespace may be unable to walk to them;
 * who stands outside can, if it may clone mounts at all.
 */
export function parentLends(config: Config, host: HostFacts): boolean {
  return hasNamespace(config, 'user') && hasCapability(host, 'CAP_SYS_ADMIN')
}

/** Plans config.mounts. */
export function planMounts(
  config: Config,
  host: HostFacts,
  cgroups: readonly CgroupDir[],
  lends: (config: Config, host: HostFacts) => boolean = parentLends,
): MountSteps {
  const mounts = config.mounts ?? []
  const lend: Step[] = []
  const child: Step[] = planSymlinkChecks(mounts)
  const afterDevices: Step[] = []
  let firstCgroup: number | undefined

  mounts.forEach((mount, i) => {
    const at = `/mounts/${i}`
    const target = destinationOf(mount)
    const options = parseMountOptions(mount.options ?? [])
    if (changesOnly(mount, options)) {
      refuseIdMap(config, host, mount, options, at)
      child.push(planChange(at, target, options))
      return
    }
    checkProcTarget(mount, at, target, options)
    const bind = bindSource(config, mount, options)
    if (bind !== undefined) {
      const idMap = idMapOf(config, host, mount, options, at)
      const step = planBind(mount, at, target, bind, options)
      // Where a symlink is made there may be nothing to lend.
      const copiesLink = options.words.has('copy-symlink')
      if (idMap !== undefined || (lends(config, host) && !copiesLink)) {
        lend.push(planLend(step, idMap))
        child.push({ ...step, flags: Number(step.flags) | STEP_FLAGS.MOUNT_BORROW })
      } else child.push(step)
    } else if (mount.type === 'cgroup' || mount.type === 'cgroup2') {
      refuseIdMap(config, host, mount, options, at)
      firstCgroup ??= child.length
      child.push(...planCgroupMount(config, host, cgroups, { at, target, options }))
    } else {
      const idMap = newIdMapOf(config, host, mount, options, at)
      child.push(...planFilesystem(mount, at, target, options, idMap, afterDevices))
    }
  })
  return { lend, child, firstCgroup: firstCgroup ?? child.length, afterDevices }
}

/** /proc, /sys and /dev of the image must be what they seem (CVE-2025-54867, CVE-2026-41579). */
function planSymlinkChecks(mounts: readonly Mount[]): Step[] {
  const tops = new Set(mounts.map((mount) => `/${destinationOf(mount).split('/')[1]}`))
  return ['/proc', '/sys', '/dev']
    .filter((top) => tops.has(top))
    .map((path) => ({ op: 'refuse-symlink', at: '/root/path', path }))
}

/** Is nothing new mounted, and only what stands there changed (mount(8))? */
function changesOnly(mount: Mount, options: MountOptions): boolean {
  if (options.words.has('remount')) return true
  const type = mount.type === undefined || mount.type === '' || mount.type === 'none'
  return type && !options.bind && options.propagation.length > 0
}

function checkProcTarget(mount: Mount, at: string, target: string, options: MountOptions): void {
  if (target === '/proc' && (mount.type === 'proc' || options.bind)) return
  if (target !== '/proc' && !target.startsWith('/proc/')) return
  if (COVERABLE_IN_PROC.has(target.slice('/proc/'.length))) return
  throw new TsociError('BAD_CONFIG', `cannot mount "${mount.type ?? 'bind'}" on "${target}"`, {
    at,
    hint: 'only proc itself, the files that lxcfs provides, binfmt_misc and nfsd may lie in /proc',
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
  options: MountOptions,
): BindStep {
  const instead = mount.type === 'sysfs'
  const { words } = options
  const recursive = options.recursive || mount.type === 'rbind' || instead
  const flags =
    (recursive ? STEP_FLAGS.MOUNT_RECURSIVE : 0) |
    (words.has('src-nofollow') ? STEP_FLAGS.MOUNT_SRC_NOFOLLOW : 0) |
    (words.has('copy-symlink') ? STEP_FLAGS.MOUNT_COPY_SYMLINK : 0) |
    (words.has('dest-nofollow') ? STEP_FLAGS.MOUNT_DEST_NOFOLLOW : 0)
  return {
    op: 'bind',
    at,
    target,
    source,
    ...bindAttributes(options),
    recursiveSet: options.recursiveSet | (instead ? options.set & MOUNT_ATTR.RDONLY : 0),
    recursiveClear: options.recursiveClear,
    propagation: options.propagation,
    flags,
  }
}

/** `remount` alone is about the file system as well, with `bind` about this one mount. */
function planChange(at: string, target: string, options: MountOptions): Step {
  const ofFileSystem = options.words.has('remount') && !options.bind
  if (options.classic !== 0) {
    throw new TsociError('NOT_SUPPORTED', `cannot remount "${target}" with iversion or silent`, {
      at: `${at}/options`,
      hint: 'give the word where it is mounted first, and remove it here',
    })
  }
  const readonly = (options.set & MOUNT_ATTR.RDONLY) !== 0 ? ['ro'] : []
  const writable = (options.clear & MOUNT_ATTR.RDONLY) !== 0 ? ['rw'] : []
  const data = ofFileSystem ? [...options.data, ...readonly, ...writable] : []
  return planRemount(at, target, { ...options, data })
}

const FLAG_BITS =
  MOUNT_ATTR.RDONLY |
  MOUNT_ATTR.NOSUID |
  MOUNT_ATTR.NODEV |
  MOUNT_ATTR.NOEXEC |
  MOUNT_ATTR.NOSYMFOLLOW
const ATIME_BITS = MOUNT_ATTR.ATIME | MOUNT_ATTR.NODIRATIME

/**
 * A bind without words is like its source. With any it has those and no others, as after
 * mount(2), but for what is locked in a user namespace. The access times stay as they are unless
 * a word sets them.
 */
function bindAttributes(options: MountOptions): Pick<BindStep, 'set' | 'clear' | 'reset'> {
  const set = options.set
  let clear = options.clear & FLAG_BITS
  const setsTimes = (set & ATIME_BITS) !== 0 || options.words.has('relatime')
  if (setsTimes) clear |= ATIME_BITS
  const reset = options.hasAttributes ? FLAG_BITS & ~set & ~clear : 0
  return { set, clear, reset }
}

/** Parent's side of a bind that the child borrows. */
export function planLend(step: BindStep, idMap: IdMap | undefined): Step {
  const has = (flag: number) => (Number(step.flags) & flag) !== 0
  const flags =
    (has(STEP_FLAGS.MOUNT_RECURSIVE) ? STEP_FLAGS.LEND_RECURSIVE : 0) |
    (has(STEP_FLAGS.MOUNT_SRC_NOFOLLOW) ? STEP_FLAGS.LEND_NOFOLLOW : 0) |
    (idMap === undefined ? 0 : STEP_FLAGS.LEND_IDMAP) |
    (idMap?.recursive === true ? STEP_FLAGS.LEND_IDMAP_RECURSIVE : 0)
  const { uidMap = '', gidMap = '' } = idMap ?? {}
  return { op: 'lend-tree', at: step.at!, path: step.source, uidMap, gidMap, flags }
}

// fsconfig(2) takes a value of 255 bytes at most; the layers of an overlay are longer.
function isLong(option: string): boolean {
  return Buffer.byteLength(option.slice(option.indexOf('=') + 1)) > 255
}

function planFilesystem(
  mount: Mount,
  at: string,
  target: string,
  options: MountOptions,
  idMap: Pick<IdMap, 'uidMap' | 'gidMap'> | undefined,
  afterDevices: Step[],
): Step[] {
  const type = mount.type
  if (type === undefined || type === '' || type === 'none') {
    throw new TsociError('BAD_CONFIG', `cannot mount on "${target}": no type`, {
      at: `${at}/type`,
      hint: 'set the type, or "bind" among the options',
    })
  }
  if (options.words.has('tmpcopyup') && type !== 'tmpfs') {
    throw new TsociError('BAD_CONFIG', `cannot copy up into "${target}": it is no tmpfs`, {
      at: `${at}/options`,
      hint: 'remove "tmpcopyup"',
    })
  }
  let attributes = (options.set | options.recursiveSet) & ~options.recursiveClear
  const data = [...options.data]
  // A read-only tmpfs could not be filled, nor take the mounts below it: it turns so afterwards.
  if ((target === '/dev' || type === 'tmpfs') && attributes & MOUNT_ATTR.RDONLY) {
    attributes &= ~MOUNT_ATTR.RDONLY
    afterDevices.push(planRemount(at, target, { set: MOUNT_ATTR.RDONLY }))
  } else if (attributes & MOUNT_ATTR.RDONLY && type !== 'proc' && type !== 'sysfs') {
    data.push('ro')
  }
  const source = mount.source ?? type
  const kernelOwned = type === 'proc' || type === 'sysfs'
  const hasMode = data.some((option) => option.startsWith('mode='))
  const flags =
    (kernelOwned ? STEP_FLAGS.MOUNT_NO_SYMLINK : 0) |
    (type === 'tmpfs' && !hasMode ? STEP_FLAGS.MOUNT_DIR_MODE : 0) |
    (options.words.has('tmpcopyup') ? STEP_FLAGS.MOUNT_COPY_UP : 0) |
    (idMap === undefined ? 0 : STEP_FLAGS.MOUNT_IDMAP) |
    (options.words.has('dest-nofollow') ? STEP_FLAGS.MOUNT_DEST_NOFOLLOW : 0) |
    (options.classic !== 0 || [source, ...data].some(isLong) ? STEP_FLAGS.MOUNT_CLASSIC : 0)
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
      classic: options.classic,
      uidMap: idMap?.uidMap ?? '',
      gidMap: idMap?.gidMap ?? '',
      flags,
    },
  ]
}
