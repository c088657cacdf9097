// The table that the bench prints, and the page that it writes.

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import type { Runtime } from './runtimes.ts'

export interface Row {
  readonly name: string
  readonly unit: 'ms' | 'KiB' | 'calls'
  /** One value a round, by the name of the runtime. */
  readonly values: Readonly<Record<string, readonly number[]>>
}

/** What else the machine did when the bench began. */
const load = loadavg()[0]!

/** What the figures were measured on. */
export function describeMachine(runtimes: readonly Runtime[], extra: readonly string[]): string[] {
  const release_ = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  const memory = Math.round(totalmem() / 2 ** 30)
  return [
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, ${memory} GiB`,
    `Linux ${release().replace(/^(\d+\.\d+\.\d+).*/, '$1')}, ${release_ ?? 'unknown distribution'}`,
    `Node ${process.versions.node}`,
    `load average when the bench began: ${load.toFixed(1)}`,
    ...runtimes.map(({ version }) => version),
    ...extra,
  ]
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Median of ours divided by theirs, round by round: what slows a whole round cancels out. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((value, i) => value / theirs[i]!))
}

/** A table in Markdown, aligned. */
export function formatTable(rows: readonly Row[], names: readonly string[]): string {
  const peers = names.slice(1)
  const cells = rows.map(({ name, unit, values }) => [
    name,
    ...names.map((it) => (values[it] === undefined ? '–' : formatValue(median(values[it]), unit))),
    ...peers.map((it) =>
      values[it] === undefined ? '–' : pairedRatio(values[names[0]!]!, values[it]).toFixed(2),
    ),
  ])
  const head = ['work', ...names, ...peers.map((name) => `÷ ${name}`)]
  const widths = head.map((_, i) => Math.max(...[head, ...cells].map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(head), line(rule), ...cells.map(line)].join('\n')
}

function formatValue(value: number, unit: Row['unit']): string {
  if (unit === 'calls') return String(value)
  return unit === 'ms' ? `${value.toFixed(1)} ms` : `${(value / 1024).toFixed(1)} MiB`
}

/** docs/performance.md. */
export function formatPage(table: string, machine: readonly string[], rounds: number): string {
  return `# Performance

Written by \`npm run bench -- --write\`, as root. Each row is ${rounds} rounds, in which the runtimes
take turns, in another order each time; the columns in the middle are medians, the last ones the median
of the ratios round by round, so below 1 tsoci is quicker or smaller.

${table}

Measured on:

${machine.map((it) => `- ${it}`).join('\n')}

## What the rows are

All of them run the config of \`tsoci spec\` (without a terminal) with busybox in the rootfs. Time is
from the call that spawns the runtime to its exit, taken by a small C program, so the cost of
spawning is the same for all. The state directories of all are on a tmpfs, as /run is. Every run of
tsoci reads, checks and compiles its config; what it keeps are the filters of seccomp profiles.

- **run**: \`run\` of \`/bin/true\`, in the foreground, with its own delete.
- **run of podman's, containerd's, docker's config, never seen**: each round another config of the
  kind that the engine writes, made before the clock starts: the order of mounts, the number of
  binds, variables, arguments, limits, users and capabilities differ; the seccomp profile stays.
- **with a seccomp profile**: of the shape of Docker's default: some 400 system calls allowed, three
  more by their arguments, on x86-64 for three architectures. tsoci has kept the filter.
- **with 50 bind mounts**: read-only, of directories. **in a user namespace**: with 65536 ids mapped.
- **100 runs at once**: started together by a shell, until the last has ended.
- **create + start + delete**: of \`/bin/true\`, the time between its end and \`delete\` left out.
- **create**, **start**, **state**, **kill**, **delete**, **list**, **exec**: each alone, on a
  container in the state that it needs. \`list\` has one container to list.
- **memory of a waiting run**: resident pages of the process that waits for the container.
- **peak of a waiting run**: the most that it had before, from the kernel's \`VmHWM\`.
- **system calls**: as strace counts them in all processes of a verb, once. Those of the container's
  program are among them. The counts of runc differ from time to time: its threads wait for each other.
- **peak of create**: the largest resident size of any process of \`create\`.
`
}

/** docs/clients/performance.md. */
export function formatClientsPage(
  table: string,
  machine: readonly string[],
  rounds: number,
): string {
  return `# Performance under the clients

Written by \`npm run bench -- clients --write\`, as root. Each row is ${rounds} rounds of one container
that ends at once, with tsoci and with crun in turn; medians, and the median of the ratios round by
round. What is inside the runtime is measured in rounds of its own, by a script that stands before
each runtime and adds up its calls.

${table}

Measured on:

${machine.map((it) => `- ${it}`).join('\n')}
`
}
