// Limits and shares of a config that this machine can't give: no such CPU, node, disk, page size, …

import { existsSync } from 'node:fs'
import type { Config } from '../spec/config.ts'
import { error, type Path, type Problem, quote } from '../spec/problem.ts'
import { readText } from './requirements-files.ts'

const TOP = ['linux', 'resources'] as const

/** The bounds of kernel/sched/core.c, in microseconds. */
const LEAST_QUOTA = 1000
const LEAST_PERIOD = 1000
const MOST_PERIOD = 1_000_000

export const LIMIT_CHECKS: readonly ((config: Config) => Problem[])[] = [
  checkScheduler,
  checkCpuset,
  checkBandwidth,
  checkDisks,
  checkPageSizes,
  checkInterfaces,
  checkMemoryPolicy,
  checkClocks,
]

// The name is in linux/sched.h, and the policy in no kernel.
function checkScheduler({ process }: Config): Problem[] {
  if (process?.scheduler?.policy !== 'SCHED_ISO') return []
  const hint = 'choose SCHED_BATCH or SCHED_OTHER'
  return [error(['process', 'scheduler', 'policy'], 'no kernel has SCHED_ISO', { hint })]
}

function checkCpuset({ linux }: Config): Problem[] {
  const { cpus, mems } = linux?.resources?.cpu ?? {}
  return [
    ...checkList([...TOP, 'cpu', 'cpus'], cpus, '/sys/devices/system/cpu/online', 'CPU'),
    ...checkList([...TOP, 'cpu', 'mems'], mems, '/sys/devices/system/node/has_memory', 'node'),
  ]
}

function checkMemoryPolicy({ linux }: Config): Problem[] {
  const { nodes, flags = [] } = linux?.memoryPolicy ?? {}
  // These count from the first node that is allowed.
  if (flags.includes('MPOL_F_RELATIVE_NODES')) return []
  const path = ['linux', 'memoryPolicy', 'nodes']
  return checkList(path, nodes, '/sys/devices/system/node/has_memory', 'node')
}

function checkList(path: Path, list: string | undefined, file: string, what: string): Problem[] {
  const present = readText(file).trim()
  if (!list?.trim() || present === '') return []
  const ranges = present.split(',').map((it) => it.split('-').map(Number))
  const isThere = (number: number) =>
    ranges.some(([first, last = first]) => number >= first! && number <= last!)
  const missing = list.split(/[,-]/).find((it) => !isThere(Number.parseInt(it, 10)))
  if (missing === undefined) return []
  const hint = `this machine has ${present}`
  return [error(path, `there is no ${what} ${missing.trim()}`, { hint })]
}

function checkBandwidth({ linux }: Config): Problem[] {
  const { quota = 0, period = 0 } = linux?.resources?.cpu ?? {}
  const problems: Problem[] = []
  if (quota > 0 && quota < LEAST_QUOTA) {
    const hint = `give ${LEAST_QUOTA} microseconds or more`
    problems.push(error([...TOP, 'cpu', 'quota'], `a quota of ${quota} is too short`, { hint }))
  }
  if (period !== 0 && (period < LEAST_PERIOD || period > MOST_PERIOD)) {
    const hint = `give ${LEAST_PERIOD} to ${MOST_PERIOD} microseconds`
    problems.push(
      error([...TOP, 'cpu', 'period'], `no kernel takes a period of ${period}`, { hint }),
    )
  }
  return problems
}

const DISK_LISTS = [
  'weightDevice',
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const

function checkDisks({ linux }: Config): Problem[] {
  const blockIo = linux?.resources?.blockIO
  return DISK_LISTS.flatMap((name) =>
    (blockIo?.[name] ?? []).flatMap(({ major, minor }, i) => {
      if (existsSync(`/sys/dev/block/${major}:${minor}`)) return []
      const path = [...TOP, 'blockIO', name, i]
      return [error(path, `there is no block device ${major}:${minor}`, { hint: 'see lsblk' })]
    }),
  )
}

function checkPageSizes({ linux }: Config): Problem[] {
  return (linux?.resources?.hugepageLimits ?? []).flatMap(({ pageSize }, i) => {
    const kilobytes = sizeInKilobytes(pageSize)
    if (existsSync(`/sys/kernel/mm/hugepages/hugepages-${kilobytes}kB`)) return []
    const hint = 'see ls /sys/kernel/mm/hugepages'
    const path = [...TOP, 'hugepageLimits', i, 'pageSize']
    return [error(path, `this machine has no pages of ${pageSize}`, { hint })]
  })
}

function sizeInKilobytes(size: string): number {
  return Number.parseInt(size, 10) * 1024 ** 'KMGTP'.indexOf(size.at(-2)!)
}

function checkInterfaces({ linux }: Config): Problem[] {
  return (linux?.resources?.network?.priorities ?? []).flatMap(({ name }, i) => {
    if (existsSync(`/sys/class/net/${name}`)) return []
    const path = [...TOP, 'network', 'priorities', i, 'name']
    return [error(path, `there is no network device ${quote(name)}`, { hint: 'see ip link' })]
  })
}

// proc_timens_set_offset() refuses a clock that would start before zero.
function checkClocks({ linux }: Config): Problem[] {
  const { monotonic, boottime } = linux?.timeOffsets ?? {}
  const uptime = Number.parseFloat(readText('/proc/uptime'))
  return Object.entries({ monotonic, boottime }).flatMap(([name, offset]) => {
    const secs = offset?.secs ?? 0
    if (!(secs < 0 && uptime + secs < 0)) return []
    const hint = `this machine runs for ${Math.floor(uptime)} s: take no more off`
    const path = ['linux', 'timeOffsets', name, 'secs']
    return [error(path, 'the clock would start before zero', { hint })]
  })
}
