// How many system calls each verb makes, the container's program and the init of a create included.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundles } from './bundle.ts'
import type { Row } from './report.ts'
import type { Runtime } from './runtimes.ts'
import { BARE } from './works.ts'

/** The verbs in an order in which each meets the container that it needs. */
const VERBS: readonly (readonly [name: string, ...words: string[]])[] = [
  ['create', 'create', '--bundle', 'BUNDLE', 'ID'],
  ['start', 'start', 'ID'],
  ['state', 'state', 'ID'],
  ['exec of /bin/true', 'exec', 'ID', '/bin/true'],
  ['kill', 'kill', 'ID', 'KILL'],
  ['delete', 'delete', '--force', 'ID'],
]

/** Rows of the table; none without strace. */
export async function countCalls(
  runtimes: readonly Runtime[],
  bundles: Bundles,
  scratch: string,
  bare?: string,
): Promise<{ rows: Row[]; absent: string[] }> {
  if (spawnSync('strace', ['-V'], { stdio: 'ignore' }).status !== 0) {
    return { rows: [], absent: ['system calls not counted: strace is not installed'] }
  }
  const values: Record<string, Record<string, number[]>> = {}
  for (const runtime of runtimes) {
    const id = `bench-calls-${process.pid}`
    const count = async (name: string, words: readonly string[]) => {
      const line = words.map((word) => word.replace('BUNDLE', bundles.sleep).replace('ID', id))
      const text = await trace(scratch, [runtime.program, '--root', runtime.root, ...line])
      values[name] ??= {}
      values[name][runtime.name] = [countLines(text)]
    }
    const run = ['run', '--bundle', bundles.true, id]
    await count('run', run)
    for (const [name, ...words] of VERBS) await count(name, words)
  }
  if (bare !== undefined && values.run !== undefined) {
    const words = [bare, bundles.rootfs, `bench-calls-${process.pid}`, '/bin/true']
    values.run[BARE] = [countLines(await trace(scratch, words))]
  }
  const rows = Object.entries(values).map(
    ([name, counts]): Row => ({ name: `system calls of ${name}`, unit: 'calls', values: counts }),
  )
  return { rows, absent: [] }
}

const countLines = (text: string) => text.match(/^\d+ +\w+\(/gm)?.length ?? 0

/** What strace writes until the first process ends: the init of a create goes on, and is let go. */
async function trace(scratch: string, command: readonly string[]): Promise<string> {
  const file = join(scratch, 'calls')
  const strace = spawn('strace', ['-f', '-I', '2', '-o', file, ...command], { stdio: 'ignore' })
  const ended = once(strace, 'exit')
  for (let tries = 0; tries < 400; tries++) {
    await sleep(50)
    const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const [first] = text.split(' ', 1)
    const end = new RegExp(`^${first} +\\+\\+\\+ exited with (\\d+)`, 'm').exec(text)
    if (end === null) continue
    strace.kill()
    await ended
    if (end[1] === '0') return text
    break
  }
  strace.kill('SIGKILL')
  throw new Error(
    `strace ${command.join(' ')}: did not succeed: ${existsSync(file) ? readFileSync(file, 'utf8').slice(-300) : ''}`,
  )
}
