// Words for a failure that the front door hands over with a command line it has carried out.

import { readSync } from 'node:fs'
import { explainFailure, verbOf } from '../launch/explain.ts'
import { FAILURE_SIZE, parseFailure } from '../launch/failure.ts'
import { isOfAnotherVersion, readStoredPlan } from '../launch/stored-plan.ts'
import { decodeRequest } from '../plan/encode.ts'
import { defaultRoot } from '../state/root.ts'
import type { Arguments } from './arguments.ts'
import { describeRuncStart, isRunc } from './as-runc.ts'

function readAll(fd: number): Buffer {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const chunk = Buffer.alloc(65536)
    const n = readSync(fd, chunk, 0, chunk.length, at)
    if (n === 0) return Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, n))
    at += n
  }
}

/**
 * Throws the error that the failure record stands for. Returns when the container is one of another
 * version: then the verb is one for JavaScript.
 */
export function throwFailure(command: string, args: Arguments): void {
  const failure = parseFailure(
    readAll(Number(process.env.TSOCI_FAILURE_FD)).subarray(0, FAILURE_SIZE),
  )
  const verb = verbOf(command, { all: args.has('all'), force: args.has('force') })
  const planFd = process.env.TSOCI_PLAN_FD
  if (planFd !== undefined) {
    const error = explainFailure(failure, { ...decodeRequest(readAll(Number(planFd))), verb })
    throw isRunc() && verb === undefined ? describeRuncStart(failure, error) : error
  }
  const id = args.text('id') ?? ''
  const root = args.path('root') ?? defaultRoot()
  if (failure.kind === 'bad-state' && isOfAnotherVersion(root, id)) return
  throw explainFailure(failure, {
    binding: { id },
    ...readStoredPlan(root, id),
    verb,
  })
}
