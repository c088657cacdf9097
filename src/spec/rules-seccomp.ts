// Rules of seccomp.

import { MULTIPLEXED, MULTIPLEXING_ARCHITECTURES } from '../linux/seccomp.ts'
import { knownSyscalls } from '../linux/syscalls.ts'
import type { Config, SeccompAction } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { annotation } from './rules-annotations.ts'
import { similarWord } from './similar.ts'

export const SECCOMP_RULES: readonly Rule[] = [
  { reads: ['/linux/seccomp', '/annotations'], check: checkSeccomp },
  { reads: ['/linux/seccomp'], check: checkNames },
  { reads: ['/linux/seccomp'], check: checkMultiplexed },
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
    problems.push(
      error([...TOP, 'defaultAction'], 'SCMP_ACT_NOTIFY cannot be the default', {
        expected: 'another action, and rules with SCMP_ACT_NOTIFY',
      }),
    )
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
      problems.push(error([...path, 'names', index], message, { hint: 'remove it from the rule' }))
    }
  }
  if (notifies && !seccomp.listenerPath && !annotation(config, 'run.oci.seccomp.receiver')) {
    const expected = 'listenerPath as well'
    problems.push(error([...TOP], 'SCMP_ACT_NOTIFY without an agent', { expected }))
  }
  if (seccomp.listenerMetadata && !seccomp.listenerPath) {
    const message = `${quote('listenerMetadata')} without listenerPath`
    problems.push(
      error([...TOP, 'listenerMetadata'], message, { hint: 'add listenerPath, or remove it' }),
    )
  }
  return problems
}

// A name that is none filters nothing. What looks like no other may be of a kernel to come.
function checkNames({ linux }: Config): Problem[] {
  return (linux?.seccomp?.syscalls ?? []).flatMap(({ names }, i) =>
    names.flatMap((name, k) => {
      if (knownSyscalls().has(name)) return []
      const similar = similarWord(name, [...knownSyscalls()])
      const message = `no system call is called ${quote(name)}: nothing is filtered for it`
      const advice = similar === undefined ? {} : { hint: `did you mean ${quote(similar)}?` }
      const quiet = similar === undefined ? { quiet: true as const } : {}
      return [warning([...TOP, 'syscalls', i, 'names', k], message, { ...advice, ...quiet })]
    }),
  )
}

/**
 * Where one system call does the work of many (socketcall, ipc), who may make that one may make them
 * all; and a rule that allows one of the many is one for its number there, with all arguments.
 */
function checkMultiplexed({ linux }: Config): Problem[] {
  const { architectures = [], syscalls = [] } = linux?.seccomp ?? {}
  const arch = architectures.find((name) => MULTIPLEXING_ARCHITECTURES.includes(name))
  if (arch === undefined) return []
  const allowed = new Set(syscalls.flatMap(({ names, action }) => (isDenial(action) ? [] : names)))
  return syscalls.flatMap(({ names, action, args = [] }, i) => {
    if (!isDenial(action)) return []
    return names.flatMap((name, k) => {
      const path = [...TOP, 'syscalls', i, 'names', k]
      const one = Object.keys(MULTIPLEXED).find((it) => MULTIPLEXED[it]!.includes(name))
      if (one !== undefined && args.length === 0 && allowed.has(one)) {
        const message = `denying ${quote(name)} does not hold on ${arch}: ${quote(one)} is allowed`
        return [warning(path, message, { hint: `deny ${one}, too` })]
      }
      const many = Object.hasOwn(MULTIPLEXED, name) ? MULTIPLEXED[name]! : []
      const other = args.length === 0 ? undefined : many.find((it) => allowed.has(it))
      if (other === undefined) return []
      const message = `denying ${quote(name)} by its arguments does not hold on ${arch}: ${quote(other)} is allowed`
      return [warning(path, message, { hint: 'leave out args' })]
    })
  })
}

const isDenial = (action: SeccompAction) => action !== 'SCMP_ACT_ALLOW' && action !== 'SCMP_ACT_LOG'

function checkErrno(path: Path, action: SeccompAction, errno: number | undefined): Problem[] {
  if (errno === undefined || action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE') return []
  return [
    error(path, `${action} returns no error number`, {
      expected: 'SCMP_ACT_ERRNO or SCMP_ACT_TRACE',
    }),
  ]
}
