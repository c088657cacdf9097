// Starts the executor as a process of its own, and waits for what it reports.

import { closeSync, readSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { TsociError } from '../errors.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import { VERBS, type Verb } from '../state/transitions.ts'
import { errnoEntry } from './errno.ts'
import { explainFailure, type Subject } from './explain.ts'
import { FAILURE_SIZE, parseFailure } from './failure.ts'
import { loadLibtsoci } from './foreign.ts'
import { runFrontProcess } from './front-process.ts'
import { readStoredPlan } from './stored-plan.ts'

const FIRST_FD = 3

/** Standard input, output and error. */
export type Stdio = readonly [stdin: number, stdout: number, stderr: number]

/** How an executor runs, whatever it does. */
export interface ExecutorOptions {
  /** Seconds that a single wait may take; 0 for ever. */
  readonly deadline?: number | undefined
  /** File that gets a line for each step. */
  readonly trace?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Default: those of this process. */
  readonly stdio?: Stdio | undefined
  /** Descriptors of this process that are 3, 4 and so on in the executor. */
  readonly descriptors?: readonly number[] | undefined
}

interface Request {
  readonly request: Buffer
  readonly plan: Plan
  readonly binding: Binding
}

/** Runs the executor on a request; resolves with its exit status, rejects with the failure. */
export async function runExecutor(
  { request, plan, binding }: Request,
  options: ExecutorOptions = {},
): Promise<number> {
  const file = openMemory('plan')
  try {
    for (let done = 0; done < request.length; ) done += writeSync(file, request, done)
    const number = FIRST_FD + (options.descriptors?.length ?? 0)
    const front = { name: 'tsoci:launch', file, words: [String(number), String(number + 1)] }
    return await runFront(front, options, () => ({ plan, binding }))
  } finally {
    closeSync(file)
  }
}

/** Runs a verb on a container that exists, by its stored plan. */
export async function runStoredVerb(
  verb: Verb,
  root: string,
  id: string,
  signal?: number,
  options: Pick<ExecutorOptions, 'deadline' | 'trace'> = {},
): Promise<void> {
  const words = [FIRST_FD, VERBS.indexOf(verb), root, id, signal ?? ''].map(String)
  // A start that a hook fails has removed it.
  const before = verb === 'start' ? readStoredPlan(root, id) : undefined
  await runFront({ name: 'tsoci:verb', words }, options, () => ({
    binding: { id, root },
    ...(before ?? readStoredPlan(root, id)),
    verb,
  }))
}

interface Front {
  readonly name: string
  /** The plan; undefined where the executor finds it by itself. */
  readonly file?: number
  readonly words: readonly string[]
}

async function runFront(
  front: Front,
  options: ExecutorOptions,
  subject: () => Subject,
): Promise<number> {
  const failure = openMemory('failure')
  try {
    const { deadline, trace, signal, descriptors = [], stdio = [0, 1, 2] } = options
    const flags = [
      ...(deadline === undefined ? [] : ['--deadline', String(deadline)]),
      ...(trace === undefined ? [] : ['--trace', resolve(trace)]),
    ]
    const plan = front.file === undefined ? [] : [front.file]
    const status = await runFrontProcess(
      front.name,
      [...front.words, ...flags],
      [...stdio, ...descriptors, ...plan, failure],
      signal,
    )
    if (signal?.aborted) throw new TsociError('ABORTED', 'aborted by the caller')
    const bytes = Buffer.alloc(FAILURE_SIZE)
    if (readSync(failure, bytes, 0, FAILURE_SIZE, 0) === FAILURE_SIZE) {
      throw explainFailure(parseFailure(bytes), subject())
    }
    return status
  } finally {
    closeSync(failure)
  }
}

// A file without a path: it is gone with its last descriptor, whatever ends us.
function openMemory(name: string): number {
  const fd = loadLibtsoci().memoryFile(name)
  if (fd >= 0) return fd
  throw new TsociError('LAUNCH_FAILED', `memfd_create: ${errnoEntry(-fd)[0]}`)
}
