// What the cgroup v1 controllers count.

import type { CgroupHierarchy } from '../host/cgroups.ts'
import type { BlkioEntry, Count, MemoryEntry, Stats } from './stats.ts'
import {
  blkioEntry,
  hugePageSizes,
  memoryEntry,
  parseCount,
  readCount,
  readFile,
  readPairs,
  UNLIMITED,
  withoutZeros,
} from './stats-text.ts'

type Counted = Omit<Stats, 'intel_rdt' | 'network_interfaces'>

/** Reads them from the container's directory in each hierarchy. */
export function readV1Stats(
  hierarchies: readonly CgroupHierarchy[],
  cgroups: readonly string[],
): Counted {
  const dirOf = (controller: string) => {
    const mount = hierarchies.find(({ controllers }) => controllers.includes(controller))?.mount
    return cgroups.find((dir) => mount !== undefined && dir.startsWith(`${mount}/`))
  }
  return {
    cpu: readCpu(dirOf('cpuacct'), dirOf('cpu')),
    cpuset: readCpuset(dirOf('cpuset')),
    memory: readMemory(dirOf('memory')),
    pids: readPids(dirOf('pids')),
    blkio: readBlkio(dirOf('blkio')),
    hugetlb: readHugetlb(dirOf('hugetlb')),
  }
}

/** The kernel counts ticks here: a hundredth of a second. */
const NANOSECONDS_OF_A_TICK = 10_000_000

function readCpu(acct: string | undefined, cpu: string | undefined): Stats['cpu'] {
  const ticks = readPairs(acct, 'cpuacct.stat')
  const perCpu = (readFile(acct, 'cpuacct.usage_all') ?? '').split('\n').slice(1)
  const column = (i: number) => perCpu.map((line) => parseCount(line.split(' ')[i]))
  const usages = (readFile(acct, 'cpuacct.usage_percpu') ?? '').split(' ').filter(Boolean)
  const stat = readPairs(cpu, 'cpu.stat')
  const throttling = withoutZeros({
    periods: stat.nr_periods ?? 0,
    throttledPeriods: stat.nr_throttled ?? 0,
    throttledTime: stat.throttled_time ?? 0,
  })
  return {
    ...(acct === undefined
      ? {}
      : {
          usage: {
            ...withoutZeros({
              total: readCount(acct, 'cpuacct.usage'),
              percpu: usages.map(parseCount),
              percpu_kernel: column(2),
              percpu_user: column(1),
            }),
            kernel: Number(ticks.system ?? 0) * NANOSECONDS_OF_A_TICK,
            user: Number(ticks.user ?? 0) * NANOSECONDS_OF_A_TICK,
          },
        }),
    ...(Object.keys(throttling).length === 0 ? {} : { throttling }),
  }
}

const CPUSET_COUNTS = [
  'cpu_exclusive',
  'mem_hardwall',
  'mem_exclusive',
  'memory_migrate',
  'memory_spread_page',
  'memory_spread_slab',
  'memory_pressure',
  'sched_load_balance',
  'sched_relax_domain_level',
] as const

/** Every count is there on every host, as callers expect. */
export function readCpuset(dir: string | undefined): Stats['cpuset'] {
  const counts = CPUSET_COUNTS.map((name): [string, Count] => [
    name,
    readCount(dir, `cpuset.${name}`),
  ])
  return {
    ...withoutZeros({
      cpus: parseList(readFile(dir, 'cpuset.cpus')),
      mems: parseList(readFile(dir, 'cpuset.mems')),
    }),
    ...Object.fromEntries(counts),
  }
}

/** `0-2,7` as 0, 1, 2, 7. */
function parseList(text: string | undefined): number[] {
  return (text ?? '').split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number)
    if (range === '' || first === undefined) return []
    return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i)
  })
}

function readMemory(dir: string | undefined): Stats['memory'] {
  if (dir === undefined) return {}
  const raw = readPairs(dir, 'memory.stat')
  return {
    ...withoutZeros({
      cache: raw.cache ?? 0,
      usage: readEntry(dir, 'memory'),
      swap: readEntry(dir, 'memory.memsw'),
      kernel: readEntry(dir, 'memory.kmem'),
      kernelTCP: readEntry(dir, 'memory.kmem.tcp'),
    }),
    ...(Object.keys(raw).length === 0 ? {} : { raw }),
  }
}

function readEntry(dir: string, prefix: string): MemoryEntry | undefined {
  return memoryEntry(
    readCount(dir, `${prefix}.limit_in_bytes`),
    readCount(dir, `${prefix}.usage_in_bytes`),
    readCount(dir, `${prefix}.max_usage_in_bytes`),
    readCount(dir, `${prefix}.failcnt`),
  )
}

/** No limit is left out, as the peers do. */
export function readPids(dir: string | undefined): Stats['pids'] {
  const limit = readCount(dir, 'pids.max')
  return withoutZeros({
    current: readCount(dir, 'pids.current'),
    limit: limit === UNLIMITED ? 0 : limit,
  })
}

/** Name in the statistics -> end of the file's name. */
const BLKIO_FILES: readonly [name: string, file: string][] = [
  ['ioServiceBytesRecursive', 'io_service_bytes_recursive'],
  ['ioServicedRecursive', 'io_serviced_recursive'],
  ['ioQueueRecursive', 'io_queued_recursive'],
  ['ioServiceTimeRecursive', 'io_service_time_recursive'],
  ['ioWaitTimeRecursive', 'io_wait_time_recursive'],
  ['ioMergedRecursive', 'io_merged_recursive'],
  ['ioTimeRecursive', 'time_recursive'],
  ['sectorsRecursive', 'sectors_recursive'],
]

// Who counts depends on the scheduler of the disk; the throttle counts whatever that is.
function readBlkio(dir: string | undefined): Stats['blkio'] {
  for (const prefix of ['blkio.bfq', 'blkio', 'blkio.throttle']) {
    const found = BLKIO_FILES.map(([name, file]): [string, BlkioEntry[]] => [
      name,
      readEntries(dir, `${prefix}.${file}`),
    ])
    const counted = found.filter(([, entries]) => entries.length > 0)
    if (counted.length > 0) return Object.fromEntries(counted)
  }
  return {}
}

/** Lines of `8:0 Read 4096`, or without a word in between. */
function readEntries(dir: string | undefined, file: string): BlkioEntry[] {
  const lines = (readFile(dir, file) ?? '').split('\n').map((line) => line.split(' '))
  return lines
    .filter(([device]) => device?.includes(':'))
    .map((words) =>
      blkioEntry(words[0]!, words.length > 2 ? words[1]! : '', parseCount(words.at(-1))),
    )
}

function readHugetlb(dir: string | undefined): Stats['hugetlb'] {
  const sizes = hugePageSizes().flatMap((size) => {
    const rsvd = `hugetlb.${size}.rsvd`
    const prefix = readFile(dir, `${rsvd}.usage_in_bytes`) === undefined ? `hugetlb.${size}` : rsvd
    if (readFile(dir, `${prefix}.usage_in_bytes`) === undefined) return []
    const counts = withoutZeros({
      usage: readCount(dir, `${prefix}.usage_in_bytes`),
      max: readCount(dir, `${prefix}.max_usage_in_bytes`),
    })
    return [[size, { ...counts, failcnt: readCount(dir, `${prefix}.failcnt`) }]]
  })
  return Object.fromEntries(sizes)
}
