// The limits of a container as properties of its unit (systemd.resource-control(5)), so that systemd
// knows them: it writes what it knows again, whenever it reloads.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import type { CgroupValue } from './cgroup-value.ts'
import type { DbusProperty, DbusValue } from './dbus.ts'
import { listDeviceRules } from './device-rules.ts'
import { parseGvariant } from './gvariant.ts'

const PREFIX = 'org.systemd.property.'
const INFINITY = 0xffff_ffff_ffff_ffffn

/** Properties of a unit. `recent` are those that a systemd before 244, or 252, does not know. */
export interface UnitProperties {
  readonly basic: readonly DbusProperty[]
  readonly recent: readonly DbusProperty[]
}

/** What each scope has, and what the annotations say. */
export function listScopeProperties(config: Config, slice: string, v2: boolean): DbusProperty[] {
  const yes: DbusValue = { type: 'b', value: true }
  return [
    ['Slice', { type: 's', value: slice }],
    // The cgroup below is ours and the container's: systemd keeps off.
    ['Delegate', yes],
    // A shutdown stops the engine first, and the engine its containers.
    ['DefaultDependencies', { type: 'b', value: false }],
    // A scope that failed would stay, and its name be taken.
    ['CollectMode', { type: 's', value: 'inactive-or-failed' }],
    // A controller that is turned on later does not count what was there before.
    ['CPUAccounting', yes],
    ['MemoryAccounting', yes],
    [v2 ? 'IOAccounting' : 'BlockIOAccounting', yes],
    ['TasksAccounting', yes],
    ...(v2 ? [] : listDeviceProperties(config)),
    ...readAnnotations(config),
  ]
}

const number = (value: bigint): DbusValue => ({ type: 't', value })
const amount = (text: string) =>
  number(text === 'max' || text.startsWith('-') ? INFINITY : BigInt(text))

/** File -> property, of those that hold one number. */
const NUMBERS: Readonly<Record<string, string>> = {
  'memory.max': 'MemoryMax',
  'memory.low': 'MemoryLow',
  'memory.min': 'MemoryMin',
  'memory.high': 'MemoryHigh',
  'memory.swap.max': 'MemorySwapMax',
  'cpu.weight': 'CPUWeight',
  'pids.max': 'TasksMax',
  // v1
  'memory.limit_in_bytes': 'MemoryLimit',
  'cpu.shares': 'CPUShares',
  'blkio.weight': 'BlockIOWeight',
}

/**
 * The properties for values of cgroup files. What systemd has no property for is in the file alone,
 * and systemd leaves that file as it is.
 */
export function listLimitProperties(
  values: readonly Pick<CgroupValue, 'file' | 'value' | 'otherwise'>[],
): UnitProperties {
  const writes = values.flatMap((value) => [value, ...(value.otherwise ? [value.otherwise] : [])])
  const files = new Map(writes.map(({ file, value }) => [file, value.trim()]))
  const basic: DbusProperty[] = []
  const recent: DbusProperty[] = []
  for (const [file, value] of files) {
    const name = NUMBERS[file]
    // What is no number the kernel refuses, and says so better.
    if (name === undefined || !/^(max|-?\d{1,20})$/.test(value)) continue
    if (file === 'cpu.weight' && files.get('cpu.idle') === '1') continue
    // Without any task nothing would run, and systemd takes no zero.
    basic.push([name, file === 'pids.max' && value === '0' ? number(1n) : amount(value)])
  }
  const ioWeight = /^default (\d+)$/.exec(files.get('io.weight') ?? '')
  if (ioWeight !== null) basic.push(['IOWeight', amount(ioWeight[1]!)])
  // Since 252; older ones take no zero.
  if (files.get('cpu.idle') === '1') recent.push(['CPUWeight', number(0n)])
  const [quota, period] = readBandwidth(files)
  if (quota !== undefined) basic.push(['CPUQuotaPerSecUSec', perSecond(quota, period)])
  if (period !== undefined) recent.push(['CPUQuotaPeriodUSec', amount(period)])
  for (const [file, name] of [
    ['cpuset.cpus', 'AllowedCPUs'],
    ['cpuset.mems', 'AllowedMemoryNodes'],
  ] as const) {
    const mask = readMask(files.get(file) ?? '')
    if (mask.length > 0) recent.push([name, { type: 'ay', value: mask }])
  }
  return { basic, recent }
}

