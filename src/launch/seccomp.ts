// Turns linux.seccomp into a BPF program, with libseccomp. The plan carries the program.

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
import { errnoEntry } from './errno.ts'
import { runSeccomp } from './seccomp-process.ts'

const EPERM = 1
/** From this many rules on a sorted tree is quicker than a list. */
const TREE_RULES = 32

/** A filter that was just made, and the file of the libseccomp that made it. */
export interface MadeFilter extends SeccompFilter {
  readonly library: string
}

/** A line for native/seccomp/tsoci-seccomp.c, and what it comes from. */
interface Request {
  readonly words: readonly (string | number | bigint)[]
  readonly what: string
  /** In linux.seccomp. */
  readonly at: string
}

/** Compiles a profile; a strict one names no system call that is unknown. Throws TsociError NOT_SUPPORTED or BAD_CONFIG. */
export function compileSeccomp(profile: Seccomp, isStrict = false): MadeFilter {
  const defaultAction = actionWord(profile.defaultAction, profile.defaultErrnoRet)
  const standIn = standInFor(profile)
  const requests = [
    { words: ['init', defaultAction], what: 'the default action', at: '/defaultAction' },
    ...askForArchitectures(profile),
    ...askForRules(profile, { defaultAction, standIn }, isStrict),
  ]
  const input = requests.map(({ words }) => `${words.join(' ')}\n`).join('')
  const { status, program, answer } = runSeccomp(input)
  if (status === NO_LIBRARY) throw noLibrary()
  const { library, newest } = readAnswer(answer, requests, isStrict)
  if (status !== 0) throw failed(`tsoci-seccomp ended with ${status}`)
  return {
    program: refuseNewerSyscalls(replaceAction(program, standIn, defaultAction), profile, newest),
    flags: flagsWord(profile),
    library,
  }
}

const NO_LIBRARY = 3

function readAnswer(answer: string, requests: readonly Request[], isStrict: boolean) {
  let library = ''
  const newest: NewestSyscall[] = []
  for (const line of answer.split('\n')) {
    const [kind, first = '', second] = line.split(' ')
    const { what, at } = requests[Number(first)] ?? { what: 'the program', at: '' }
    if (kind === 'library') library = line.slice(kind.length + 1)
    else if (kind === 'arch') newest.push({ arch: Number(first), number: Number(second) })
    else if (kind === 'fail') throw failed(`${what} (${errnoEntry(Number(second))[0]})`, at)
    else if (isStrict && (kind === 'unknown' || kind === 'never')) {
      throw failed(`no ${what} (EINVAL)`, at)
    }
  }
  return { library, newest }
}

function actionWord(action: SeccompAction, errno = EPERM): number {
  const word = SECCOMP_ACTIONS[action]
  const carries = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE'
  return carries ? (word | (errno & 0xffff)) >>> 0 : word
}

/** The native architecture is always there; the named ones come to it. */
function askForArchitectures({ architectures = [] }: Seccomp): Request[] {
  return architectures.map((name, i) => ({
    words: ['arch', name.slice('SCMP_ARCH_'.length).toLowerCase()],
    what: `architecture ${name}`,
    at: `/architectures/${i}`,
  }))
}

function askForRules(
  profile: Seccomp,
  { defaultAction, standIn }: { readonly defaultAction: number; readonly standIn: number },
  isStrict: boolean,
): Request[] {
  const requests: Request[] = []
  let count = 0
  for (const [i, rule] of (profile.syscalls ?? []).entries()) {
    const at = `/syscalls/${i}`
    const isDefault = actionWord(rule.action, rule.errnoRet) === defaultAction
    const action = isDefault ? standIn : actionWord(rule.action, rule.errnoRet)
    const comparisons = splitArguments(rule)
    for (const name of rule.names) {
      const what = `system call ${name}`
      if (!/^\w+$/.test(name)) {
        if (isStrict) throw failed(`no ${what} (EINVAL)`, at)
      } else if (isDefault && !mustHold(profile, rule, name)) {
        requests.push({ words: ['name', name], what, at })
      } else {
        for (const one of comparisons) {
          requests.push({ words: ['rule', action, name, ...one], what, at })
          count++
        }
      }
    }
  }
  if (count > TREE_RULES) requests.push({ words: ['tree'], what: 'the tree', at: '' })
  return requests
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
function splitArguments({ args = [] }: SeccompSyscall): (number | bigint)[][] {
  const comparisons = args.map(comparisonOf)
  const unique = new Set(args.map(({ index }) => index)).size === args.length
  return unique ? [comparisons.flat()] : comparisons
}

const comparisonOf = ({ index, op, value, valueTwo = 0 }: SeccompArg) => [
  index,
  SECCOMP_OPERATORS[op],
  value,
  valueTwo,
]

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

function noLibrary(): TsociError {
  return new TsociError(
    'NOT_SUPPORTED',
    'cannot make a seccomp filter: libseccomp.so.2 is missing',
    { hint: 'install it (package libseccomp2 or libseccomp), or remove linux.seccomp' },
  )
}

/** `at` is the place in linux.seccomp. */
function failed(what: string, at = ''): TsociError {
  return new TsociError('NOT_SUPPORTED', `cannot make a seccomp filter: ${what}`, {
    at: `/linux/seccomp${at}`,
    hint: 'libseccomp does not take this part of linux.seccomp',
  })
}
