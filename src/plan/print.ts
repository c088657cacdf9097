// A plan in words, and as JSON.

import { quote as quoteText } from '../spec/problem.ts'
import type { Binding, Plan } from './plan.ts'
import { SECTIONS } from './plan.ts'
import { describeNumberList } from './scheduling.ts'
import { STEP_FLAGS, type Step } from './step.ts'
import { describeText, type Text } from './text.ts'

const octal = (mode: number | bigint) => `0${Number(mode).toString(8)}`
const hex = (bits: number | bigint) => `0x${BigInt(bits).toString(16)}`
const quote = (value: Text, bound: Binding) => quoteText(describeText(value, bound))

/** What a step does, on what: one line. */
export function describeStep(step: Step, bound: Binding = {}): string {
  const say = (value: Text) => describeText(value, bound)
  const words = (values: readonly Text[]) => values.map(say).join(' ')
  switch (step.op) {
    case 'become':
      return `exec ${words(step.args)}`
    case 'open-state':
      return `lock ${say(step.dir)}`
    case 'criu-root':
      return `bind ${say(step.path)} on ${say(step.dir)} for CRIU`
    case 'criu-mount-point':
      return `make mount point ${say(step.path)}${step.base === '' ? '' : ` in ${say(step.base)}`}`
    case 'criu-start':
      return `run ${say(step.path)} swrk`
    case 'criu-request':
      return `${step.flags === 0 ? 'checkpoint to' : 'restore from'} ${say(step.images)}`
    case 'state-dir':
      return `mkdir ${say(step.dir)}`
    case 'store':
      return `write ${say(step.path)}`
    case 'store-plan':
      return `write ${say(step.path)}`
    case 'make-gate':
      return `mkfifo ${say(step.path)}`
    case 'failure-file':
      return `open ${say(step.path)}`
    case 'rename':
      return `rename ${say(step.from)} to ${say(step.to)}`
    case 'unlink':
      return `unlink ${say(step.path)}`
    case 'cgroup-dir':
      return `mkdir ${say(step.dir)}`
    case 'cgroup-enable':
      return `enable ${words(step.controllers)} down to ${say(step.dir)}`
    case 'cgroup-write':
      return `write ${quote(step.value, bound)} to ${say(step.dir)}/${say(step.file)}`
    case 'cgroup-join':
      return `join ${say(step.dir)}`
    case 'cgroup-open':
      return `open ${say(step.dir)}`
    case 'cgroup-enter':
      return 'enter the cgroups'
    case 'cgroup-own':
      return `give ${say(step.dir)} to user ${step.uid}`
    case 'cgroup-devices':
      return `attach device program of ${step.program.length / 8} instructions to ${say(step.dir)}`
    case 'lend-tree':
      return `lend the child ${say(step.path)}${describeIdMap(step)}`
    case 'resctrl-group':
      return `make group ${say(step.dir)}${step.schemata.length === 0 ? '' : ` with ${words(step.schemata)}`}`
    case 'resctrl-join':
      return `join ${say(step.dir)}`
    case 'resctrl-remove':
      return `rmdir ${say(step.dir)} if we made it`
    case 'cgroup-claim':
      return `claim ${say(step.dir)}`
    case 'systemd-manager':
      return `ask systemd at ${words(step.sockets)} for its cgroup`
    case 'systemd-scope':
      return `StartTransientUnit ${say(step.unit)}`
    case 'systemd-set':
      return `SetUnitProperties ${say(step.unit)}`
    case 'systemd-attach':
      return `AttachProcessesToUnit ${say(step.unit)}${say(step.subgroup)}`
    case 'systemd-stop':
      return `StopUnit ${say(step.unit)}`
    case 'caller-terminal':
      return 'see that standard input is a terminal'
    case 'console-connect':
      return `connect to ${say(step.path)}`
    case 'net-device':
      return `move network device ${say(step.device)} into the container as ${say(step.name)}`
    case 'caller':
      return `expect the caller to be user ${step.uid}, group ${step.gid}`
    case 'notify-dir':
      return `mkdir ${say(step.path)} for the notify socket`
    case 'notify-listen':
      return `listen for READY=1 at ${say(step.path)}`
    case 'notify-wait':
      return 'wait for READY=1'
    case 'console-receive':
      return 'receive the pty'
    case 'clone':
      return describeClone(step, say)
    case 'id-map':
      return `map uids ${describeMap(step.uidMap)}, gids ${describeMap(step.gidMap)}${
        step.uidTool === '' ? '' : ` with ${say(step.uidTool)}`
      }`
    case 'prlimit':
      return `prlimit ${step.resource} soft ${step.soft} hard ${step.hard}`
    case 'oom-score':
      return `set oom_score_adj ${say(step.value)}`
    case 'scheduler':
      return describeScheduler(step)
    case 'io-priority':
      return `ioprio_set ${hex(step.priority)}`
    case 'expect':
      return `expect stage ${step.stage} of the child`
    case 'release':
      return `release the child to stage ${step.stage}`
    case 'give-stdio':
      return `give standard streams to user ${step.uid}`
    case 'send-pidfd':
      return `send the pidfd to ${say(step.path)}`
    case 'pid-file':
      return `write pid to ${say(step.path) || 'no pid file'}`
    case 'hook':
      return `run hook ${say(step.path)}`
    case 'open-handler':
      return `copy handler ${say(step.path)} into memory`
    case 'await':
      return `await stage ${step.stage}`
    case 'report':
      return `report stage ${step.stage}`
    case 'become-root':
      return 'setresuid 0'
    case 'unshare':
      return `unshare ${hex(step.flags)}`
    case 'setsid':
      return 'setsid'
    case 'keyring':
      return `join session keyring ${say(step.name)}${describeLabel(step.label, say)}`
    case 'loopback-up':
      return 'bring up lo'
    case 'root-propagation':
      return `make / propagate by ${hex(step.flags)}`
    case 'rootfs':
      return `bind rootfs ${say(step.path)}`
    case 'refuse-symlink':
      return `refuse a symlink at ${say(step.path)}`
    case 'mount':
      return `mount ${say(step.type)} on ${say(step.target)}${describeOptions(step, words)}`
    case 'bind':
      return `bind ${say(step.source)} on ${say(step.target)}${describeBind(step)}`
    case 'label-path':
      return `label ${say(step.path)}${describeLabel(step.label, say)}`
    case 'remount':
      return describeRemount(step, say, words)
    case 'unmount':
      return `unmount ${say(step.target)}`
    case 'make-node':
      return `mknod ${say(step.path)} ${octal(step.mode)} ${step.major}:${step.minor}`
    case 'lend-node':
      return `make the child ${say(step.path)} ${octal(step.mode)} ${step.major}:${step.minor}, owner ${step.uid}:${step.gid}`
    case 'bind-node':
      return `bind device ${say(step.source)} on ${say(step.path)}`
    case 'symlink':
      return `symlink ${say(step.path)} to ${say(step.target)}`
    case 'console':
      return 'open a pty as terminal'
    case 'pivot-root':
      return step.flags === 0 ? 'pivot_root' : 'chroot'
    case 'root-attributes':
      return `set attributes ${hex(step.set)} of /, propagation ${hex(step.propagation)}`
    case 'sysctl':
      return `write ${quote(step.value, bound)} to /proc/${say(step.path)}`
    case 'mask-path':
      return `mask ${say(step.path)}${describeLabel(step.label, say)}`
    case 'readonly-path':
      return `make ${say(step.path)} read-only`
    case 'sethostname':
      return `sethostname ${say(step.name)}`
    case 'setdomainname':
      return `setdomainname ${say(step.name)}`
    case 'umask':
      return `umask ${octal(step.mask)}`
    case 'cpu-affinity':
      return `run on ${step.cpus.length === 0 ? 'all CPUs' : `CPUs ${describeNumberList(step.cpus)}`}`
    case 'memory-policy':
      return `set_mempolicy ${hex(step.mode)} nodes ${describeNumberList(step.nodes) || 'none'}`
    case 'personality':
      return `personality ${hex(step.domain)}`
    case 'apparmor':
      return `change to AppArmor profile ${say(step.profile)} on exec`
    case 'selinux-exec':
      return `change to SELinux label ${say(step.label)} on exec`
    case 'core-scheduling':
      return step.of === ''
        ? 'share cores with nobody else'
        : `share cores with process ${say(step.of)}`
    case 'landlock':
      return describeLandlock(step, words)
    case 'no-new-privs':
      return 'set no_new_privs'
    case 'own-stdio':
      return `give stdio to ${step.uid}`
    case 'setgroups':
      return `setgroups ${words(step.gids) || 'none'}`
    case 'drop-bounding':
      return `keep bounding set ${hex(step.keep)}`
    case 'set-user':
      return `become user ${step.uid}:${step.gid}`
    case 'capabilities':
      return `capset effective ${hex(step.effective)} permitted ${hex(step.permitted)} inheritable ${hex(step.inheritable)} ambient ${hex(step.ambient)}`
    case 'seccomp-agent':
      return `send the seccomp listener to ${describeText(step.path)}`
    case 'seccomp':
      return `load seccomp filter of ${step.program.length / 8} instructions`
    case 'make-directory':
      return `mkdir ${say(step.path)}`
    case 'chdir':
      return `chdir ${say(step.path)}`
    case 'find-home':
      return `find HOME of user ${step.uid}`
    case 'find-executable':
      return `find executable ${say(step.args[0] ?? '')}`
    case 'close-fds':
      return `close descriptors but 0-2 and ${say(step.keep)} more`
    case 'no-process':
      return 'refuse to start, there is no process'
    case 'gate':
      return 'wait for start'
    case 'exec':
      return `exec ${words(step.args)}`
    case 'open-gate':
      return 'open the gate'
    case 'print-state':
      return 'print the state'
    case 'signal':
      return `send signal ${say(step.number)} to the init`
    case 'signal-all':
      return `send signal ${say(step.number)} to all of ${words(step.dirs) || 'the init'}`
    case 'freeze':
      return `write ${quote(step.value, bound)} to ${say(step.file)}`
    case 'net-devices-back':
      return 'move network devices back'
    case 'kill-init':
      return 'kill the init'
    case 'cgroup-kill':
      return `kill all of ${say(step.dir)}`
    case 'cgroup-remove':
      return `rmdir ${say(step.dir)}`
    case 'remove-state':
      return `remove ${say(step.dir)}`
    case 'wait':
      return 'wait for the container to end'
    default:
      return unreachable(step)
  }
}

