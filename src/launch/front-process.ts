// Runs the front door as a process of its own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { TsociError } from '../errors.ts'
import { frontPath } from './front-path.ts'

/**
 * Resolves when it has ended: with its exit status, or 128 + n for signal n. `name` is its argv[0],
 * `descriptors` are its 0, 1, 2 and so on.
 */
export async function runFrontProcess(
  name: string,
  words: readonly string[],
  descriptors: readonly number[],
  signal?: AbortSignal,
): Promise<number> {
  let abort = () => {}
  try {
    const child = spawn(frontPath(), words, { argv0: name, stdio: [...descriptors] })
    abort = () => child.kill('SIGKILL')
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    const [code, signalName] = (await once(child, 'exit')) as [number | null, NodeJS.Signals]
    return code ?? 128 + constants.signals[signalName]
  } catch (cause) {
    throw cannotStart(cause as NodeJS.ErrnoException)
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

function cannotStart(cause: NodeJS.ErrnoException): TsociError {
  const isMissing = cause.code === 'ENOENT' || cause.code === 'EACCES'
  return new TsociError('LAUNCH_FAILED', `start "${frontPath()}": ${cause.code}`, {
    hint: isMissing ? 'build it with: npm run build' : 'is each descriptor that it is given open?',
    cause,
  })
}
