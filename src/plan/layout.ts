// How the arguments of each operation lie on the wire. The build puts the values themselves in the
// place of this file (scripts/build.ts): to make the step table takes longer than to plan the mounts.

import { type FieldKind, type Op, STEP_FIELDS } from './step.ts'

/** The operations by their number. */
export const OPS = Object.keys(STEP_FIELDS) as Op[]

/** Names of the arguments of each, by the operation's number. */
export const ARGUMENT_NAMES: readonly (readonly string[])[] = Object.values(STEP_FIELDS).map(
  (fields) => Object.keys(fields),
)

/** Kinds of the same. */
export const ARGUMENT_KINDS: readonly (readonly FieldKind[])[] = Object.values(STEP_FIELDS).map(
  (fields) => Object.values(fields),
)
