// What CRIU is asked for when a container is checkpointed or restored, and how its mounts,
// namespaces and descriptors are named in the images.

import { normalize } from 'node:path/posix'
import type { HostFacts } from '../host/facts.ts'
import type { Mount } from '../host/mountinfo.ts'
import type { Config, NamespaceType } from '../spec/config.ts'
import { encodeMessage, type Field } from './criu-message.ts'
import { hasNamespace } from './namespaces.ts'

/** Options that checkpoint and restore share; the flags of the same names. */
export interface CriuOptions {
  /** The program of CRIU. Absolute. */
  readonly program: string
  /** Directory of the images. Absolute. */
  readonly images: string
  /** Directory of CRIU's log; that of the images when it is left out. */
  readonly work?: string | undefined
  readonly tcpEstablished?: boolean | undefined
  readonly extUnixSk?: boolean | undefined
  readonly shellJob?: boolean | undefined
  readonly fileLocks?: boolean | undefined
  readonly lazyPages?: boolean | undefined
  readonly autoDedup?: boolean | undefined
  readonly linkRemap?: boolean | undefined
  readonly manageCgroupsMode?: keyof typeof CGROUP_MODES | undefined
  readonly networkLock?: keyof typeof NETWORK_LOCKS | undefined
  /** CLONE_NEW* of namespaces whose contents are left out. */
  readonly emptyNamespaces?: number | undefined
}

export const CGROUP_MODES = { ignore: 0, soft: 3, full: 4, strict: 5, default: 6 } as const
export const NETWORK_LOCKS = { iptables: 1, nftables: 2, skip: 3 } as const

/** criu_req_type of rpc.proto. */
export const REQUESTS = { dump: 1, restore: 2, preDump: 4 } as const

/** Descriptors of the executor that CRIU opens through /proc; native/step_criu.c puts them there. */
const IMAGES_FD = 240
const WORK_FD = 241

/** A request as bytes. */
export function criuRequest(
  type: keyof typeof REQUESTS,
  options: CriuOptions,
  more: readonly Field[],
): Uint8Array {
  const common: Field[] = [
    [1, IMAGES_FD],
    [4, options.extUnixSk === true],
    [5, options.tcpEstablished === true],
    [7, options.shellJob === true],
    [8, options.fileLocks === true],
    [9, 4], // as much in the log as an error needs
    [10, logName(type)],
    [12, true], // notifications
    [16, options.autoDedup === true],
    [17, options.work === undefined ? undefined : WORK_FD],
    [18, options.linkRemap === true],
    [24, true], // of old CRIU, which knows no mode
    [34, CGROUP_MODES[options.manageCgroupsMode ?? 'default']],
    [38, options.emptyNamespaces],
    [48, options.lazyPages === true],
    [50, true], // the master of a terminal is handed out
    [64, options.networkLock === undefined ? undefined : NETWORK_LOCKS[options.networkLock]],
  ]
  return encodeMessage([
    [1, REQUESTS[type]],
    [2, [...common, ...more]],
  ])
}

/** The name of CRIU's log in the work directory. */
export function logName(type: keyof typeof REQUESTS): string {
  return type === 'restore' ? 'restore.log' : 'dump.log'
}

/** The file that CRIU takes more options from: the annotation that the peers know, or ours. */
export function criuConfigFile(config: Config): string | undefined {
  const named = config.annotations?.['org.criu.config']
  return named === undefined ? '/etc/criu/tsoci.conf' : named || undefined
}

/** A mount that is not in the images: it comes from outside of the container. */
export interface ExternalMount {
  /** In the container. */
  readonly destination: string
  /** On the host; restore takes that of the config where it has one. */
  readonly source?: string
  /**
   * The source is the new container's cgroup in the hierarchy of this controller, of cgroup v1; when
   * it is empty, the host's mount of cgroup v2.
   */
  readonly controller?: string
}

