// The lock of a container: verbs that read and write its state come one after the other.

import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TsociError } from '../errors.ts'
import { errnoEntry } from './errno.ts'
import { loadLibtsoci } from './foreign.ts'

const DEFAULT_DEADLINE = 600
const PAUSE = 5

/**
 * Waits for the lock; the result gives it back. Whoever waits sleeps in between: a call that blocks
 * would hold up all of the process. A directory that is gone or somebody else's has no lock to wait
 * for: what reads it tells.
 */
export async function lockContainer(
  root: string,
  id: string,
  seconds = DEFAULT_DEADLINE,
): Promise<() => void> {
  const { lock } = loadLibtsoci()
  const deadline = seconds === 0 ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000
  for (;;) {
    const fd = lock(join(root, id))
    if (fd >= 0) return () => closeSync(fd)
    if (errnoEntry(-fd)[0] !== 'EAGAIN') return () => {}
    if (performance.now() > deadline) {
      throw new TsociError('LAUNCH_FAILED', `lock container "${id}": another verb holds it`, {
        hint: `gave up after ${seconds} s: --deadline SECONDS changes that`,
      })
    }
    await sleep(PAUSE)
  }
}
