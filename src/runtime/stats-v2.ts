// What cgroup v2 counts, under the names that v1 had for it.

import type { BlkioEntry, Stats } from './stats.ts'
import {
  add,
  blkioEntry,
  hugePageSizes,
  memoryEntry,
  parseCount,
  readCount,
  readFile,
  readPairs,
  readPressure,
  times,
  UNLIMITED,
  withoutZeros,
} from './stats-text.ts'
import { readCpuset, readPids } from './stats-v1.ts'

type Counted = Omit<Stats, 'intel_rdt' | 'network_interfaces'>

/** Reads them from the container's directory. */
export function readV2Stats(dir: string | undefined): Counted {
  return {
    cpu: readCpu(dir),
    cpuset: readCpuset(undefined),
    memory: readMemory(dir),
    pids: readFile(dir, 'pids.current') === undefined ? countProcesses(dir) : readPids(dir),
    blkio: readBlkio(dir),
    hugetlb: readHugetlb(dir),
  }
}

// Without the controller the members can still be counted.
function countProcesses(dir: string | undefined): Stats['pids'] {
  const text = readFile(dir, 'cgroup.procs') ?? readFile(dir, 'cgroup.threads') ?? ''
  return withoutZeros({ current: text.split('\n').filter(Boolean).length })
}

/** v2 counts microseconds, v1 nanoseconds. */
function readCpu(dir: string | undefined): Stats['cpu'] {
  const stat = readPairs(dir, 'cpu.stat')
  const nanoseconds = (name: string) => times(stat[name] ?? 0, 1000)
  const throttling = withoutZeros({
    periods: stat.nr_periods ?? 0,
    throttledPeriods: stat.nr_throttled ?? 0,
    throttledTime: nanoseconds('throttled_usec'),
  })
  const psi = readPressure(dir, 'cpu.pressure')
  return {
    usage: {
      ...withoutZeros({ total: nanoseconds('usage_usec') }),
      kernel: nanoseconds('system_usec'),
      user: nanoseconds('user_usec'),
    },
    ...(Object.keys(throttling).length === 0 ? {} : { throttling }),
    ...(psi === undefined ? {} : { psi }),
  }
}

function readMemory(dir: string | undefined): Stats['memory'] {
  const psi = readPressure(dir, 'memory.pressure')
  const raw = readPairs(dir, 'memory.stat')
  if (readFile(dir, 'memory.current') === undefined) return psi === undefined ? {} : { psi }
  const usage = readCount(dir, 'memory.current')
  const limit = readCount(dir, 'memory.max')
  const swapLimit = readCount(dir, 'memory.swap.max')
  const both = swapLimit === UNLIMITED || limit === UNLIMITED ? UNLIMITED : add(limit, swapLimit)
  const hasSwap = readFile(dir, 'memory.swap.current') !== undefined
  return {
    ...withoutZeros({
      cache: raw.file ?? 0,
      usage: memoryEntry(limit, usage, readCount(dir, 'memory.peak'), 0),
      // Together, as v1 counts; the most that was used of both at once nobody knows.
      swap: hasSwap
        ? memoryEntry(both, add(usage, readCount(dir, 'memory.swap.current')), 0, 0)
        : undefined,
    }),
    raw,
    ...(psi === undefined ? {} : { psi }),
  }
}

/** Word in io.stat -> name in the statistics, and the operation there. */
const IO_WORDS: Readonly<Record<string, readonly [name: string, op: string]>> = {
  rbytes: ['ioServiceBytesRecursive', 'Read'],
  wbytes: ['ioServiceBytesRecursive', 'Write'],
  rios: ['ioServicedRecursive', 'Read'],
  wios: ['ioServicedRecursive', 'Write'],
}

function readBlkio(dir: string | undefined): Stats['blkio'] {
  const blkio: Record<string, BlkioEntry[]> = {}
  for (const line of (readFile(dir, 'io.stat') ?? '').split('\n')) {
    const [device = '', ...words] = line.split(' ')
    for (const word of words) {
      const [key = '', value] = word.split('=')
      const place = IO_WORDS[key]
      if (place === undefined || !device.includes(':')) continue
      const [name, op] = place
      blkio[name] = [...(blkio[name] ?? []), blkioEntry(device, op, parseCount(value))]
    }
  }
  const psi = readPressure(dir, 'io.pressure')
  return psi === undefined ? blkio : { ...blkio, psi }
}

function readHugetlb(dir: string | undefined): Stats['hugetlb'] {
  const sizes = hugePageSizes().flatMap((size) => {
    const usage = ['.rsvd.current', '.current']
      .map((end) => readFile(dir, `hugetlb.${size}${end}`))
      .find((text) => text !== undefined)
    if (usage === undefined) return []
    const failcnt = readPairs(dir, `hugetlb.${size}.events`).max ?? 0
    return [[size, { ...withoutZeros({ usage: parseCount(usage) }), failcnt }]]
  })
  return Object.fromEntries(sizes)
}
