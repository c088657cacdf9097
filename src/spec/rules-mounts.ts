// Rules of mounts.

import { listMountOptions } from '../linux/mounts.ts'
import type { Config, Mount } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { checkMappings, mapsId, namespaceOf } from './rules-namespaces.ts'
import { similarWord } from './similar.ts'

export const MOUNT_RULES: readonly Rule[] = [
  { reads: ['/mounts'], check: checkMounts },
  { reads: ['/mounts', '/linux/namespaces'], check: checkIdmaps },
  { reads: ['/mounts', '/linux/namespaces'], check: checkOwnMounts },
  {
    reads: ['/mounts', '/linux/namespaces', '/linux/uidMappings', '/linux/gidMappings'],
    check: checkOwners,
  },
]

const PROPAGATION = /^r?(private|shared|slave|unbindable)$/

function checkMounts({ mounts = [] }: Config): Problem[] {
  return mounts.flatMap((mount, i) => [
    ...checkDestination(mount, ['mounts', i]),
    ...checkSource(mount, ['mounts', i]),
  ])
}

// Mounts would stay behind in a namespace that is not the container's own.
function checkOwnMounts(config: Config): Problem[] {
  const own = namespaceOf(config, 'mount')
  if ((own !== undefined && !own.path) || !config.mounts?.length) return []
  const hint = 'add {"type": "mount"} to linux.namespaces, or remove mounts'
  return [warning(['mounts'], 'left out: no private mount namespace', { hint })]
}

function checkDestination({ destination }: Mount, path: Path): Problem[] {
  if (destination.startsWith('/')) return []
  const message = `relative destination ${quote(destination)} is taken from /`
  return [warning([...path, 'destination'], message, { expected: 'an absolute path' })]
}

function checkSource(mount: Mount, path: Path): Problem[] {
  const { type, source, options = [] } = mount
  const isBind =
    type === 'bind' || type === 'rbind' || options.includes('bind') || options.includes('rbind')
  if (isBind && !options.includes('remount')) {
    const problems = checkBindOptions(options, path)
    if (source) return problems
    const message = `bind mount on ${quote(mount.destination)} without a source`
    return [
      ...problems,
      error(path, message, { hint: 'name the directory or file to bind in source' }),
    ]
  }
  const changesOnly = options.some((word) => word === 'remount' || PROPAGATION.test(word))
  if ((type && type !== 'none') || changesOnly) return []
  const message = `mount on ${quote(mount.destination)} without a type`
  return [error(path, message, { hint: 'a bind mount has bind or rbind in its options' })]
}

const KNOWN_WORDS = listMountOptions()

// Data of a file system does nothing on a bind mount, and peers let pass what is for other programs.
function checkBindOptions(options: readonly string[], path: Path): Problem[] {
  return options.flatMap((word, i) => {
    if (KNOWN_WORDS.includes(word) || /^r?idmap=/.test(word)) return []
    const message = `${quote(word)} has no effect on a bind mount`
    const meant = word.includes('=') ? undefined : similarWord(word, KNOWN_WORDS)
    const other = 'remove it: it is for another program, or for the file system that is bound'
    const hint = meant === undefined ? other : `did you mean ${quote(meant)}?`
    return [warning([...path, 'options', i], message, { hint })]
  })
}

function checkIdmaps(config: Config): Problem[] {
  return (config.mounts ?? []).flatMap((mount, i) => {
    const { uidMappings = [], gidMappings = [], options = [] } = mount
    const path = ['mounts', i]
    const problems = [
      ...checkMappings([...path, 'uidMappings'], uidMappings),
      ...checkMappings([...path, 'gidMappings'], gidMappings),
    ]
    const hasMappings = uidMappings.length > 0 || gidMappings.length > 0
    const asks = options.includes('idmap') || options.includes('ridmap')
    if (hasMappings && (uidMappings.length === 0 || gidMappings.length === 0)) {
      const missing = uidMappings.length === 0 ? 'uidMappings' : 'gidMappings'
      problems.push(
        error(path, `an idmapped mount needs ${missing} as well`, {
          hint: 'add them, or remove the others',
        }),
      )
    }
    if (hasMappings && !asks) {
      const expected = 'idmap or ridmap in its options'
      problems.push(warning(path, 'the mount has id mappings', { expected }))
    }
    if (asks && !hasMappings && namespaceOf(config, 'user') === undefined) {
      problems.push(
        error([...path, 'options'], 'nothing to map ids with: no mappings, no user namespace', {
          hint: 'add uidMappings and gidMappings to the mount',
        }),
      )
    }
    return problems
  })
}

// The kernel refuses an owner that the user namespace does not map, with EINVAL and no word.
function checkOwners(config: Config): Problem[] {
  const user = namespaceOf(config, 'user')
  if (user === undefined || user.path) return []
  return (config.mounts ?? []).flatMap(({ type, options = [] }, i) => {
    if (type !== 'tmpfs' && type !== 'devpts') return []
    return options.flatMap((word, n) => {
      const [, key, id] = /^([ug]id)=(\d+)$/.exec(word) ?? []
      if (id === undefined) return []
      const name = key === 'uid' ? 'uidMappings' : 'gidMappings'
      if (mapsId(config.linux?.[name] ?? [], Number(id))) return []
      const expected = `an id that linux.${name} maps`
      return [error(['mounts', i, 'options', n], `${key} ${id} is not mapped`, { expected })]
    })
  })
}
