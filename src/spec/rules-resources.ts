// Rules of resources.

import type { BlockIo, Config } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { isNetName } from './rules-devices.ts'
import { checkNumberList } from './rules-process.ts'

const TOP = ['linux', 'resources'] as const

/** Smallest weight of the blkio controller. */
const LEAST_WEIGHT = 10

export const RESOURCE_RULES: readonly Rule[] = [
  { reads: ['/linux/resources/devices'], check: checkDevices },
  { reads: ['/linux/resources/pids'], check: checkPids },
  { reads: ['/linux/resources/memory'], check: checkMemory },
  { reads: ['/linux/resources/cpu'], check: checkCpu },
  { reads: ['/linux/resources/blockIO'], check: checkBlockIo },
  { reads: ['/linux/resources/hugepageLimits'], check: checkHugepages },
  { reads: ['/linux/resources/network'], check: checkPriorities },
  { reads: ['/linux/resources/rdma'], check: checkRdma },
  { reads: ['/linux/resources/unified'], check: checkUnified },
]

function checkDevices({ linux }: Config): Problem[] {
  return (linux?.resources?.devices ?? []).flatMap(({ allow, access = '' }, i) => {
    const expected = 'some of the letters r, w and m'
    const path = [...TOP, 'devices', i]
    // A denial without them denies all.
    if (access === '' && allow) return [error(path, 'allows no access', { expected })]
    if (!access.includes('a')) return []
    const message = `found ${quote(access)}: the letter a is ignored`
    return [warning([...path, 'access'], message, { expected })]
  })
}

// Engines of old send it for no limit, and it would let nothing run.
function checkPids({ linux }: Config): Problem[] {
  const limit = linux?.resources?.pids?.limit
  if (limit === undefined || BigInt(limit) !== 0n) return []
  return [warning([...TOP, 'pids', 'limit'], '0 sets no limit', { expected: '-1, or above 0' })]
}

function checkMemory({ linux }: Config): Problem[] {
  const { limit = 0, swap = 0 } = linux?.resources?.memory ?? {}
  if (swap <= 0) return []
  const path = [...TOP, 'memory', 'swap']
  if (limit === 0) {
    return [error(path, 'a swap limit without a memory limit', { expected: 'limit as well' })]
  }
  if (limit < 0 || swap >= limit) return []
  const message = `swap ${swap} counts memory and swap together, but is below the memory limit`
  return [error(path, message, { expected: `at least ${limit}` })]
}

function checkCpu({ linux }: Config): Problem[] {
  const { quota = 0, burst = 0, idle = 0, cpus, mems } = linux?.resources?.cpu ?? {}
  const path = [...TOP, 'cpu']
  const problems = [
    ...checkNumberList([...path, 'cpus'], cpus),
    ...checkNumberList([...path, 'mems'], mems),
  ]
  if (idle !== 0 && idle !== 1) {
    problems.push(error([...path, 'idle'], `found ${idle}`, { expected: '0, or 1 for SCHED_IDLE' }))
  }
  if (quota > 0 && burst > quota) {
    const message = `burst ${burst} is above the quota`
    problems.push(error([...path, 'burst'], message, { expected: `at most ${quota}` }))
  }
  return problems
}

function checkBlockIo({ linux }: Config): Problem[] {
  const blockIo: BlockIo = linux?.resources?.blockIO ?? {}
  const path = [...TOP, 'blockIO']
  const problems = checkWeights(path, blockIo)
  for (const [i, device] of (blockIo.weightDevice ?? []).entries()) {
    const inner = [...path, 'weightDevice', i]
    problems.push(...checkWeights(inner, device))
    if (device.weight === undefined && device.leafWeight === undefined) {
      problems.push(error(inner, 'no weight', { expected: 'weight or leafWeight' }))
    }
  }
  return problems
}

function checkWeights(path: Path, weights: Pick<BlockIo, 'weight' | 'leafWeight'>): Problem[] {
  return (['weight', 'leafWeight'] as const).flatMap((key) => {
    const weight = weights[key] ?? 0
    if (weight === 0 || weight >= LEAST_WEIGHT) return []
    return [error([...path, key], `found ${weight}`, { expected: `${LEAST_WEIGHT} to 1000` })]
  })
}

function checkHugepages({ linux }: Config): Problem[] {
  const seen = new Set<string>()
  return (linux?.resources?.hugepageLimits ?? []).flatMap(({ pageSize }, i) => {
    const isAgain = seen.has(pageSize)
    seen.add(pageSize)
    if (!isAgain) return []
    const message = `page size ${quote(pageSize)} is limited twice: the last one counts`
    return [warning([...TOP, 'hugepageLimits', i], message)]
  })
}

// The kernel reads the name up to the first space.
function checkPriorities({ linux }: Config): Problem[] {
  return (linux?.resources?.network?.priorities ?? []).flatMap(({ name }, i) => {
    if (isNetName(name)) return []
    const path = [...TOP, 'network', 'priorities', i, 'name']
    return [
      error(path, `${quote(name)} is no name of a network device`, {
        expected: 'a name as ip link shows it',
      }),
    ]
  })
}

function checkRdma({ linux }: Config): Problem[] {
  return Object.entries(linux?.resources?.rdma ?? {}).flatMap(([device, limits]) => {
    if (!/^[^\s/]+$/.test(device)) {
      const message = `${quote(device)} is no name of an RDMA device`
      return [
        error([...TOP, 'rdma', device], message, {
          key: true,
          expected: 'a name as rdma dev shows it',
        }),
      ]
    }
    if (limits.hcaHandles !== undefined || limits.hcaObjects !== undefined) return []
    return [error([...TOP, 'rdma', device], 'no limit', { expected: 'hcaHandles or hcaObjects' })]
  })
}

function checkUnified({ linux }: Config): Problem[] {
  return Object.keys(linux?.resources?.unified ?? {}).flatMap((file) => {
    if (file !== '' && file !== '.' && file !== '..' && !file.includes('/')) return []
    const expected = 'a file name such as memory.high'
    return [error([...TOP, 'unified', file], `found ${quote(file)}`, { expected, key: true })]
  })
}
