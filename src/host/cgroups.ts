// Facts about cgroups: which hierarchies are mounted where, and which cgroup is ours in each.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isHidden, type Mount, parseMountinfo } from './mountinfo.ts'

/** One mounted cgroup v1 hierarchy, or the v2 one. */
export interface CgroupHierarchy {
  /** v1: the controllers bound to it, none for a named one. v2: those its top offers. */
  readonly controllers: readonly string[]
  /** v1 only: the name of a hierarchy without controllers, as `systemd` in `name=systemd`. */
  readonly named?: string
  /** Where it is mounted. */
  readonly mount: string
  /** Which cgroup the mount shows at its top: `/`, unless we are nested in a container. */
  readonly root: string
  /** This process's cgroup, as /proc/self/cgroup spells it. */
  readonly own: string
  /** v1: place of its line in /proc/self/cgroup, counted without the v2 line. */
  readonly line: number
  /** The directory of `own`; the mount itself when the mount does not show `own`. */
  readonly ownDir: string
}

/** `hybrid` is v1 for the controllers, with the v2 hierarchy mounted beside them. */
export type CgroupLayout = 'v1' | 'v2' | 'hybrid' | 'none'

export interface CgroupFacts {
  readonly layout: CgroupLayout
  readonly v1: readonly CgroupHierarchy[]
  readonly v2: CgroupHierarchy | undefined
  /** v2: the controllers that our own cgroup may use; on a delegated tree fewer than the top's. */
  readonly ownControllers: readonly string[]
}

/** One line of /proc/self/cgroup. Both lists are empty for v2. */
interface OwnCgroup {
  readonly controllers: readonly string[]
  readonly named: string | undefined
  readonly path: string
}

/** The files that tell about cgroups, as text. */
export interface CgroupSources {
  readonly mountinfo: string
  readonly selfCgroup: string
  /** Reads a cgroup.controllers file; empty when there is none. */
  readonly readControllers: (file: string) => string
}

/** Reads this host's cgroup facts. */
export function readCgroupFacts(): CgroupFacts {
  return parseCgroupFacts({
    mountinfo: readText('/proc/self/mountinfo'),
    selfCgroup: readText('/proc/self/cgroup'),
    readControllers: readText,
  })
}

/** Works out the layout from the texts alone. */
export function parseCgroupFacts(sources: CgroupSources): CgroupFacts {
  const mounts = parseMountinfo(sources.mountinfo)
  const owns = parseSelfCgroup(sources.selfCgroup)
  const v1: CgroupHierarchy[] = []
  let v2: CgroupHierarchy | undefined

  let line = 0
  for (const own of owns) {
    const isV2 = own.named === undefined && own.controllers.length === 0
    const ownLine = isV2 ? -1 : line++
    const mount = pickMount(mounts, own, isV2)
    if (mount === undefined) continue
    const place = {
      mount: mount.mountPoint,
      root: mount.root,
      own: own.path,
      line: ownLine,
      ownDir: cgroupDir(mount.mountPoint, mount.root, own.path) ?? mount.mountPoint,
    }
    if (isV2) {
      const file = join(mount.mountPoint, 'cgroup.controllers')
      v2 = { controllers: splitWords(sources.readControllers(file)), ...place }
    } else if (own.named !== undefined) {
      v1.push({ controllers: own.controllers, named: own.named, ...place })
    } else {
      v1.push({ controllers: own.controllers, ...place })
    }
  }
  return {
    layout: layoutOf(v1, v2),
    v1,
    v2,
    ownControllers:
      v2 === undefined
        ? []
        : splitWords(sources.readControllers(join(v2.ownDir, 'cgroup.controllers'))),
  }
}

/**
 * The directory that shows cgroup `path` of a hierarchy whose mount shows `root` at its top;
 * undefined when `path` lies outside of what is mounted.
 */
export function cgroupDir(mount: string, root: string, path: string): string | undefined {
  // In a cgroup namespace, what lies outside of it is spelled `/..` (cgroup_namespaces(7)).
  if (path === '/..' || path.startsWith('/../')) return undefined
  if (path === '/' && root === '/') return mount
  if (root === '/') return join(mount, path)
  if (path === root) return mount
  return path.startsWith(`${root}/`) ? join(mount, path.slice(root.length)) : undefined
}

/** Parses /proc/self/cgroup. */
function parseSelfCgroup(text: string): OwnCgroup[] {
  const owns: OwnCgroup[] = []
  for (const line of text.split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line)
    if (match === null) continue
    const words = match[1] === '' ? [] : match[1]!.split(',')
    const named = words.find((word) => word.startsWith('name='))?.slice('name='.length)
    const controllers = words.filter((word) => !word.startsWith('name='))
    // The kernel marks a cgroup that was removed under us; the path before the mark still counts.
    owns.push({ controllers, named, path: match[2]!.replace(/ \(deleted\)$/, '') })
  }
  return owns
}

// Of several mounts of one hierarchy: one that shows our own cgroup, then the first.
function pickMount(mounts: readonly Mount[], own: OwnCgroup, isV2: boolean): Mount | undefined {
  const word = own.named === undefined ? own.controllers[0] : `name=${own.named}`
  const found = mounts.filter(
    (mount) =>
      (isV2
        ? mount.fsType === 'cgroup2'
        : mount.fsType === 'cgroup' && mount.superOptions.includes(word ?? '')) &&
      !isHidden(mounts, mount),
  )
  const shows = (mount: Mount) =>
    cgroupDir(mount.mountPoint, mount.root, own.path) !== undefined ? 0 : 1
  return found.sort((a, b) => shows(a) - shows(b))[0]
}

// A v1 hierarchy beside a v2 at the usual place (a VPN client mounts net_cls) is still v2.
function layoutOf(v1: readonly CgroupHierarchy[], v2: CgroupHierarchy | undefined): CgroupLayout {
  if (v2 === undefined) return v1.length === 0 ? 'none' : 'v1'
  if (v1.length === 0 || v2.mount === '/sys/fs/cgroup') return 'v2'
  return 'hybrid'
}

function splitWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function readText(file: string): string {
  // existsSync first: a thrown ENOENT costs more than the whole of a cheap read.
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
