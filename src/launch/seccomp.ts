// Turns linux.seccomp into a BPF program, with libseccomp. The plan carries the program.

import { closeSync, fstatSync, readSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'
import { TsociError } from '../errors.ts'
import {
  MULTIPLEXED,
  SECCOMP_ACTIONS,
  SECCOMP_FLAGS,
  SECCOMP_NEW_LISTENER,
  SECCOMP_OPERATORS,
} from '../linux/seccomp.ts'
import {
  type NewestSyscall,
  refuseNewerSyscalls,
  replaceAction,
  type SeccompFilter,
} from '../plan/seccomp.ts'
import type { Seccomp, SeccompAction, SeccompArg, SeccompSyscall } from '../spec/config.ts'
import {
  type ArgumentComparison,
  type Libseccomp,
  loadLibseccomp,
  loadLibtsoci,
} from './foreign.ts'

const EPERM = 1
const EEXIST = 17
const ATTRIBUTE_OPTIMIZE = 8 // SCMP_FLTATR_CTL_OPTIMIZE
const BINARY_TREE = 2
/** From this many rules on a sorted tree is quicker than a list. */
const TREE_RULES = 32

type Filter = NonNullable<ReturnType<Libseccomp['init']>>

/** Compiles a profile; a strict one names no system call that is unknown. Throws TsociError NOT_SUPPORTED or BAD_CONFIG. */
export function compileSeccomp(profile: Seccomp, isStrict = false): SeccompFilter {
  const lib = loadLibseccomp()
  const defaultAction = actionWord(profile.defaultAction, profile.defaultErrnoRet)
  const filter = lib.init(defaultAction)
  if (filter === null) throw failed('the default action', 22, '/defaultAction')
  try {
    const archs = addArchitectures(lib, filter, profile)
    const standIn = standInFor(profile)
    addRules(lib, filter, profile, archs, { defaultAction, standIn }, isStrict)
    const program = replaceAction(exportProgram(lib, filter), standIn, defaultAction)
    return {
      program: refuseNewerSyscalls(program, profile, newestSyscalls(lib, profile, archs)),
      flags: flagsWord(profile),
    }
  } finally {
    lib.release(filter)
  }
}

function actionWord(action: SeccompAction, errno = EPERM): number {
  const word = SECCOMP_ACTIONS[action]
  const carries = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE'
  return carries ? (word | (errno & 0xffff)) >>> 0 : word
}

/** The native architecture is always there; the named ones come to it. */
function addArchitectures(lib: Libseccomp, filter: Filter, profile: Seccomp): number[] {
  const archs = [lib.archNative()]
  for (const [i, name] of (profile.architectures ?? []).entries()) {
    const at = `/architectures/${i}`
    const token = lib.archResolve(name.slice('SCMP_ARCH_'.length).toLowerCase())
    if (token === 0) throw failed(`architecture ${name}`, 22, at)
    if (archs.includes(token)) continue
    const result = lib.archAdd(filter, token)
    if (result < 0 && result !== -EEXIST) throw failed(`architecture ${name}`, -result, at)
    archs.push(token)
  }
  return archs
}

function addRules(
  lib: Libseccomp,
  filter: Filter,
  profile: Seccomp,
  archs: readonly number[],
  { defaultAction, standIn }: { readonly defaultAction: number; readonly standIn: number },
  isStrict: boolean,
): void {
  let count = 0
  for (const [i, rule] of (profile.syscalls ?? []).entries()) {
    const at = `/syscalls/${i}`
    const isDefault = actionWord(rule.action, rule.errnoRet) === defaultAction
    const action = isDefault ? standIn : actionWord(rule.action, rule.errnoRet)
    for (const name of rule.names) {
      if (isDefault && !mustHold(profile, rule, name)) continue
      const number = lib.syscallResolve(archs[0]!, name)
      if (number === -1) {
        if (isStrict) throw failed(`no system call ${name}`, 22, at)
        continue // nothing to filter
      }
      for (const comparisons of splitArguments(rule)) {
        const result = lib.addRule(filter, action, number, comparisons.length, comparisons)
        if (result < 0 && result !== -EEXIST) throw failed(`system call ${name}`, -result, at)
        count++
      }
    }
  }
  if (count > TREE_RULES) lib.setAttribute(filter, ATTRIBUTE_OPTIMIZE, BINARY_TREE)
}

/**
 * libseccomp takes no rule that says what the default says. One is needed all the same: with a rule
 * for socket it makes another, on x86, for socketcall(SYS_SOCKET), which a denial of socketcall as a
 * whole takes back.
 */
function mustHold({ syscalls = [] }: Seccomp, rule: SeccompSyscall, name: string): boolean {
  if (!Object.hasOwn(MULTIPLEXED, name) || (rule.args ?? []).length > 0) return false
  if (rule.action === 'SCMP_ACT_ALLOW' || rule.action === 'SCMP_ACT_LOG') return false
  return syscalls.every((other) => other.action === rule.action || !other.names.includes(name))
}

/** An action for such rules, that no other rule has. */
function standInFor({ syscalls = [] }: Seccomp): number {
  const used = new Set(syscalls.map(({ action, errnoRet }) => actionWord(action, errnoRet)))
  let action = actionWord('SCMP_ACT_TRACE', 0xffff)
  while (used.has(action)) action--
  return action
}

/**
 * All comparisons of a rule must hold. libseccomp takes one for each argument: where two are about
 * the same, each is a rule of its own, as the peers have it.
 */
function splitArguments({ args = [] }: SeccompSyscall): ArgumentComparison[][] {
  const comparisons = args.map(comparisonOf)
  const unique = new Set(args.map(({ index }) => index)).size === args.length
  return unique ? [comparisons] : comparisons.map((one) => [one])
}

function comparisonOf({ index, op, value, valueTwo = 0 }: SeccompArg): ArgumentComparison {
  return { arg: index, op: SECCOMP_OPERATORS[op], a: value, b: valueTwo }
}

function exportProgram(lib: Libseccomp, filter: Filter): Buffer {
  const fd = loadLibtsoci().memoryFile('seccomp')
  if (fd < 0) throw failed('the program', -fd)
  try {
    const result = lib.exportBpf(filter, fd)
    if (result < 0) throw failed('the program', -result)
    const program = Buffer.alloc(fstatSync(fd).size)
    readSync(fd, program, 0, program.length, 0)
    return program
  } finally {
    closeSync(fd)
  }
}

function newestSyscalls(
  lib: Libseccomp,
  profile: Seccomp,
  archs: readonly number[],
): NewestSyscall[] {
  const names = (profile.syscalls ?? []).flatMap((rule) => rule.names)
  return archs.map((arch) => ({
    arch,
    number: names.reduce((most, name) => Math.max(most, lib.syscallResolve(arch, name)), 0),
  }))
}

// The kernel is quicker without the mitigation, which a filter does not need (kernel 5.16 made it
// the default); a profile that lists flags decides itself. The process has one thread, so TSYNC has
// nothing to do.
function flagsWord({ flags, syscalls = [] }: Seccomp): number {
  const named =
    flags === undefined
      ? SECCOMP_FLAGS.SECCOMP_FILTER_FLAG_SPEC_ALLOW
      : flags.reduce((word, flag) => word | SECCOMP_FLAGS[flag], 0)
  const asks = syscalls.some(({ action }) => action === 'SCMP_ACT_NOTIFY')
  const word = named & ~SECCOMP_FLAGS.SECCOMP_FILTER_FLAG_TSYNC
  return asks ? word | SECCOMP_NEW_LISTENER : word
}

/** `at` is the place in linux.seccomp. */
function failed(what: string, errno: number, at = ''): TsociError {
  const [name] = getSystemErrorMap().get(-errno) ?? [`errno ${errno}`]
  return new TsociError('NOT_SUPPORTED', `cannot make a seccomp filter: ${what} (${name})`, {
    at: `/linux/seccomp${at}`,
    hint: 'libseccomp does not take this part of linux.seccomp',
  })
}
