// Plans whose ids an idmapped mount shows (config.md "POSIX-platform Mounts").

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config, IdMapping, Mount } from '../spec/config.ts'
import { hasCapability, mapText } from './ids.ts'
import type { MountOptions } from './mount-options.ts'
import { hasNamespace } from './namespaces.ts'

/** What the kernel is to map; empty texts stand for the container's own user namespace. */
export interface IdMap {
  readonly uidMap: string
  readonly gidMap: string
  /** All mounts below, too. */
  readonly recursive: boolean
}

/** The map of a mount; undefined when it is not idmapped. */
export function idMapOf(
  config: Config,
  host: HostFacts,
  mount: Mount,
  options: MountOptions,
  at: string,
): IdMap | undefined {
  const { uidMappings = [], gidMappings = [] } = mount
  const hasMappings = uidMappings.length > 0 || gidMappings.length > 0
  if (options.idmap === undefined && !hasMappings) return undefined
  if (!hasCapability(host, 'CAP_SYS_ADMIN')) {
    throw new TsociError(
      'NOT_SUPPORTED',
      `cannot map the ids of the mount on "${mount.destination}"`,
      {
        hint: `the kernel lets only root map ids of a mount: remove idmap and the mappings from ${at}`,
      },
    )
  }
  const recursive = options.idmap?.recursive === true
  const ranges = options.idmap?.ranges
  if (ranges !== undefined) return { ...parseRanges(config, ranges, at), recursive }
  if (hasMappings) {
    return { uidMap: mapText(uidMappings), gidMap: mapText(gidMappings), recursive }
  }
  if (!hasNamespace(config, 'user')) {
    throw new TsociError('BAD_CONFIG', 'nothing to map ids with: no mappings, no user namespace', {
      at: `${at}/options`,
      hint: 'add uidMappings and gidMappings to the mount',
    })
  }
  return { uidMap: '', gidMap: '', recursive }
}

/**
 * `uids=0-1000-10#20-2000-1;gids=0-1000-10`, as crun has it: id on the file system, id on the
 * host, count. Behind an @ the second is an id in the container.
 */
function parseRanges(config: Config, text: string, at: string): Omit<IdMap, 'recursive'> {
  const { uidMappings = [], gidMappings = [] } = config.linux ?? {}
  const found: Record<string, string> = {}
  for (const part of text.split(';')) {
    const [key = '', ranges = ''] = part.split('=')
    const container = key === 'uids' ? uidMappings : gidMappings
    if (!/^[ug]ids$/.test(key) || found[key] !== undefined) throw badRanges(text, at)
    found[key] = mapText(ranges.split('#').map((range) => parseRange(range, container, text, at)))
  }
  const { uids: uidMap, gids: gidMap } = found
  if (uidMap === undefined || gidMap === undefined) throw badRanges(text, at)
  return { uidMap, gidMap }
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
