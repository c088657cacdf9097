// Rules of the rest of the linux section.

import type { Config } from './config.ts'
import { checkMemoryPolicy } from './memory-policy.ts'
import { error, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'

export const LINUX_RULES: readonly Rule[] = [
  { reads: ['/linux/cgroupsPath'], check: checkCgroupsPath },
  { reads: ['/linux/personality'], check: checkPersonality },
  { reads: ['/linux/intelRdt'], check: checkIntelRdt },
  { reads: ['/linux/memoryPolicy'], check: checkMemoryPolicy },
]

function checkCgroupsPath({ linux }: Config): Problem[] {
  const path = ['linux', 'cgroupsPath']
  const value = linux?.cgroupsPath ?? ''
  if (value.includes('\n'))
    return [error(path, 'the path has a line break', { expected: 'one line' })]
  if (!value.split('/').includes('..')) return []
  return [warning(path, `".." in ${quote(value)} is resolved, and never leads above the root`)]
}

function checkPersonality({ linux }: Config): Problem[] {
  return (linux?.personality?.flags ?? []).map((flag, i) => {
    const expected = 'no flag: the specification defines none'
    return error(['linux', 'personality', 'flags', i], `unknown flag ${quote(flag)}`, { expected })
  })
}

function checkIntelRdt({ linux }: Config): Problem[] {
  const { closID = '', l3CacheSchema = '' } = linux?.intelRdt ?? {}
  const problems: Problem[] = []
  if (closID === '.' || closID === '..' || (closID !== '/' && closID.includes('/'))) {
    const expected = 'the name of a directory, or /'
    problems.push(error(['linux', 'intelRdt', 'closID'], `found ${quote(closID)}`, { expected }))
  }
  if (l3CacheSchema !== '' && !l3CacheSchema.startsWith('L3')) {
    const expected = 'a line that starts with L3:'
    const path = ['linux', 'intelRdt', 'l3CacheSchema']
    problems.push(warning(path, `found ${quote(l3CacheSchema)}`, { expected }))
  }
  return problems
}
