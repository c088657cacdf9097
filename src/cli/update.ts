// tsoci update: changes the limits of a running container.

import { readFileSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { parseResources, update } from '../runtime/index.ts'
import type { Resources } from '../spec/config.ts'
import { describeProblem } from '../spec/parse.ts'
import type { Arguments } from './arguments.ts'

export async function run(args: Arguments): Promise<number> {
  const file = args.text('resources')
  const l3 = args.text('l3-cache-schema')
  const bandwidth = args.text('mem-bw-schema')
  const intelRdt = {
    ...(l3 === undefined ? {} : { l3CacheSchema: l3 }),
    ...(bandwidth === undefined ? {} : { memBwSchema: bandwidth }),
  }
  const resources = file === undefined ? readFlags(args) : parseResources(readText(args, file))
  await update(args.text('id')!, resources, {
    root: args.path('root'),
    intelRdt: Object.keys(intelRdt).length === 0 ? undefined : intelRdt,
    onWarning: (problem) => {
      args.log.warn(describeProblem(problem, 'resources').replace(': warning: ', ': '))
    },
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

function readFlags(args: Arguments): Resources {
  // As JSON text: a number there may have more digits than one of JavaScript.
  const groups = new Map<string, string[]>()
  const set = (group: string, key: string, value: string) => {
    groups.set(group, [...(groups.get(group) ?? []), `"${key}":${value}`])
  }
  for (const [flag, group, key] of places) {
    const text = args.text(flag)
    if (text !== undefined) set(group, key, parseAmount(flag, text))
  }
  for (const key of ['cpus', 'mems']) {
    const text = args.text(`cpuset-${key}`)
    if (text !== undefined) set('cpu', key, JSON.stringify(text))
  }
  const members = [...groups].map(([group, values]) => `"${group}":{${values.join(',')}}`)
  return parseResources(`{${members.join(',')}}`)
}

const UNITS = { '': 1n, b: 1n, k: 2n ** 10n, m: 2n ** 20n, g: 2n ** 30n, t: 2n ** 40n } as const

/** A number with a unit, as `64m`, in decimal; -1 is no limit. */
function parseAmount(flag: string, text: string): string {
  const match = /^(-?\d{1,19})([bkmgt]?)(?:i?b)?$/i.exec(text)
  if (match === null) {
    throw new TsociError('BAD_USAGE', `--${flag} ${JSON.stringify(text)}: not a number`, {
      hint: 'give a number, for sizes with a unit if you like: 64m',
    })
  }
  return String(BigInt(match[1]!) * UNITS[match[2]!.toLowerCase() as keyof typeof UNITS])
}
