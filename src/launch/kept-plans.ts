// Reads the plans and forms that are kept (native/plan_cache.c), for people.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decodeRequest } from '../plan/encode.ts'
import { FORMS_DIR } from './kept-forms.ts'

/** A plan that the next container of its bundle starts with, or a form of one. */
export interface KeptPlan {
  readonly kind: 'plan' | 'form'
  readonly verb: 'create' | 'run'
  /** The bundle that it was made for; any with the same config.json, or form of it, takes it. */
  readonly bundle: string
  /** RFC 3339. */
  readonly kept: string
  /** Bytes of the file, with what it was made from. */
  readonly size: number
  readonly file: string
}

/** What is kept below a root, the newest first. */
export function listKeptPlans(root: string): KeptPlan[] {
  return [
    ...listKept(join(root, '@plans'), 'plan'),
    ...listKept(join(root, FORMS_DIR), 'form'),
  ].sort((a, b) => (a.kept < b.kept ? 1 : -1))
}

function listKept(dir: string, kind: KeptPlan['kind']): KeptPlan[] {
  const names = existsSync(dir) ? readdirSync(dir) : []
  return names.flatMap((name) => readKept(join(dir, name), kind) ?? [])
}

// Undefined for one of another version, and one that was replaced meanwhile.
function readKept(file: string, kind: KeptPlan['kind']): KeptPlan | undefined {
  try {
    const bytes = readFileSync(file)
    const size = (at: number) => Number(bytes.readBigUInt64LE(at))
    // One length of what it was made from, or two, that itself, and the request.
    const head = kind === 'plan' ? 8 + size(0) : 16 + size(0) + size(8)
    const { plan, binding } = decodeRequest(bytes.subarray((head + 7) & ~7))
    const verb = plan.launch?.some(({ op }) => op === 'gate') ? 'create' : 'run'
    const kept = statSync(file).mtime.toISOString()
    return { kind, verb, bundle: binding.bundle ?? '', kept, size: bytes.length, file }
  } catch {
    return undefined
  }
}
