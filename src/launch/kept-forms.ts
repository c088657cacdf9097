// Keeps forms where the front door finds them (native/plan_form.c).

import {
  fstatSync,
  mkdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { encodeRequest } from '../plan/encode.ts'
import type { Form } from '../plan/form.ts'
import type { Binding } from '../plan/plan.ts'

/** Directory of forms, below that of all containers. No id may look like this. */
export const FORMS_DIR = '@forms'

/** One more than these takes the place of the oldest. */
export const FORM_PLACES = 32

/**
 * What the front door found a plan to depend on besides the config's text (native/plan_key.c);
 * undefined when it looks for no kept plan.
 */
export function readFacts(): Buffer | undefined {
  const fd = process.env.TSOCI_FACTS_FD
  if (fd === undefined) return undefined
  const facts = Buffer.alloc(fstatSync(Number(fd)).size)
  return readSync(Number(fd), facts, 0, facts.length, 0) === facts.length ? facts : undefined
}

/** Keeps a form. Nobody waits for it, and failing to is no error. */
export function keepForm(root: string, facts: Buffer, form: Form, binding: Binding): void {
  const pattern = Buffer.from(form.pattern)
  const sizes = Buffer.alloc(16)
  sizes.writeUInt32LE(facts.length, 0)
  sizes.writeUInt32LE(pattern.length, 8)
  const head = Buffer.concat([sizes, facts, pattern])
  const padding = Buffer.alloc(-head.length & 7)
  const bytes = Buffer.concat([head, padding, encodeRequest(form.plan, binding)])
  const dir = join(root, FORMS_DIR)
  const draft = join(dir, 'draft')
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    writeFileSync(draft, bytes, { flag: 'wx', mode: 0o600 })
    renameSync(draft, join(dir, choosePlace(dir)))
  } catch {
    // Another writes one, or was killed meanwhile: the next one may.
    rmSync(draft, { force: true })
  }
}

/** The first place that is free, or that of the oldest. */
function choosePlace(dir: string): string {
  let oldest = { place: '0', time: Number.POSITIVE_INFINITY }
  for (let i = 0; i < FORM_PLACES; i++) {
    const place = String(i)
    const time = statSync(join(dir, place), { throwIfNoEntry: false })?.mtimeMs
    if (time === undefined) return place
    if (time < oldest.time) oldest = { place, time }
  }
  return oldest.place
}
