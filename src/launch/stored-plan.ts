// Reads the plan that create left with a container, to say which step of it has failed.

import { join } from 'node:path'
import { decodeRequest } from '../plan/encode.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import { readPlainFile } from '../state/container.ts'

/** The plan and what was filled into it; undefined when it can't be read. */
export function readStoredPlan(
  root: string,
  id: string,
): { plan: Plan; binding: Binding } | undefined {
  try {
    return decodeRequest(readPlainFile(join(root, id, 'plan')))
  } catch {
    return undefined // the error it is read for is what counts
  }
}
