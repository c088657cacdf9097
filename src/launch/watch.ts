// Waits for what the kernel tells about a running container.

import { TsociError } from '../errors.ts'
import { errnoEntry } from './errno.ts'
import { loadWatch } from './foreign.ts'
import { WATCH } from './watch-bits.ts'

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
export function openWatch(pid: number, dir: string | undefined, v2: boolean): Watch {
  const library = loadWatch()
  const out: [object | null] = [null]
  const result = library.open(pid, dir ?? '', v2 ? 1 : 0, out)
  if (result < 0) throw failed(`watch ${dir ?? `process ${pid}`}`, result)
  const watch = out[0]!
  return {
    wait: (timeout) =>
      new Promise((resolve, reject) => {
        library.wait.async(watch, timeout, (error: Error | null, bits: number) => {
          if (error !== null) reject(error)
          else if (bits < 0) reject(failed('poll', bits))
          else resolve(happened(bits))
        })
      }),
    stop: () => library.stop(watch),
    close: () => library.close(watch),
  }
}

const happened = (bits: number): Happened => ({
  oom: (bits & WATCH.oom) !== 0,
  ended: (bits & WATCH.ended) !== 0,
  stopped: (bits & WATCH.stopped) !== 0,
})

function failed(what: string, result: number): TsociError {
  const [name, words] = errnoEntry(-result)
  return new TsociError('LAUNCH_FAILED', `${what}: ${words} (${name})`)
}
