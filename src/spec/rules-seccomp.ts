// Rules of seccomp.

import type { Config, SeccompAction } from './config.ts'
import { error, type Path, type Problem, quote } from './problem.ts'
import type { Rule } from './rules.ts'
import { annotation } from './rules-annotations.ts'

export const SECCOMP_RULES: readonly Rule[] = [
  { reads: ['/linux/seccomp', '/annotations'], check: checkSeccomp },
]

// With these the runtime hands the listener over, when the filter is on already.
const HAND_OVER = ['write', 'sendmsg']

const TOP = ['linux', 'seccomp'] as const

function checkSeccomp(config: Config): Problem[] {
  const seccomp = config.linux?.seccomp
  if (seccomp === undefined) return []
  const { defaultAction, defaultErrnoRet, syscalls = [] } = seccomp
  const problems = checkErrno([...TOP, 'defaultErrnoRet'], defaultAction, defaultErrnoRet)
  if (defaultAction === 'SCMP_ACT_NOTIFY') {
    // The agent would have to answer for the calls that hand it over.
    problems.push(error([...TOP, 'defaultAction'], 'SCMP_ACT_NOTIFY cannot be the default'))
  }
  let notifies = false
  for (const [i, { names, action, errnoRet }] of syscalls.entries()) {
    const path = [...TOP, 'syscalls', i]
    problems.push(...checkErrno([...path, 'errnoRet'], action, errnoRet))
    if (action !== 'SCMP_ACT_NOTIFY') continue
    notifies = true
    for (const name of HAND_OVER) {
      const index = names.indexOf(name)
      if (index === -1) continue
      const message = `SCMP_ACT_NOTIFY cannot be used for the ${name} syscall`
      problems.push(error([...path, 'names', index], message))
    }
  }
  if (notifies && !seccomp.listenerPath && !annotation(config, 'run.oci.seccomp.receiver')) {
    const expected = 'listenerPath as well'
    problems.push(error([...TOP], 'SCMP_ACT_NOTIFY without an agent', { expected }))
  }
  if (seccomp.listenerMetadata && !seccomp.listenerPath) {
    const message = `${quote('listenerMetadata')} without listenerPath`
    problems.push(error([...TOP, 'listenerMetadata'], message))
  }
  return problems
}

function checkErrno(path: Path, action: SeccompAction, errno: number | undefined): Problem[] {
  if (errno === undefined || action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE') return []
  return [
    error(path, `${action} returns no error number`, {
      expected: 'SCMP_ACT_ERRNO or SCMP_ACT_TRACE',
    }),
  ]
}
