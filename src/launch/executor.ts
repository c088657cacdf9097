// Starts the executor through the library, and waits for what it reports.

import { closeSync, readSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import { VERBS, type Verb } from '../state/transitions.ts'
import { explainFailure } from './explain.ts'
import { FAILURE_SIZE, parseFailure } from './failure.ts'
import { loadLibtsoci, type Started } from './foreign.ts'
import { frontPath } from './front-path.ts'

const library = loadLibtsoci()
const SIGKILL = 9

interface Request {
  readonly request: Buffer
  readonly plan: Plan
  readonly binding: Binding
}

/** Runs the executor on a request; resolves with its exit status, rejects with the failure. */
export async function runExecutor(
  { request, plan, binding }: Request,
  signal?: AbortSignal,
): Promise<number> {
  const started = {} as Started
  checkStart(library.launch(frontPath, request, request.length, started))
  return await finish(started, { plan, binding }, signal)
}

/** Runs a verb on a container that exists, by its stored plan. */
export async function runStoredVerb(
  verb: Verb,
  root: string,
  id: string,
  number = 0,
): Promise<void> {
  const started = {} as Started
  checkStart(library.verb(frontPath, VERBS.indexOf(verb), root, id, String(number), started))
  await finish(started, { binding: { id, root }, verb }, undefined)
}

function checkStart(result: number): void {
  if (result === 0) return
  throw new TsociError('LAUNCH_FAILED', `start "${frontPath}": errno ${-result}`, {
    hint: 'build it with: npm run build',
  })
}

async function finish(
  started: Started,
  subject: { plan?: Plan; binding: Binding; verb?: Verb },
  signal: AbortSignal | undefined,
): Promise<number> {
  const abort = () => library.kill(started.pidfd, SIGKILL)
  signal?.addEventListener('abort', abort)
  try {
    if (signal?.aborted) abort()
    const status = await new Promise<number>((resolve, reject) => {
      library.wait.async(started.pid, (error: Error | null, value: number) =>
        error === null ? resolve(value) : reject(error),
      )
    })
    if (signal?.aborted) throw new TsociError('ABORTED', 'aborted by the caller')
    const bytes = Buffer.alloc(FAILURE_SIZE)
    if (readSync(started.failure, bytes, 0, FAILURE_SIZE, 0) === FAILURE_SIZE) {
      throw explainFailure(parseFailure(bytes), subject)
    }
    return status
  } finally {
    signal?.removeEventListener('abort', abort)
    closeSync(started.pidfd)
    closeSync(started.failure)
  }
}
