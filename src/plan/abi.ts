// The number that both sides of a plan must agree on. The build puts the number itself in the place
// of this file (scripts/build.ts): hashing takes longer than the rest of a compile.

import { createHash } from 'node:crypto'
import { SECTIONS } from './plan.ts'
import { STAGES, STEP_FIELDS, STEP_FLAGS } from './step.ts'
import { SLOTS } from './text.ts'

export const HEADER_WORDS = 10

/** Changes whenever the two sides could misread each other. */
export const PLAN_ABI = createHash('sha256')
  .update(JSON.stringify([STEP_FIELDS, STEP_FLAGS, SECTIONS, SLOTS, STAGES, HEADER_WORDS]))
  .digest()
  .readUInt32LE(0)
