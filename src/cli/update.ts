// tsoci update: changes the limits of a running container.

import { readFileSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { parseResources, update } from '../runtime/update.ts'
import type { Resources } from '../spec/config.ts'
import type { Problem } from '../spec/problem.ts'
import type { Arguments } from './arguments.ts'
import { parseSize } from './size.ts'
import { readVerbOptions } from './verb-options.ts'
import { describeWarning, warnOfFlags } from './warnings.ts'

export async function run(args: Arguments): Promise<number> {
  const file = args.text('resources')
  const l3 = args.text('l3-cache-schema')
  const bandwidth = args.text('mem-bw-schema')
  const intelRdt = {
    ...(l3 === undefined ? {} : { l3CacheSchema: l3 }),
    ...(bandwidth === undefined ? {} : { memBwSchema: bandwidth }),
  }
  const onWarning = (problem: Problem) => args.log.warn(describeWarning(problem, 'resources'))
  if (file !== undefined) warnOfFlags(args, '--resources', resourceFlags)
  const resources =
    file === undefined ? readFlags(args) : parseResources(readText(args, file), { onWarning })
  await update(args.text('id')!, resources, {
    ...readVerbOptions(args),
    intelRdt: Object.keys(intelRdt).length === 0 ? undefined : intelRdt,
    onWarning,
  })
  return 0
}

function readText(args: Arguments, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : args.path('resources')!, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TsociError('BAD_USAGE', `cannot read the resources "${file}" (${code})`, { cause })
  }
}

/** Where each flag's value goes in the resources. */
const places: readonly [flag: string, group: 'blockIO' | 'cpu' | 'memory' | 'pids', key: string][] =
  [
    ['blkio-weight', 'blockIO', 'weight'],
    ['cpu-period', 'cpu', 'period'],
    ['cpu-quota', 'cpu', 'quota'],
    ['cpu-burst', 'cpu', 'burst'],
    ['cpu-share', 'cpu', 'shares'],
    ['cpu-rt-period', 'cpu', 'realtimePeriod'],
    ['cpu-rt-runtime', 'cpu', 'realtimeRuntime'],
    ['cpu-idle', 'cpu', 'idle'],
    ['memory', 'memory', 'limit'],
    ['memory-reservation', 'memory', 'reservation'],
    ['memory-swap', 'memory', 'swap'],
    ['kernel-memory', 'memory', 'kernel'],
    ['kernel-memory-tcp', 'memory', 'kernelTCP'],
    ['pids-limit', 'pids', 'limit'],
  ]

const resourceFlags = [...places.map(([flag]) => flag), 'cpuset-cpus', 'cpuset-mems']

function readFlags(args: Arguments): Resources {
  // As JSON text: a number there may have more digits than one of JavaScript.
  const groups = new Map<string, string[]>()
  const set = (group: string, key: string, value: string) => {
    groups.set(group, [...(groups.get(group) ?? []), `"${key}":${value}`])
  }
  for (const [flag, group, key] of places) {
    const text = args.text(flag)
    if (text === undefined) continue
    set(group, key, group === 'memory' ? parseSize(flag, text) : parseWhole(flag, text))
  }
  for (const key of ['cpus', 'mems']) {
    const text = args.text(`cpuset-${key}`)
    if (text !== undefined) set('cpu', key, JSON.stringify(text))
  }
  const members = [...groups].map(([group, values]) => `"${group}":{${values.join(',')}}`)
  return parseResources(`{${members.join(',')}}`)
}

function parseWhole(flag: string, text: string): string {
  if (/^-?\d{1,19}$/.test(text)) return String(BigInt(text))
  throw new TsociError('BAD_USAGE', `--${flag} ${JSON.stringify(text)}: not a whole number`)
}
