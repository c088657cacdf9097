// tsoci events: prints statistics of a container and its lack of memory, a line of JSON each.

import { TsociError } from '../errors.ts'
import { type ContainerEvent, events } from '../runtime/events.ts'
import { stats } from '../runtime/stats.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const id = args.text('id')!
  const root = args.path('root')
  const interval = parseDuration(args.text('interval') ?? '5s')
  if (args.has('stats')) {
    show({ type: 'stats', id, data: stats(id, { root }) })
    return 0
  }
  for await (const event of events(id, { root, interval })) show(event)
  return 0
}

// Counters go beyond 2^53, and JSON has no mark for that.
function show(event: ContainerEvent): void {
  const digits = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? `bigint:${value}` : value
  print(`${JSON.stringify(event, digits).replaceAll(/"bigint:(\d+)"/g, '$1')}\n`)
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of a time as `100ms`, `5s` or `1m30s`. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|ms|s|m|h)/g)]
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNITS[unit!]!, 0)
  if (parts.map(([part]) => part).join('') !== text || !(total > 0)) {
    throw new TsociError('BAD_USAGE', `--interval ${JSON.stringify(text)}: not a time above zero`, {
      hint: 'give a number with a unit: 100ms, 5s, 1m30s',
    })
  }
  return total
}
