// Waits for what the kernel tells about a running container: native/watch.c, in a process of its own.

import { spawn } from 'node:child_process'
import { TsociError } from '../errors.ts'
import { errnoEntry } from './errno.ts'
import { frontPath } from './front-path.ts'

/** What happened; all false when the time was over. */
export interface Happened {
  readonly oom: boolean
  readonly ended: boolean
  readonly stopped: boolean
}

export interface Watch {
  /** Waits so many milliseconds at most. One call at a time. */
  wait(timeout: number): Promise<Happened>
  /** Ends the wait. */
  stop(): void
  close(): void
}

/** Begins to watch. `dir` is the cgroup of the memory controller; undefined: no OOM is told. */
export async function openWatch(pid: number, dir: string | undefined, v2: boolean): Promise<Watch> {
  const child = spawn(frontPath(), [String(pid), dir ?? '', v2 ? '1' : '0'], {
    argv0: 'tsoci:watch',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let ready = false
  let ooms = 0
  let ended = false
  let stopped = false
  let failure: unknown
  let wake = () => {}
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    ready ||= text.includes('r')
    ooms += text.split('o').length - 1
    ended ||= text.includes('e')
    wake()
  })
  const fail = (cause: unknown) => {
    if (!ended && !stopped) failure ??= cause
    wake()
  }
  child.on('error', fail)
  child.on('close', (code) => fail(failed(dir ?? `process ${pid}`, code ?? 0)))
  const woken = (timeout?: number) =>
    new Promise<void>((resolve) => {
      const timer = timeout === undefined ? undefined : setTimeout(resolve, timeout)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  while (!ready && failure === undefined) await woken()
  if (!ready) throw failure
  return {
    async wait(timeout) {
      if (ooms === 0 && !ended && !stopped && failure === undefined) await woken(timeout)
      if (ooms === 0 && failure !== undefined) throw failure
      const oom = ooms > 0
      if (oom) ooms--
      return { oom, ended: ended && ooms === 0, stopped }
    },
    stop() {
      stopped = true
      wake()
    },
    close() {
      stopped = true
      child.kill('SIGKILL')
    },
  }
}

function failed(what: string, errno: number): TsociError {
  const [name, words] = errnoEntry(errno)
  return new TsociError('LAUNCH_FAILED', `watch ${what}: ${words} (${name})`)
}
