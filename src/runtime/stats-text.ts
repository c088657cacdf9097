// Reads the numbers in cgroup files.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BlkioEntry, Count, MemoryEntry, Pressure, PressureData } from './stats.ts'

/** The largest that a counter of the kernel holds: no limit, as the peers print it. */
export const UNLIMITED = 18446744073709551615n

/** The text of a file; undefined when it can't be read: this host does not count that. */
export function readFile(dir: string | undefined, file: string): string | undefined {
  if (dir === undefined) return undefined
  try {
    return readFileSync(join(dir, file), 'utf8').trim()
  } catch {
    return undefined
  }
}

/** A decimal number, exact. What is none is 0, and `max` no limit. */
export function parseCount(text: string | undefined): Count {
  if (text === 'max') return UNLIMITED
  if (text === undefined || !/^-?\d+$/.test(text)) return 0
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}

/** The number in a file. */
export function readCount(dir: string | undefined, file: string): Count {
  return parseCount(readFile(dir, file))
}

/** Lines of `key value`. */
export function readPairs(dir: string | undefined, file: string): Record<string, Count> {
  const lines = (readFile(dir, file) ?? '').split('\n').map((line) => line.split(' '))
  const pairs = lines.filter((words) => words.length === 2)
  return Object.fromEntries(pairs.map(([key, value]) => [key!, parseCount(value)]))
}

/** Sum that stays exact. */
export function add(a: Count, b: Count): Count {
  return parseCount(String(BigInt(a) + BigInt(b)))
}

/** Product that stays exact. */
export function times(a: Count, b: number): Count {
  return parseCount(String(BigInt(a) * BigInt(b)))
}

/** Without what is zero or empty, as the peers leave it out. */
export function withoutZeros<T extends object>(
  object: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const isThere = (value: unknown) =>
    value !== undefined && value !== 0 && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(object).filter(([, it]) => isThere(it))) as never
}

/** One limit with its usage. Undefined when nothing of it is counted. */
export function memoryEntry(
  limit: Count,
  usage: Count,
  max: Count,
  failcnt: Count,
): MemoryEntry | undefined {
  if (limit === 0 && usage === 0 && max === 0 && failcnt === 0) return undefined
  return { limit, ...withoutZeros({ usage, max }), failcnt }
}

/** A file of pressure stall information. */
export function readPressure(dir: string | undefined, file: string): Pressure | undefined {
  const text = readFile(dir, file)
  if (text === undefined || text === '') return undefined
  const lines = text.split('\n').map((line) => line.split(' '))
  return Object.fromEntries(lines.map(([kind, ...words]) => [kind!, pressureOf(words)]))
}

function pressureOf(words: readonly string[]): PressureData {
  const values = Object.fromEntries(words.map((word) => word.split('=')))
  return {
    avg10: Number(values.avg10),
    avg60: Number(values.avg60),
    avg300: Number(values.avg300),
    total: parseCount(values.total),
  }
}

/** One value for a device. */
export function blkioEntry(device: string, op: string, value: Count): BlkioEntry {
  const [major, minor] = device.split(':')
  return withoutZeros({
    major: parseCount(major),
    minor: parseCount(minor),
    ...(op === '' ? {} : { op }),
    value,
  })
}

/** Sizes of huge pages as the cgroup files spell them: 64KB, 2MB, 1GB. */
export function hugePageSizes(): string[] {
  let names: string[]
  try {
    names = readdirSync('/sys/kernel/mm/hugepages')
  } catch {
    return []
  }
  return names.flatMap((name) => {
    let size = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1])
    if (!size) return []
    const units = ['KB', 'MB', 'GB']
    while (size >= 1024 && units.length > 1) {
      size /= 1024
      units.shift()
    }
    return [`${size}${units[0]}`]
  })
}
