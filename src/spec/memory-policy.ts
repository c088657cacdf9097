// linux.memoryPolicy: what the schema can't say, in words that callers look for.

import type { Config } from './config.ts'
import { error, type Path, type Problem } from './problem.ts'
import { checkMask } from './rules-process.ts'

const NO_NODES = new Set(['MPOL_DEFAULT', 'MPOL_LOCAL'])
const SOME_NODES = new Set([
  'MPOL_BIND',
  'MPOL_INTERLEAVE',
  'MPOL_WEIGHTED_INTERLEAVE',
  'MPOL_PREFERRED_MANY',
])

const PARTS: Readonly<Record<string, string>> = { mode: ' mode', flags: ' flag', nodes: ' node' }

/** How a message about a property of it begins. */
export function invalidMemoryPolicy(property: unknown): string {
  return `invalid memory policy${PARTS[String(property)] ?? ''}`
}

/** Checks that mode, nodes and flags fit each other. */
export function checkMemoryPolicy({ linux }: Config): Problem[] {
  const policy = linux?.memoryPolicy
  if (policy === undefined) return []
  const { mode, nodes = '', flags = [] } = policy
  const path = ['linux', 'memoryPolicy', 'nodes']
  const invalid = (at: Path, message: string, expected?: string) =>
    error(
      at,
      `${invalidMemoryPolicy(at[2])}: ${message}`,
      expected === undefined ? {} : { expected },
    )
  const wrong = checkMask(path, nodes)
  if (NO_NODES.has(mode) && nodes.trim() !== '') {
    const got = wrong.length > 0 ? nodes : countNodes(nodes)
    return [invalid(path, `the ${mode} mode requires 0 nodes but got ${got}`, 'no nodes')]
  }
  if (SOME_NODES.has(mode) && nodes.trim() === '') {
    const where = policy.nodes === undefined ? path.slice(0, -1) : path
    return [invalid(where, `${mode} needs nodes`, 'a list such as 0-3,7')]
  }
  const problems = wrong.map((it) => invalid(path, it.message, it.expected))
  if (flags.includes('MPOL_F_STATIC_NODES') && flags.includes('MPOL_F_RELATIVE_NODES')) {
    const message = 'MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other'
    problems.push(invalid(['linux', 'memoryPolicy', 'flags'], message))
  }
  return problems
}

function countNodes(list: string): number {
  const sizes = list.split(',').map((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return last! - first! + 1
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}
