// tsoci trace: shows a file of --trace as a waterfall.

import { readTrace, type Span } from '../runtime/trace.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

/** Between two calls of tsoci there is at least this long nothing: each is shown by itself. */
const GAP = 100_000
/** Waits: the steps of one side that last as long as the other side works. */
const WAITS = ['expect', 'await', 'gate', 'wait', 'open-gate']

export async function run(args: Arguments): Promise<number> {
  const spans = readTrace(args.path('file')!)
  if (args.has('json')) print(`${JSON.stringify(spans)}\n`)
  else print(drawTrace(spans, Math.min(process.stdout.columns || 100, 160)))
  return 0
}

/** The waterfall, of this width. */
export function drawTrace(spans: readonly Span[], width: number): string {
  return splitCalls(spans)
    .map((call) => drawCall(call, width))
    .join('\n')
}

function splitCalls(spans: readonly Span[]): Span[][] {
  const calls: Span[][] = []
  let end = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    if (span.start - end > GAP) calls.push([])
    calls.at(-1)!.push(span)
    end = Math.max(end, span.start + span.us)
  }
  return calls
}

function drawCall(spans: readonly Span[], width: number): string {
  const start = spans[0]!.start
  const total = Math.max(1, ...spans.map((span) => span.start + span.us - start))
  const names = spans.map(({ section, step }) => `${section} ${step}`)
  const nameWidth = Math.max(...names.map((name) => name.length))
  // The time, the pointer and the spaces between need some room as well.
  const room = Math.max(10, width - nameWidth - 12 - 26)
  const lines = spans.map((span, i) => {
    const from = Math.min(room - 1, Math.floor(((span.start - start) / total) * room))
    const length = Math.max(1, Math.round((span.us / total) * room))
    const mark = span.error !== undefined ? '!' : WAITS.includes(span.step) ? '.' : '#'
    const bar = ' '.repeat(from) + mark.repeat(Math.min(length, room - from))
    const more = span.error ?? span.at ?? ''
    return `${names[i]!.padEnd(nameWidth)} ${formatTime(span.us)} |${bar.padEnd(room)}| ${more}`.trimEnd()
  })
  return [
    `${new Date(start / 1000).toISOString()}, ${formatTime(total).trim()}`,
    ...lines,
    '',
  ].join('\n')
}

function formatTime(us: number): string {
  const text =
    us < 1000
      ? `${us} us`
      : us < 1_000_000
        ? `${(us / 1000).toFixed(1)} ms`
        : `${(us / 1_000_000).toFixed(1)} s`
  return text.padStart(9)
}
