// Reads the plan that create left with a container: to say which step of it has failed, or that it
// is one of another version.

import { join } from 'node:path'
import { decodeRequest, versionOf } from '../plan/encode.ts'
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

/** Did another version of tsoci make the container? */
export function isOfAnotherVersion(root: string, id: string): boolean {
  try {
    return versionOf(readPlainFile(join(root, id, 'plan'))) === 'another'
  } catch {
    return false
  }
}
