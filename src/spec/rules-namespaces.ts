// Rules of namespaces, and of what they are set up with: id mappings, clocks, masked paths.

import type { Config, IdMapping, Namespace, NamespaceType } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'

/** Ids are below 2^32, and the last one means "no id". */
const ID_END = 2 ** 32 - 1

/** Extents of one map, UID_GID_MAP_MAX_EXTENTS since Linux 4.15. */
const MAX_EXTENTS = 340

export const NAMESPACE_RULES: readonly Rule[] = [
  { reads: ['/linux/namespaces'], check: checkDuplicates },
  { reads: ['/linux/uidMappings', '/linux/gidMappings', '/linux/namespaces'], check: checkMaps },
  { reads: ['/linux/timeOffsets', '/linux/namespaces'], check: checkClocks },
  { reads: ['/linux/maskedPaths', '/linux/readonlyPaths', '/linux/namespaces'], check: checkPaths },
]

/** The entry for a type of namespace; undefined when the runtime's is inherited. */
export function namespaceOf(config: Config, type: NamespaceType): Namespace | undefined {
  return config.linux?.namespaces?.find((namespace) => namespace.type === type)
}

/** Has a new user namespace with these mappings such an id? Without any it has 0. */
export function mapsId(mappings: readonly IdMapping[], id: number): boolean {
  if (mappings.length === 0) return id === 0
  return mappings.some(({ containerID, size }) => id >= containerID && id - containerID < size)
}

function checkDuplicates({ linux }: Config): Problem[] {
  const problems: Problem[] = []
  const seen = new Set<NamespaceType>()
  for (const [i, { type }] of (linux?.namespaces ?? []).entries()) {
    if (seen.has(type)) {
      const path = ['linux', 'namespaces', i, 'type']
      problems.push(
        error(path, `namespace ${quote(type)} comes twice`, { hint: 'remove one of them' }),
      )
    }
    seen.add(type)
  }
  return problems
}

function checkMaps(config: Config): Problem[] {
  const { uidMappings = [], gidMappings = [], namespaces = [] } = config.linux ?? {}
  const problems = [
    ...checkMappings(['linux', 'uidMappings'], uidMappings),
    ...checkMappings(['linux', 'gidMappings'], gidMappings),
  ]
  const user = namespaceOf(config, 'user')
  const mapped = [
    ...(uidMappings.length > 0 ? ['uidMappings'] : []),
    ...(gidMappings.length > 0 ? ['gidMappings'] : []),
  ]
  if (user === undefined) {
    for (const key of mapped) {
      problems.push(
        warning(['linux', key], 'id mappings without a user namespace do nothing', {
          hint: 'add {"type": "user"} to linux.namespaces, or remove the mappings',
        }),
      )
    }
  } else if (user.path) {
    // containerd repeats the mappings of a pod's namespace for each container in it.
    for (const key of mapped) {
      const message = 'id mappings do nothing: the user namespace at its path has its own'
      problems.push(warning(['linux', key], message))
    }
  } else if (mapped.length < 2) {
    const missing = ['uidMappings', 'gidMappings'].filter((key) => !mapped.includes(key))
    const message = `new user namespace without ${missing.join(' and ')}: its 0 is the caller's own id`
    problems.push(warning(['linux', 'namespaces', namespaces.indexOf(user)], message))
  }
  return problems
}

/** Problems of id mappings that the kernel would answer with EINVAL. */
export function checkMappings(path: Path, mappings: readonly IdMapping[]): Problem[] {
  const problems: Problem[] = []
  if (mappings.length > MAX_EXTENTS) {
    const expected = `at most ${MAX_EXTENTS}`
    problems.push(error(path, `${mappings.length} id mappings`, { expected }))
    return problems // comparing them all with each other could take long
  }
  for (const [i, mapping] of mappings.entries()) {
    if (mapping.size === 0) {
      problems.push(error([...path, i, 'size'], 'the mapping is empty', { expected: 'at least 1' }))
      continue
    }
    for (const key of ['containerID', 'hostID'] as const) {
      if (mapping[key] + mapping.size > ID_END) {
        const expected = `at most ${Math.max(0, ID_END - mapping[key])}`
        const message = `${key} ${mapping[key]} with size ${mapping.size} passes the last id`
        problems.push(error([...path, i, 'size'], message, { expected }))
      }
      const other = mappings.slice(0, i).findIndex((before) => overlaps(before, mapping, key))
      if (other !== -1) {
        const message = `the mapping overlaps with entry ${other} in its ${key} range`
        problems.push(
          error([...path, i], message, { expected: 'ranges that have no id in common' }),
        )
      }
    }
  }
  return problems
}

function overlaps(a: IdMapping, b: IdMapping, key: 'containerID' | 'hostID'): boolean {
  return a[key] < b[key] + b.size && b[key] < a[key] + a.size
}

function checkClocks(config: Config): Problem[] {
  const offsets = config.linux?.timeOffsets
  if (offsets === undefined || Object.keys(offsets).length === 0) return []
  const time = namespaceOf(config, 'time')
  if (time === undefined) {
    return [
      error(['linux', 'timeOffsets'], 'time offsets without a time namespace', {
        hint: 'add {"type": "time"} to linux.namespaces, or remove timeOffsets',
      }),
    ]
  }
  if (!time.path) return []
  const message = 'time offsets cannot be set in a time namespace that is joined by path'
  return [error(['linux', 'timeOffsets'], message, { hint: 'remove it' })]
}

function checkPaths(config: Config): Problem[] {
  if (namespaceOf(config, 'mount') !== undefined) return []
  return (['maskedPaths', 'readonlyPaths'] as const).flatMap((key) => {
    if ((config.linux?.[key] ?? []).length === 0) return []
    return [
      error(['linux', key], `cannot set ${key}: no private mount namespace`, {
        hint: `add {"type": "mount"} to linux.namespaces, or remove ${key}`,
      }),
    ]
  })
}
