// The rules a schema can't say.

import type { Config } from './config.ts'
import type { Problem } from './problem.ts'
import { ANNOTATION_RULES } from './rules-annotations.ts'
import { DEVICE_RULES } from './rules-devices.ts'
import { LINUX_RULES } from './rules-linux.ts'
import { MOUNT_RULES } from './rules-mounts.ts'
import { NAMESPACE_RULES } from './rules-namespaces.ts'
import { PROCESS_RULES } from './rules-process.ts'
import { RESOURCE_RULES } from './rules-resources.ts'
import { SECCOMP_RULES } from './rules-seccomp.ts'
import { SYSCTL_RULES } from './rules-sysctl.ts'
import { TOP_RULES } from './rules-top.ts'

/** A check, and the pointers whose shape it relies on. */
export interface Rule {
  readonly reads: readonly string[]
  readonly check: (config: Config) => Problem[]
}

const RULES: readonly Rule[] = [
  ...TOP_RULES,
  ...ANNOTATION_RULES,
  ...PROCESS_RULES,
  ...MOUNT_RULES,
  ...NAMESPACE_RULES,
  ...DEVICE_RULES,
  ...LINUX_RULES,
  ...SYSCTL_RULES,
  ...RESOURCE_RULES,
  ...SECCOMP_RULES,
]

/** Applies every rule whose part of the file has the right shape. */
export function checkRules(config: Config, broken: readonly string[]): Problem[] {
  return RULES.flatMap(({ reads, check }) => {
    if (broken.length > 0 && reads.some((pointer) => isBroken(pointer, broken))) return []
    return check(config)
  })
}

function isBroken(pointer: string, broken: readonly string[]): boolean {
  const read = `${pointer}/`
  return broken.some((bad) => `${bad}/`.startsWith(read) || read.startsWith(`${bad}/`))
}
