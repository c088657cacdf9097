// Plans /dev: the default devices and links, and those that the config names.

import type { HostFacts } from '../host/facts.ts'
import type { Config, Device } from '../spec/config.ts'
import { mapsId } from '../spec/rules-namespaces.ts'
import { hasCapability, isRootless } from './ids.ts'
import { destinationOf, parentLends } from './mounts.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

const S_IFIFO = 0o010000
const S_IFCHR = 0o020000
const S_IFBLK = 0o060000

/** config-linux.md "Default Devices". */
const DEFAULT_DEVICES: readonly Device[] = [
  { type: 'c', path: '/dev/null', major: 1, minor: 3 },
  { type: 'c', path: '/dev/zero', major: 1, minor: 5 },
  { type: 'c', path: '/dev/full', major: 1, minor: 7 },
  { type: 'c', path: '/dev/random', major: 1, minor: 8 },
  { type: 'c', path: '/dev/urandom', major: 1, minor: 9 },
  { type: 'c', path: '/dev/tty', major: 5, minor: 0 },
]

/** runtime-linux.md "Dev symbolic links". */
const LINKS: readonly [path: string, target: string][] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/ptmx', 'pts/ptmx'],
]

/** Is the container's /dev the host's? Then it is not ours to fill. */
function bindsDev(config: Config): boolean {
  return (config.mounts ?? []).some(
    (mount) =>
      destinationOf(mount) === '/dev' &&
      (mount.type === 'bind' || /\br?bind\b/.test((mount.options ?? []).join(' '))),
  )
}

/** Where nodes come from: nobody can make one in a user namespace, but root of the host for it. */
type Source = 'made' | 'lent' | 'bound'

function sourceOf(config: Config, host: HostFacts): Source {
  if (isRootless(host)) return 'bound'
  if (!hasNamespace(config, 'user')) return 'made'
  return parentLends(config, host) && hasCapability(host, 'CAP_MKNOD') ? 'lent' : 'bound'
}

/** Devices whose owner and mode are those of the host's node, by their place in config.json. */
export function listBoundDevices(config: Config, host: HostFacts): [i: number, Device][] {
  if (bindsDev(config) || sourceOf(config, host) !== 'bound') return []
  return [...(config.linux?.devices ?? []).entries()].filter(
    ([, device]) => device.type !== 'p' && !isPtmx(device),
  )
}

/** Owners of devices that a new user namespace does not map: engines send the host's own ids. */
export function listUnmappedOwners(config: Config): [i: number, key: 'uid' | 'gid', id: number][] {
  if (!makesNamespace(config, 'user')) return []
  const { devices = [], uidMappings = [], gidMappings = [] } = config.linux ?? {}
  return devices.flatMap(({ type, uid = 0, gid = 0 }, i) => {
    if (type === 'p') return []
    const found: [number, 'uid' | 'gid', number][] = []
    if (!mapsId(uidMappings, uid)) found.push([i, 'uid', uid])
    if (!mapsId(gidMappings, gid)) found.push([i, 'gid', gid])
    return found
  })
}

/** Steps that fill /dev: of the child, and of the parent for the nodes that the child borrows. */
export function planDevices(config: Config, host: HostFacts): Record<'lend' | 'child', Step[]> {
  if (bindsDev(config)) return { lend: [], child: [] }
  const source = sourceOf(config, host)
  const own = config.linux?.devices ?? []
  const named = new Set(own.map(({ path }) => path))
  const lend: Step[] = []
  const child = DEFAULT_DEVICES.filter(({ path }) => !named.has(path)).map((device) =>
    source === 'made' ? planNode(device, '/linux/devices') : planBound(device, '/linux/devices', 0),
  )
  for (const [i, device] of own.entries()) {
    if (isPtmx(device)) continue
    const node = planNode(device, `/linux/devices/${i}`)
    if (source === 'made' || device.type === 'p') child.push(node)
    else if (source === 'bound') child.push(planBound(device, node.at, 0))
    else {
      const { flags: _, ...lent } = node
      lend.push({ ...lent, op: 'lend-node' })
      child.push(planBound(device, node.at, STEP_FLAGS.NODE_BORROW))
    }
  }
  child.push(...LINKS.map(([path, target]): Step => ({ op: 'symlink', path, target })))
  return { lend, child }
}

/** The link to the container's own pts/ptmx, made anyway, stands for it; the host's is of no use. */
const isPtmx = ({ path, type, major, minor }: Device) =>
  path === '/dev/ptmx' && type === 'c' && major === 5 && minor === 2

const kindOf = ({ type }: Device) => (type === 'b' ? S_IFBLK : type === 'p' ? S_IFIFO : S_IFCHR)

function planBound(device: Device, at: string, flags: number): Step {
  const { path, major = 0, minor = 0 } = device
  return { op: 'bind-node', at, path, source: path, kind: kindOf(device), major, minor, flags }
}

function planNode(device: Device, at: string) {
  const { path, major = 0, minor = 0, fileMode, uid = 0, gid = 0 } = device
  const mode = kindOf(device) | ((fileMode ?? 0o666) & 0o7777)
  const flags = fileMode === undefined ? 0 : STEP_FLAGS.NODE_MODE
  return { op: 'make-node', at, path, mode, major, minor, uid, gid, flags } as const
}
