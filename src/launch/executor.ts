// Starts the executor through koffi. Every koffi declaration is here.

import { closeSync, readSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'
import { TsociError } from '../errors.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import { VERBS, type Verb } from '../state/transitions.ts'
import { explainFailure } from './explain.ts'
import { FAILURE_SIZE, parseFailure } from './failure.ts'

// Source and bundle lie at different depths; the built files are always in dist/.
const here = dirname(fileURLToPath(import.meta.url))
const dist = here.endsWith('dist') ? here : join(here, '../../dist')
const front = process.env.TSOCI_FRONT ?? join(dist, 'tsoci')

interface Started {
  pid: number
  pidfd: number
  failure: number
}

const Process = koffi.struct('tsoci_process', { pid: 'int', pidfd: 'int', failure: 'int' })
const library = koffi.load(join(dist, 'libtsoci.so'))
const startLaunch = library.func('tsoci_launch', 'int', [
  'str',
  'void *',
  'size_t',
  koffi.out(koffi.pointer(Process)),
])
const startVerb = library.func('tsoci_verb', 'int', [
  'str',
  'int',
  'str',
  'str',
  'str',
  koffi.out(koffi.pointer(Process)),
])
const waitProcess = library.func('tsoci_wait', 'int', ['int'])
const killProcess = library.func('tsoci_kill', 'int', ['int', 'int'])

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
  checkStart(startLaunch(front, request, request.length, started))
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
  checkStart(startVerb(front, VERBS.indexOf(verb), root, id, String(number), started))
  await finish(started, { binding: { id, root }, verb }, undefined)
}

function checkStart(result: number): void {
  if (result === 0) return
  throw new TsociError('LAUNCH_FAILED', `start "${front}": errno ${-result}`, {
    hint: 'build it with: npm run build',
  })
}

async function finish(
  started: Started,
  subject: { plan?: Plan; binding: Binding; verb?: Verb },
  signal: AbortSignal | undefined,
): Promise<number> {
  const abort = () => killProcess(started.pidfd, SIGKILL)
  signal?.addEventListener('abort', abort)
  try {
    if (signal?.aborted) abort()
    const status = await new Promise<number>((resolve, reject) => {
      waitProcess.async(started.pid, (error: Error | null, value: number) =>
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
