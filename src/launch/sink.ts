// Hands a plan to the executor: to the front door that waits for it, or through the library.

import { writeSync } from 'node:fs'
import { encodeRequest } from '../plan/encode.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import type { ExecutorOptions } from './executor.ts'

/**
 * The number that a descriptor of ours has in the executor, if it is the one at `index` that is
 * handed over: the front door has it under the same number.
 */
export function numberInExecutor(fd: number, index = 0): number {
  return process.env.TSOCI_PLAN_FD === undefined ? 3 + index : fd
}

/**
 * Launches a plan. Under the front door this only writes it: the executor takes over, and the
 * result is 0. Otherwise resolves with the executor's exit status.
 */
export async function launchPlan(
  plan: Plan,
  binding: Binding,
  options: ExecutorOptions = {},
): Promise<number> {
  const request = encodeRequest(plan, binding)
  const fd = process.env.TSOCI_PLAN_FD
  if (fd === undefined) {
    const { runExecutor } = await import('./executor.ts')
    return runExecutor({ request, plan, binding }, options)
  }
  let done = 0
  while (done < request.length) done += writeSync(Number(fd), request, done)
  // The front door goes on from here, while we end.
  const told = process.env.TSOCI_DONE_FD
  if (told !== undefined) writeSync(Number(told), '.')
  return 0
}
