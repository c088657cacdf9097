// Runs tsoci-seccomp, which asks the libseccomp of the host.

import { spawnSync } from 'node:child_process'
import { TsociError } from '../errors.ts'
import { distFile } from './front-path.ts'

export interface SeccompResult {
  readonly status: number
  readonly program: Uint8Array
  readonly answer: string
}

/** Asks for a filter, in the lines that native/seccomp/tsoci-seccomp.c reads. */
export function runSeccomp(input: string): SeccompResult {
  const file = distFile('tsoci-seccomp')
  const { status, output, error } = spawnSync(file, [], {
    input,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  if (error !== undefined) throw noHelper(file, error)
  return { status: status ?? 1, program: output[1]!, answer: output[3]!.toString() }
}

/** The error where that program can not be started. */
export function noHelper(file: string, cause?: unknown): TsociError {
  return new TsociError('NOT_SUPPORTED', `cannot make a seccomp filter: start "${file}"`, {
    at: '/linux/seccomp',
    hint: 'it belongs beside the executable of tsoci: install both, or remove linux.seccomp',
    cause,
  })
}