// A step kind without a case above fails to compile here.
function unreachable(step: never): never {
  throw new Error(`unknown step: ${JSON.stringify(step)}`)
}

type StepOf<O extends Step['op']> = Extract<Step, { op: O }>

function describeClone(step: StepOf<'clone'>, say: (value: Text) => string): string {
  const flags = Number(step.flags) | Number(step.late)
  const joins = step.joinPaths.map(say)
  if (step.initPid !== '') joins.push(`process ${say(step.initPid)}`)
  return `clone ${hex(flags)}${joins.length === 0 ? '' : ` joining ${joins.join(' ')}`}`
}

function describeLandlock(
  step: StepOf<'landlock'>,
  words: (values: readonly Text[]) => string,
): string {
  const { read, write, bind, connect } = step
  const parts = Object.entries({ read, write, bind, connect })
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => ` ${name} ${words(values)}`)
  return `landlock ${hex(step.flags)}${parts.join(',')}`
}

function describeLabel(label: Text, say: (value: Text) => string): string {
  return label === '' ? '' : ` as ${say(label)}`
}

function describeScheduler(step: StepOf<'scheduler'>): string {
  const { policy, nice, priority, runtime, deadline, period } = step
  const times = runtime ? `, runtime ${runtime} deadline ${deadline} period ${period}` : ''
  return `sched_setattr ${policy} flags ${hex(step.flags)}, nice ${nice} priority ${priority}${times}`
}

