// The seccomp filter of a config. libseccomp and koffi are loaded for those that have one.

import type { SeccompFilter } from '../plan/seccomp.ts'
import type { Config } from '../spec/config.ts'
import { isOn } from '../spec/rules-annotations.ts'

/** The compiled filter; undefined without linux.seccomp. Throws TsociError NOT_SUPPORTED. */
export async function makeFilter(config: Config): Promise<SeccompFilter | undefined> {
  const profile = config.linux?.seccomp
  if (profile === undefined) return undefined
  const { compileSeccomp } = await import('../launch/seccomp.ts')
  return compileSeccomp(profile, isOn(config, 'run.oci.seccomp_fail_unknown_syscall'))
}