function readBandwidth(files: ReadonlyMap<string, string>): (string | undefined)[] {
  const v2 = /^(max|\d+)(?: (\d+))?$/.exec(files.get('cpu.max') ?? '')
  if (v2 !== null) return [v2[1], v2[2]]
  return [files.get('cpu.cfs_quota_us'), files.get('cpu.cfs_period_us')]
}

/** systemd stores whole percents: what is less would be less after a reload, so it is rounded up. */
function perSecond(quota: string, period = '100000'): DbusValue {
  if (!/^\d+$/.test(quota) || !/^[1-9]\d*$/.test(period)) return number(INFINITY)
  const percent = 10_000n
  const exact = (BigInt(quota) * 1_000_000n) / BigInt(period)
  return number(((exact + percent - 1n) / percent) * percent)
}

/** The bytes of a set of numbers, as in "0-2,7"; empty for what is none. */
function readMask(list: string): number[] {
  const bytes: number[] = []
  for (const word of list.split(',').map((it) => it.trim())) {
    if (word === '') continue
    const [first, last] = word.split('-').map(Number) as [number, number?]
    const end = last ?? first
    if (!(first >= 0 && end >= first && end < 8192)) return []
    for (let bit = first; bit <= end; bit++) {
      while (bytes.length <= bit >> 3) bytes.push(0)
      bytes[bit >> 3]! |= 1 << (bit & 7)
    }
  }
  return bytes
}

/**
 * v1 only: there the rules are the cgroup's files, and a reload writes systemd's own over them. On v2
 * ours are a program of its own, and systemd's would deny what an engine adds later.
 */
function listDeviceProperties(config: Config): DbusProperty[] {
  const rules = listDeviceRules(config).slice(1)
  if (rules.some(({ allow, type }) => allow && type === 'a')) {
    return [['DevicePolicy', { type: 's', value: 'auto' }]]
  }
  const allowed: string[][] = []
  for (const { allow, type, major, minor, access } of rules) {
    if (!allow) continue
    const kind = type === 'b' ? 'block' : 'char'
    if (major !== undefined && minor !== undefined) {
      allowed.push([`/dev/${kind}/${major}:${minor}`, access])
    } else if (minor === undefined) {
      // systemd takes the name of a major number from /proc/devices, or all of them.
      const name = major === undefined ? '*' : GROUPS[`${kind}-${major}`]
      if (name !== undefined) allowed.push([`${kind}-${name}`, access])
    }
  }
  return [
    ['DevicePolicy', { type: 's', value: 'strict' }],
    ['DeviceAllow', { type: 'a(ss)', value: allowed }],
  ]
}

/** Major numbers that engines allow as a whole (kernel: admin-guide/devices.txt). */
const GROUPS: Readonly<Record<string, string>> = {
  'char-1': 'mem',
  'char-10': 'misc',
  'char-136': 'pts',
  'block-7': 'loop',
  'block-8': 'sd',
}

function readAnnotations(config: Config): DbusProperty[] {
  const found: DbusProperty[] = []
  for (const [key, written] of Object.entries(config.annotations ?? {})) {
    if (!key.startsWith(PREFIX)) continue
    const name = key.slice(PREFIX.length)
    if (!/^[A-Za-z]{3,}$/.test(name)) throw badAnnotation(key, 'not the name of a property')
    try {
      found.push(inMicroseconds(name, parseGvariant(written)))
    } catch (cause) {
      throw badAnnotation(key, `${JSON.stringify(written)}: ${(cause as Error).message}`)
    }
  }
  return found
}

/** Manuals say TimeoutStopSec, in seconds, for what is TimeoutStopUSec to a program. */
function inMicroseconds(name: string, { type, value }: DbusValue): DbusProperty {
  if (!/[a-z]Sec$/.test(name)) return [name, { type, value }]
  const number = Number(value)
  if (type.length > 1 || 'bsog'.includes(type) || number < 0) throw new Error('not a number')
  return [name.replace(/Sec$/, 'USec'), { type: 't', value: BigInt(Math.round(number * 1e6)) }]
}

function badAnnotation(key: string, reason: string): TsociError {
  return new TsociError('BAD_CONFIG', `annotation "${key}": ${reason}`, {
    at: `/annotations/${key}`,
    hint: "write the value as GVariant text: true, 'text', uint64 5, ['a', 'b']",
  })
}
