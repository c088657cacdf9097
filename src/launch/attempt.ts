// What a step that failed was for, in the words of config.json: the beginning of an error.

import { ATTRIBUTE_WORDS, PROPAGATION_WORDS } from '../linux/mounts.ts'
import { CLONE_FLAGS } from '../linux/namespaces.ts'
import { RLIMITS } from '../linux/rlimits.ts'
import type { Binding } from '../plan/plan.ts'
import { describeStep } from '../plan/print.ts'
import { STEP_FLAGS, type Step } from '../plan/step.ts'
import { describeText, type Text } from '../plan/text.ts'
import { cut } from '../spec/problem.ts'

/** What follows "cannot": a verb, and the object with its path or value. */
export function describeAttempt(step: Step, bound: Binding): string {
  const say = (value: Text) => describeText(value, bound)
  const words = (values: readonly Text[]) => values.map(say).join(',')
  switch (step.op) {
    case 'exec':
    case 'become':
      // Without what a program is told: that may be a password.
      return `exec ${cut(say(step.args[0]!))}`
    case 'state-dir':
      return `make the container's state directory ${say(step.dir)}`
    case 'store':
    case 'store-plan':
    case 'make-gate':
    case 'failure-file':
      return `write the container's state: ${say(step.path)} in ${bound.root}/${bound.id}`
    case 'rename':
    case 'unlink':
      return `change the container's state: ${describeStep(step, bound)} in ${bound.root}/${bound.id}`
    case 'lend-tree': {
      const mapped = (Number(step.flags) & STEP_FLAGS.LEND_IDMAP) !== 0 ? ' with mapped ids' : ''
      return `bind ${say(step.path)}${mapped} into the container's user namespace`
    }
    case 'clone': {
      const flags = Number(step.flags) | Number(step.late)
      const joined = step.joinPaths.map(say).join(' ')
      const made = namesOf(flags, CLONE_FLAGS).join(', ')
      const parts = [...(made === '' ? [] : [`make namespaces (${made})`])]
      if (joined !== '') parts.push(`join the namespaces ${joined}`)
      if (step.initPid !== '') parts.push(`join those of process ${say(step.initPid)}`)
      return parts.join(' and ') || 'start a process'
    }
    case 'unshare':
      return `make namespaces (${namesOf(Number(step.flags), CLONE_FLAGS).join(', ')})`
    case 'prlimit':
      return `set ${nameOf(step.resource, RLIMITS)} to soft ${step.soft}, hard ${step.hard}`
    case 'scheduler':
      return `set the scheduler to ${schedulerWords(step)}`
    case 'io-priority':
      return `set ioPriority ${Number(step.priority) & 0x1fff}`
    case 'memory-policy':
      return 'set memoryPolicy'
    case 'personality':
      return 'set the personality'
    case 'root-propagation':
      return `make the mount propagation of / ${namesOf(Number(step.flags), PROPAGATION_WORDS)[0] ?? 'slave'}`
    case 'root-attributes':
      return `make the root ${Number(step.set) === 0 ? 'propagate mounts' : 'read-only'}`
    case 'mount': {
      const options = words(step.options)
      return `mount ${say(step.type)} on ${say(step.target)}${options === '' ? '' : ` with ${options}`}`
    }
    case 'bind':
      return `bind ${say(step.source)} on ${say(step.target)}`
    case 'remount': {
      const set = wordsOfAttributes(Number(step.set) | Number(step.recursiveSet))
      const options = [...new Set([...set, ...step.options.map(say)])].join(',')
      return `remount ${say(step.target)}${options === '' ? '' : ` with ${options}`}`
    }
    case 'make-node':
      return `make the device ${say(step.path)} (${step.major}:${step.minor})`
    case 'refuse-symlink':
      return `mount below ${say(step.path)}`
    case 'sethostname':
      return `set hostname "${say(step.name)}"`
    case 'setdomainname':
      return `set domainname "${say(step.name)}"`
    case 'become-root':
      return 'become root of the user namespace'
    case 'drop-bounding':
      return 'limit the bounding set of capabilities'
    case 'capabilities':
      return 'set the capabilities of the process'
    case 'landlock':
      return `restrict the process by Landlock (${[...step.read, ...step.write].map(say).join(' ')})`
    case 'seccomp':
      return 'load the seccomp filter'
    case 'cgroup-devices':
      return `set the device rules of the cgroup ${say(step.dir)}`
    case 'setgroups':
      return `set additionalGids ${words(step.gids) || '(none)'}`
    case 'set-user':
      return `become user ${step.uid}, group ${step.gid}`
    case 'setsid':
      return 'make a session'
    case 'pivot-root':
      return 'enter the rootfs'
    case 'expect':
    case 'await':
    case 'release':
    case 'report':
      return 'set the container up: the other side of it went away'
    default:
      return describeStep(step, bound)
  }
}

function schedulerWords(step: Extract<Step, { op: 'scheduler' }>): string {
  const { nice, priority, runtime, deadline, period } = step
  const times = runtime ? `, runtime ${runtime}, deadline ${deadline}, period ${period}` : ''
  return `policy ${step.policy}, nice ${nice}, priority ${priority}${times}`
}

type Flags = Readonly<Record<string, number>>

const namesOf = (bits: number, flags: Flags): string[] =>
  Object.entries(flags).flatMap(([name, bit]) => ((bits & bit) === bit ? [name] : []))

const nameOf = (value: unknown, flags: Flags): string =>
  Object.entries(flags).find(([, number]) => number === Number(value))?.[0] ?? String(value)

// relatime is no bit: it would be in all of them.
const wordsOfAttributes = (bits: number): string[] =>
  Object.entries(ATTRIBUTE_WORDS).flatMap(([name, { set }]) =>
    set !== 0 && (bits & set) === set ? [name] : [],
  )
