// What happens in a running container: its statistics every so often, and each lack of memory.

import { readCgroupFacts } from '../host/cgroups.ts'
import { defaultRoot } from '../state/root.ts'
import type { RootOptions } from './options.ts'
import { readStats, requireAlive, type Stats } from './stats.ts'

/** One line of `tsoci events`. */
export type ContainerEvent =
  | { readonly type: 'stats'; readonly id: string; readonly data: Stats }
  | { readonly type: 'oom'; readonly id: string }

export interface EventsOptions extends RootOptions {
  /** Milliseconds between statistics, 5000 by default. */
  readonly interval?: number | undefined
  /** Ends the events. */
  readonly signal?: AbortSignal | undefined
}

/** As far as a timer of the kernel's poll reaches. */
const LONGEST = 2 ** 31 - 1

/**
 * Statistics at once and then every interval, and an event as soon as a process was ended for lack
 * of memory; until the container stops. Throws TsociError NOT_FOUND, NOT_RUNNING.
 */
export async function* events(
  id: string,
  options: EventsOptions = {},
): AsyncGenerator<ContainerEvent, void, void> {
  const root = options.root ?? defaultRoot()
  const stored = requireAlive(root, id)
  const { openWatch } = await import('../launch/watch.ts')
  const { layout, v1 } = readCgroupFacts()
  const v2 = layout === 'v2'
  const memory = v1.find(({ controllers }) => controllers.includes('memory'))?.mount
  const dir = stored.cgroups.find(
    (it) => v2 || (memory !== undefined && it.startsWith(`${memory}/`)),
  )
  const watch = await openWatch(stored.pid, dir, v2)
  options.signal?.addEventListener('abort', watch.stop)
  try {
    // Only now is it certain that the watched process is the init, and not a later one of its pid.
    requireAlive(root, id)
    const interval = options.interval ?? 5000
    for (let next = Date.now(); !options.signal?.aborted; ) {
      if (Date.now() >= next) {
        yield { type: 'stats', id, data: readStats(root, stored) }
        next = Math.max(next + interval, Date.now())
      }
      const timeout = Math.min(Math.max(Math.ceil(next - Date.now()), 0), LONGEST)
      const { oom, ended, stopped } = await watch.wait(timeout)
      if (oom) yield { type: 'oom', id }
      if (ended || stopped) return
    }
  } finally {
    options.signal?.removeEventListener('abort', watch.stop)
    watch.close()
  }
}
