// The rules a schema can't say.

import type { Config } from './config.ts'
import type { Problem } from './problem.ts'

/** A check, and the pointers whose shape it relies on. */
export interface Rule {
  readonly reads: readonly string[]
  readonly check: (config: Config) => Problem[]
}

const RULES: readonly Rule[] = []

/** Applies every rule whose part of the file has the right shape. */
export function checkRules(config: Config, broken: readonly string[]): Problem[] {
  return RULES.flatMap(({ reads, check }) => {
    if (broken.length > 0 && reads.some((pointer) => isBroken(pointer, broken))) return []
    return check(config)
  })
}

function isBroken(pointer: string, broken: readonly string[]): boolean {
  return broken.some(
    (bad) => `${bad}/`.startsWith(`${pointer}/`) || `${pointer}/`.startsWith(`${bad}/`),
  )
}
