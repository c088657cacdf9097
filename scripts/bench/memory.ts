// The memory of a `run` that waits for its container.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Runtime } from './runtimes.ts'

/** In KiB. */
export interface Memory {
  /** VmRSS: pages in memory, those shared with other processes included. */
  readonly resident: number
  /** VmHWM: the most that VmRSS ever was. */
  readonly peak: number
}

/** Runs a container that says a line and sleeps; measures the process that waits for it. */
export async function measureWaitingRun(runtime: Runtime, bundle: string): Promise<Memory> {
  const id = `bench-memory-${process.pid}`
  const args = ['--root', runtime.root, 'run', '--bundle', bundle, id]
  const waiting = spawn(runtime.program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exit = once(waiting, 'exit')
  const said = await Promise.race([once(waiting.stdout, 'data'), exit.then(() => undefined)])
  if (said === undefined) throw new Error(`${runtime.name} run ended early`)
  const status = readFileSync(`/proc/${waiting.pid}/status`, 'utf8')
  const read = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)![1])
  const memory = { resident: read('VmRSS'), peak: read('VmHWM') }
  spawnSync(runtime.program, ['--root', runtime.root, 'kill', id, 'KILL'])
  await exit
  return memory
}