const isBind = ({ options }: { options?: readonly string[] }) =>
  options?.some((word) => word === 'bind' || word === 'rbind') === true

/** The bind mounts of a config: where, and from where. */
export function listBinds(config: Config, bundle: string): Map<string, string> {
  const binds = new Map<string, string>()
  for (const { destination, source, type, options } of config.mounts ?? []) {
    if (type !== 'bind' && !isBind({ ...(options === undefined ? {} : { options }) })) continue
    const path = source === undefined || source.startsWith('/') ? source : `${bundle}/${source}`
    if (path !== undefined) binds.set(clean(destination), normalize(path))
  }
  return binds
}

const clean = (path: string) => normalize(`/${path}`).replace(/(.)\/$/, '$1')

/**
 * Which mounts of a running container CRIU can't make anew: the binds, and whatever is only a part
 * of a file system that is not wholly in the container.
 */
export function listExternals(
  mounts: readonly Mount[],
  config: Config,
  bundle: string,
): ExternalMount[] {
  const binds = listBinds(config, bundle)
  const below = (path: string) =>
    [...binds].find(([destination]) => path === destination || path.startsWith(`${destination}/`))
  const whole = new Set(
    mounts
      .filter(({ root, mountPoint }) => root === '/' && below(mountPoint) === undefined)
      .map(({ device }) => device),
  )
  const externals = new Map<string, ExternalMount>()
  for (const { mountPoint, root, device, fsType, superOptions } of mounts) {
    const bind = below(mountPoint)
    // A new one would reset the options of the host's.
    const isHosts = fsType === 'cgroup2' && !hasNamespace(config, 'cgroup')
    if (mountPoint === '/' || (bind === undefined && whole.has(device) && !isHosts)) continue
    const destination = mountPoint
    if (bind !== undefined) {
      const source = bind[1] + mountPoint.slice(bind[0].length)
      externals.set(destination, { destination, source })
    } else if (fsType === 'cgroup') {
      const controller = superOptions.find((word) => !['rw', 'ro', 'xattr'].includes(word))
      externals.set(destination, { destination, ...(controller ? { controller } : {}) })
    } else if (fsType === 'cgroup2') {
      // In a cgroup namespace it is the whole of what is seen there, which CRIU mounts anew.
      if (isHosts) externals.set(destination, { destination, controller: '' })
    } else if (fsType === 'devtmpfs') {
      externals.set(destination, { destination, source: `/dev${root}` })
    } else {
      externals.set(destination, { destination })
    }
  }
  return [...externals.values()]
}

/** `ext_mnt` of a request. */
export function externalMount(destination: string, value: string): Field {
  return [
    23,
    [
      [1, destination],
      [2, value],
    ],
  ]
}

/** How CRIU calls a joined namespace in the images. */
export function namespaceKey(type: 'network' | 'pid'): string {
  return type === 'network' ? 'extRootNetNS' : 'extRootPidNS'
}

/** The joined namespaces of a config, by type. */
export function listJoined(config: Config): [type: NamespaceType, path: string][] {
  return (config.linux?.namespaces ?? [])
    .filter(({ path }) => path)
    .map(({ type, path }) => [type, path!])
}

/** cgroup_root of a restore: where the container's cgroups are now. */
export function cgroupRoots(cgroups: readonly string[], { cgroups: host }: HostFacts): Field[] {
  const hierarchies = [...host.v1, ...(host.v2 === undefined ? [] : [host.v2])]
  return cgroups.flatMap((dir) => {
    const found = hierarchies.find(({ mount }) => dir.startsWith(`${mount}/`))
    if (found === undefined) return []
    const path = dir.slice(found.mount.length)
    const names =
      found.line === -1
        ? ['']
        : found.named === undefined
          ? found.controllers
          : [`name=${found.named}`]
    return names.map(
      (name): Field => [
        25,
        [
          [1, name],
          [2, path],
        ],
      ],
    )
  })
}
