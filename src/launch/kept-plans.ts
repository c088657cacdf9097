// Reads the plans that the front door keeps (native/plan_cache.c), for people.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decodeRequest } from '../plan/encode.ts'

/** A plan that the next container of its bundle starts with. */
export interface KeptPlan {
  readonly verb: 'create' | 'run'
  /** The bundle that it was made for; any with the same config.json takes it. */
  readonly bundle: string
  /** RFC 3339. */
  readonly kept: string
  /** Bytes of the file, with what it was made from. */
  readonly size: number
  readonly file: string
}

/** The kept plans below a root, the newest first. */
export function listKeptPlans(root: string): KeptPlan[] {
  const dir = join(root, '@plans')
  const names = existsSync(dir) ? readdirSync(dir) : []
  return names
    .flatMap((name) => readKeptPlan(join(dir, name)) ?? [])
    .sort((a, b) => (a.kept < b.kept ? 1 : -1))
}

// Undefined for one of another version, and one that was replaced meanwhile.
function readKeptPlan(file: string): KeptPlan | undefined {
  try {
    const bytes = readFileSync(file)
    // The length of what it was made from, that itself, and the request.
    const at = (8 + Number(bytes.readBigUInt64LE(0)) + 7) & ~7
    const { plan, binding } = decodeRequest(bytes.subarray(at))
    const verb = plan.launch?.some(({ op }) => op === 'gate') ? 'create' : 'run'
    const kept = statSync(file).mtime.toISOString()
    return { verb, bundle: binding.bundle ?? '', kept, size: bytes.length, file }
  } catch {
    return undefined
  }
}
