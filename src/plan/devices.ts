// Plans /dev: the default devices and links, and those that the config names.

import type { HostFacts } from '../host/facts.ts'
import type { Config, Device } from '../spec/config.ts'
import { isRootless } from './ids.ts'
import { destinationOf } from './mounts.ts'
import { hasNamespace } from './namespaces.ts'
import type { Step } from './step.ts'

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

/** Child's steps that fill /dev. */
export function planDevices(config: Config, host: HostFacts): Step[] {
  if (bindsDev(config)) return []
  // In a user namespace nodes can't be made: the host's are bound.
  const binds = hasNamespace(config, 'user') || isRootless(host)
  const own = config.linux?.devices ?? []
  const named = new Set(own.map(({ path }) => path))
  const defaults = DEFAULT_DEVICES.filter(({ path }) => !named.has(path))
  return [
    ...defaults.map((device) => planDevice(device, '/linux/devices', binds)),
    ...own.flatMap((device, i) =>
      isPtmx(device) ? [] : [planDevice(device, `/linux/devices/${i}`, binds)],
    ),
    ...LINKS.map(([path, target]): Step => ({ op: 'symlink', path, target })),
  ]
}

/** The link to the container's own pts/ptmx, made anyway, stands for it; the host's is of no use. */
const isPtmx = ({ path, type, major, minor }: Device) =>
  path === '/dev/ptmx' && type === 'c' && major === 5 && minor === 2

function planDevice(device: Device, at: string, binds: boolean): Step {
  const { path, type } = device
  const kind = type === 'b' ? S_IFBLK : type === 'p' ? S_IFIFO : S_IFCHR
  const { major = 0, minor = 0 } = device
  if (binds && type !== 'p') return { op: 'bind-node', at, path, source: path, kind, major, minor }
  return {
    op: 'make-node',
    at,
    path,
    mode: kind | ((device.fileMode ?? 0o666) & 0o7777),
    major,
    minor,
    uid: device.uid ?? 0,
    gid: device.gid ?? 0,
  }
}