function describeMap(map: Text): string {
  return describeText(map).trim().replaceAll('\n', ', ')
}

function describeOptions(
  step: StepOf<'mount'>,
  words: (values: readonly Text[]) => string,
): string {
  const options = words(step.options).replaceAll(' ', ',')
  const maps = step.uidMap === '' ? '' : describeMaps(step)
  return `${options === '' ? '' : ` with ${options}`}, attributes ${hex(step.attributes)}${maps}`
}

function describeIdMap(step: StepOf<'lend-tree'>): string {
  if ((Number(step.flags) & STEP_FLAGS.LEND_IDMAP) === 0) return ''
  return step.uidMap === '' ? ', ids mapped as in its user namespace' : describeMaps(step)
}

const describeMaps = ({ uidMap, gidMap }: { uidMap: Text; gidMap: Text }) =>
  `, uids mapped ${describeMap(uidMap)}, gids ${describeMap(gidMap)}`

function describeRemount(
  step: StepOf<'remount'>,
  say: (value: Text) => string,
  words: (values: readonly Text[]) => string,
): string {
  const set = Number(step.set) | Number(step.recursiveSet)
  const options = words(step.options).replaceAll(' ', ',')
  const what = [
    ...(set === 0 ? [] : [`set attributes ${hex(set)}`]),
    ...(options === '' ? [] : [`set options ${options}`]),
  ]
  return `${what.join(', ') || 'change attributes'} of ${say(step.target)}`
}

function describeBind(step: StepOf<'bind'>): string {
  const set = Number(step.set) | Number(step.recursiveSet)
  return set === 0 ? '' : `, attributes ${hex(set)}`
}

/** A plan for people: each section, each step, and the property that asked for it. */
export function describePlan(plan: Plan, bound: Binding = {}): string {
  const lines: string[] = []
  for (const section of SECTIONS) {
    const steps = plan[section] ?? []
    if (steps.length === 0) continue
    lines.push(`${section}:`)
    for (const step of steps) {
      const at = step.at === undefined ? '' : `  [${step.at}]`
      lines.push(`  ${describeStep(step, bound)}${at}`)
    }
  }
  return lines.join('\n')
}

/** A plan for programs: sections of steps with texts as strings, slots in angle brackets. */
export function planToJson(plan: Plan, bound: Binding = {}): unknown {
  return JSON.parse(
    JSON.stringify(plan, (_key, value: unknown) => {
      if (typeof value === 'bigint') return Number(value)
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
      if (typeof value === 'object' && value !== null && 'parts' in value) {
        return describeText(value as Text, bound)
      }
      return value
    }),
  )
}
