// What a verb's options mean for the executor that carries it out.

import type { ExecutorOptions, Stdio } from '../launch/executor.ts'
import type { Descriptors, VerbOptions } from './options.ts'

interface RunningOptions extends VerbOptions {
  readonly signal?: AbortSignal | undefined
  readonly stdio?: Stdio | undefined
}

/** The options that are the executor's own. */
export function howToRun(options: RunningOptions): ExecutorOptions {
  const { deadline, trace, signal, stdio } = options
  return { deadline, trace, signal, stdio }
}

const FIRST_FD = 3

export function countDescriptors(which: Descriptors = 0): number {
  return typeof which === 'number' ? which : which.length
}

/** Which they are; a mere count goes on behind `before` others. */
export function listDescriptors(which: Descriptors = 0, before = 0): number[] {
  if (typeof which !== 'number') return [...which]
  const found: number[] = []
  for (let i = 0; i < which; i++) found.push(FIRST_FD + before + i)
  return found
}
