// Plans which cgroups a process of `exec` joins: the container's, or cgroups below them.

import { join } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { isRootless } from './ids.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import type { Text } from './text.ts'

/** The name of the v2 hierarchy beside those of v1, and of what goes for every hierarchy. */
const EVERY = ''

/**
 * Prepare. `dirs` are the container's cgroups, with slots only where no `words` are; `words` are
 * those of --cgroup: one PATH for every hierarchy, or CONTROLLER[,CONTROLLER...]:PATH for those of
 * cgroup v1.
 */
export function planExecCgroups(
  dirs: readonly Text[],
  words: readonly string[],
  host: HostFacts,
): Step[] {
  const paths = parseSubCgroups(words)
  const used = new Set<string>()
  const steps = dirs.map((dir): Step => {
    const names = typeof dir === 'string' ? namesOf(dir, host) : []
    const name = [...names, EVERY].find((it) => paths.has(it))
    if (name === undefined || typeof dir !== 'string') {
      // The container may have made cgroups of its own, and moved its init into one.
      const optional = isRootless(host) ? STEP_FLAGS.CGROUP_OPTIONAL : 0
      const flags = optional | STEP_FLAGS.CGROUP_LIKE_INIT
      return { op: 'cgroup-open', at: '/linux/cgroupsPath', dir, flags }
    }
    for (const it of names) used.add(it)
    used.add(name)
    return { op: 'cgroup-open', dir: join(dir, paths.get(name)!), flags: 0 }
  })
  const unused = [...paths.keys()].find((name) => !used.has(name))
  if (unused !== undefined) {
    throw badWord(unused, `unknown controller ${unused}: the container has no cgroup of it`)
  }
  return steps
}

/** Controllers of the hierarchy that a directory lies in; none for v2. */
function namesOf(dir: string, { cgroups }: HostFacts): readonly string[] {
  const found = cgroups.v1.find(({ mount }) => dir === mount || dir.startsWith(`${mount}/`))
  if (found === undefined) return []
  return found.named === undefined ? found.controllers : [`name=${found.named}`]
}

function parseSubCgroups(words: readonly string[]): Map<string, string> {
  const paths = new Map<string, string>()
  for (const word of words) {
    const colon = word.indexOf(':')
    const path = word.slice(colon + 1)
    if (path.split('/').includes('..')) throw badWord(word, 'the path leads out of the container')
    if (path.includes('\n')) throw badWord(word, 'the path has a line break')
    if (colon < 0 && words.length > 1) throw badWord(word, 'among several each names a controller')
    for (const name of colon < 0 ? [EVERY] : word.slice(0, colon).split(',')) {
      if (colon >= 0 && name === '') throw badWord(word, 'a controller without a name')
      if (paths.has(name)) throw badWord(word, `${name} has a path already`)
      paths.set(name, path)
    }
  }
  return paths
}

function badWord(word: string, why: string): TsociError {
  return new TsociError('BAD_USAGE', `bad sub cgroup path ${JSON.stringify(word)}: ${why}`, {
    hint: 'give --cgroup PATH, or on cgroup v1 --cgroup CONTROLLER:PATH for some controllers',
  })
}
