// Plans whose ids an idmapped mount shows (config.md "POSIX-platform Mounts").

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config, IdMapping, Mount } from '../spec/config.ts'
import { hasCapability, isAlone, mapsOf, mapText } from './ids.ts'
import type { MountOptions } from './mount-options.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'

/** What the kernel is to map; empty texts stand for the container's own user namespace. */
export interface IdMap {
  readonly uidMap: string
  readonly gidMap: string
  /** All mounts below, too. */
  readonly recursive: boolean
}

type Mappings = Readonly<Record<'uids' | 'gids', readonly IdMapping[]>>

/** The map of a bind mount; undefined when it is not idmapped. */
export function idMapOf(
  config: Config,
  host: HostFacts,
  mount: Mount,
  options: MountOptions,
  at: string,
): IdMap | undefined {
  const mappings = mappingsOf(config, host, mount, options, at)
  if (mappings === undefined) return undefined
  if (!hasCapability(host, 'CAP_SYS_ADMIN')) {
    throw new TsociError(
      'NOT_SUPPORTED',
      `cannot map the ids of the bind mount on "${mount.destination}"`,
      {
        at,
        hint: 'the kernel lets only root of the user namespace that mounted it map its ids: remove idmap and the mappings, or bind nothing and mount a tmpfs',
      },
    )
  }
  const recursive = options.idmap?.recursive === true
  if (mappings === 'own') return { uidMap: '', gidMap: '', recursive }
  return { uidMap: mapText(mappings.uids), gidMap: mapText(mappings.gids), recursive }
}

/**
 * The map of a file system that the child mounts itself, in ids of its own user namespace;
 * undefined when it is not idmapped. There nobody needs power over the host.
 */
export function newIdMapOf(
  config: Config,
  host: HostFacts,
  mount: Mount,
  options: MountOptions,
  at: string,
): Omit<IdMap, 'recursive'> | undefined {
  const mappings = mappingsOf(config, host, mount, options, at)
  if (mappings === undefined) return undefined
  const refuse = (why: string, hint: string) => {
    const message = `cannot map the ids of the new ${mount.type} on "${mount.destination}": ${why}`
    return new TsociError('NOT_SUPPORTED', message, { at, hint })
  }
  if (mappings === 'own') {
    throw refuse('it has the ids of the container already', 'add uidMappings and gidMappings')
  }
  if (options.classic !== 0) {
    throw refuse('iversion and silent do not go with it', 'remove them, or idmap')
  }
  if (!hasNamespace(config, 'user')) {
    return { uidMap: mapText(mappings.uids), gidMap: mapText(mappings.gids) }
  }
  // The map is made by a process that others in these namespaces could trace.
  if (!isAlone(config) || !makesNamespace(config, 'pid')) {
    const hint = 'let user and pid namespace be new, and join no other by its path'
    throw refuse('the container shares namespaces', hint)
  }
  const { uids, gids } = mapsOf(config, host)
  const inside = (range: IdMapping, container: readonly IdMapping[]): IdMapping => {
    const { hostID, size } = range
    const around = container.find(
      (it) => hostID >= it.hostID && hostID + size <= it.hostID + it.size,
    )
    if (around !== undefined) {
      return { ...range, hostID: around.containerID + hostID - around.hostID }
    }
    const hint = 'name ids that linux.uidMappings and gidMappings map'
    throw refuse(`the container has not all of the ids ${hostID} to ${hostID + size - 1}`, hint)
  }
  return {
    uidMap: mapText(mappings.uids.map((range) => inside(range, uids))),
    gidMap: mapText(mappings.gids.map((range) => inside(range, gids))),
  }
}

/** Throws when ids are to be mapped of what is no mount of its own, or no file system with owners. */
export function refuseIdMap(
  config: Config,
  host: HostFacts,
  mount: Mount,
  options: MountOptions,
  at: string,
): void {
  if (mappingsOf(config, host, mount, options, at) === undefined) return
  const what = mount.type?.startsWith('cgroup') ? 'cgroups' : 'a mount that stands already'
  throw new TsociError('NOT_SUPPORTED', `cannot map the ids of ${what} on "${mount.destination}"`, {
    at,
    hint: 'remove idmap and the mappings',
  })
}

// "own": as the container's user namespace has it.
function mappingsOf(
  config: Config,
  host: HostFacts,
  mount: Mount,
  options: MountOptions,
  at: string,
): Mappings | 'own' | undefined {
  const { uidMappings = [], gidMappings = [] } = mount
  const ranges = options.idmap?.ranges
  if (ranges !== undefined) return parseRanges(mapsOf(config, host), ranges, at)
  if (uidMappings.length > 0 || gidMappings.length > 0) {
    return { uids: uidMappings, gids: gidMappings }
  }
  if (options.idmap === undefined) return undefined
  if (hasNamespace(config, 'user')) return 'own'
  throw new TsociError('BAD_CONFIG', 'nothing to map ids with: no mappings, no user namespace', {
    at: `${at}/options`,
    hint: 'add uidMappings and gidMappings to the mount',
  })
}

/**
 * `uids=0-1000-10#20-2000-1;gids=0-1000-10`, as crun has it: id on the file system, id on the
 * host, count. Behind an @ the second is an id in the container.
 */
function parseRanges(maps: Mappings, text: string, at: string): Mappings {
  const found: Record<string, IdMapping[]> = {}
  for (const part of text.split(';')) {
    const [key = '', ranges = ''] = part.split('=')
    if ((key !== 'uids' && key !== 'gids') || found[key] !== undefined) throw badRanges(text, at)
    const container = maps[key]
    found[key] = ranges.split('#').map((range) => parseRange(range, container, text, at))
  }
  const { uids, gids } = found
  if (uids === undefined || gids === undefined) throw badRanges(text, at)
  return { uids, gids }
}

function parseRange(
  range: string,
  container: readonly IdMapping[],
  text: string,
  at: string,
): IdMapping {
  const found = /^(@?)(\d{1,10})-(\d{1,10})-(\d{1,10})$/.exec(range)
  if (found === null) throw badRanges(text, at)
  const [containerID, id, size] = found.slice(2).map(Number) as [number, number, number]
  if (found[1] === '') return { containerID, hostID: id, size }
  const around = container.find(
    (mapping) => id >= mapping.containerID && id + size <= mapping.containerID + mapping.size,
  )
  if (around === undefined) {
    throw new TsociError('BAD_CONFIG', `the container has no ids ${id} to ${id + size - 1}`, {
      at: `${at}/options`,
      hint: '"@" stands for ids that linux.uidMappings and gidMappings map',
    })
  }
  return { containerID, hostID: around.hostID + id - around.containerID, size }
}

function badRanges(text: string, at: string): TsociError {
  return new TsociError('BAD_CONFIG', `cannot read the id ranges "${text}"`, {
    at: `${at}/options`,
    hint: 'write uids=FILE-HOST-COUNT;gids=FILE-HOST-COUNT, or use uidMappings',
  })
}
