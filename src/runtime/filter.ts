// The seccomp filter of a config.

import { findFilter, keepFilter } from '../launch/kept-filters.ts'
import type { SeccompFilter } from '../plan/seccomp.ts'
import type { Config } from '../spec/config.ts'
import { isOn } from '../spec/rules-annotations.ts'

/**
 * The compiled filter; undefined without linux.seccomp. With the directory of all containers it is
 * kept there for the next of this profile. Throws TsociError NOT_SUPPORTED.
 */
export async function makeFilter(
  config: Config,
  root?: string,
): Promise<SeccompFilter | undefined> {
  const profile = config.linux?.seccomp
  if (profile === undefined) return undefined
  const failUnknown = isOn(config, 'run.oci.seccomp_fail_unknown_syscall')
  const made = [profile, failUnknown] // all that compileSeccomp reads
  const kept = root === undefined ? undefined : findFilter(root, made)
  if (kept !== undefined) return kept
  const { compileSeccomp } = await import('../launch/seccomp.ts')
  const filter = compileSeccomp(profile, failUnknown)
  if (root !== undefined) keepFilter(root, made, filter)
  return filter
}
