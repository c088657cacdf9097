// Finds the words for a failure record: what was attempted, on what, why not, what to change.

import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { type ErrorCode, TsociError } from '../errors.ts'
import { type Binding, type Plan, SECTIONS } from '../plan/plan.ts'
import { describeStep } from '../plan/print.ts'
import type { Step } from '../plan/step.ts'
import { describeText, type Text } from '../plan/text.ts'
import { cut } from '../spec/problem.ts'
import { damaged, isEnding, LIST_HINT, NOT_OURS, OF_OTHERS } from '../state/container.ts'
import { STATUSES, VERBS, type Verb } from '../state/transitions.ts'
import { GENERAL, hintFor, type Site } from './advice.ts'
import { describeAttempt } from './attempt.ts'
import { describeEnd, findMemoryLimit, isKilled, KILLED, whyKilled } from './deaths.ts'
import { errnoEntry } from './errno.ts'
import type { Failure } from './failure.ts'
import { describeOwnCgroups } from './own-cgroups.ts'

/** What the failure is about. */
export interface Subject {
  readonly plan?: Plan | undefined
  readonly binding: Binding
  readonly verb?: Verb | undefined
}

/** The error for a failure record. */
export function explainFailure(failure: Failure, subject: Subject): TsociError {
  const id = subject.binding.id ?? ''
  const error = (code: ErrorCode, message: string, hint?: string) =>
    new TsociError(code, message, { hint })
  if (hasEnded(subject.binding)) {
    return error('NOT_RUNNING', `container not running: "${id}" ended meanwhile`, again(id))
  }
  switch (failure.kind) {
    case 'not-found':
      return error('NOT_FOUND', `container does not exist: "${id}"`, LIST_HINT)
    case 'exists':
      return error(
        'EXISTS',
        `container with given ID already exists: "${id}"`,
        `choose another id, or remove it with: tsoci delete ${id}`,
      )
    case 'not-running':
      return subject.verb === 'start'
        ? error('WRONG_STATUS', `cannot start a container that has stopped: "${id}"`, again(id))
        : error(
            'NOT_RUNNING',
            `container not running: "${id}"`,
            `see its status: tsoci state ${id}`,
          )
    case 'already-started':
      return error(
        'WRONG_STATUS',
        `cannot start an already running container: "${id}"`,
        `run another program in it: tsoci exec ${id} COMMAND`,
      )
    case 'still-running':
      return error(
        'WRONG_STATUS',
        `cannot delete container ${id} that is not stopped: ${STATUSES[failure.index] ?? ''}`,
        `kill it first, or use: tsoci delete --force ${id}`,
      )
    case 'creating':
      return error(
        'WRONG_STATUS',
        `container is still being created: "${id}"`,
        `wait for its create to end, or remove it: tsoci delete --force ${id}`,
      )
    case 'paused':
      return error(
        'WRONG_STATUS',
        `cannot start a container in the paused state: "${id}"`,
        `let it go on first: tsoci resume ${id}`,
      )
    case 'already-paused':
      return error(
        'WRONG_STATUS',
        `container is already paused: "${id}"`,
        `let it go on: tsoci resume ${id}`,
      )
    case 'not-paused':
      return error(
        'WRONG_STATUS',
        `container not paused: "${id}"`,
        `see its status: tsoci state ${id}`,
      )
    case 'init-died':
      return explainDeath(failure, subject)
    case 'bad-state':
      return error(
        'BAD_STATE',
        failure.errno === ENOTEMPTY
          ? `cannot delete container "${id}": "${failure.detail}" in its directory is no file of a container (ENOTEMPTY)`
          : `cannot read the state of container "${id}": ${failure.call}: ${describeErrno(failure.errno)}`,
        STATE_HINTS[failure.errno] ?? damaged(id),
      )
    case 'bad-plan':
      return error(
        'LAUNCH_FAILED',
        'the executor does not understand the plan',
        'executor and JavaScript are of different builds: npm run build',
      )
    default:
      return explainStep(failure, subject)
  }
}

const again = (id: string) => `remove it, and create it again: tsoci delete ${id}`

/** A process of ours that ended between its birth and the program that it was to become. */
function explainDeath({ status }: Failure, { plan, binding, verb }: Subject): TsociError {
  const clone = plan?.clone?.[0]
  const isExec = verb === undefined && clone?.op === 'clone' && clone.initPid !== ''
  const what = isExec ? 'the new process in container' : 'the init of container'
  const end = status === 0 ? '' : `: ${describeEnd(status)}`
  const limit = isKilled(status) || status === 0 ? findMemoryLimit(plan) : undefined
  return new TsociError(
    'LAUNCH_FAILED',
    `${what} "${binding.id ?? ''}" ended before it was ready${end}`,
    { at: limit?.at, hint: whyKilled(status === 0 ? KILLED : status, plan) ?? GENERAL },
  )
}

/**
 * Whatever failed in a container that somebody ended at that moment: the kernel has many words for
 * it, none of which names the cause. Only what goes into a container that runs tells its init.
 */
function hasEnded(binding: Binding): boolean {
  const pid = binding['init-pid']
  return pid !== undefined && isEnding(Number(pid), Number(binding['init-start-time']))
}

const { EACCES, EPERM, ENOTDIR, ENOTEMPTY } = constants.errno
const STATE_HINTS: Readonly<Record<number, string>> = {
  [EACCES]: OF_OTHERS,
  [EPERM]: OF_OTHERS,
  [ENOTDIR]: NOT_OURS,
  [ENOTEMPTY]: NOT_OURS,
}

function deadlineHint({ status }: Failure, hint: string | undefined): string {
  const first = hint === undefined || hint === GENERAL ? '' : `${hint}; `
  return `${first}gave up after ${status} s: --deadline SECONDS changes that, and --trace FILE tells what was slow`
}

function findStep({ section, index }: Failure, plan: Plan | undefined): Step | undefined {
  const name = SECTIONS[section]
  return name === undefined ? undefined : plan?.[name]?.[index]
}

// The bundle's own; a rootfs that is shown in parts, by CRIU or a remount, is none to look into.
function findRootfs(plan: Plan | undefined, bound: Binding): string | undefined {
  const step = plan?.child?.find((it) => it.op === 'rootfs')
  const path = step?.op === 'rootfs' ? describeText(step.path, bound) : ''
  return path.startsWith('/') && !path.includes('<') ? path : undefined
}

function explainStep(failure: Failure, { plan, binding, verb }: Subject): TsociError {
  const step = findStep(failure, plan)
  // The clone step stands for all of the namespaces, and for what one of them starts with.
  const place = failure.call === 'write(timens_offsets)' ? '/linux/timeOffsets' : step?.at
  const at = place === undefined ? '' : ` [${place}]`
  const bound = { ...describeOwnCgroups(), ...binding }
  const site: Site = { bound, rootfs: findRootfs(plan, bound) }
  if (failure.kind === 'hook') return explainHook(failure, step, at, site, plan)
  if (step?.op === 'find-executable') return explainExecutable(failure, step, site)
  if (step?.op === 'caller-terminal') {
    return new TsociError('BAD_USAGE', `cannot relay a terminal: standard input is none${at}`, {
      hint: 'call from a terminal, leave out process.terminal (exec: --tty), or give --detach and --console-socket',
    })
  }
  if (step?.op === 'no-process') {
    return new TsociError('BAD_CONFIG', `cannot start: config.json has no process`, {
      at: '/process',
      hint: 'delete the container, and create it again with process.args',
    })
  }
  if (step?.op === 'criu-request' && failure.call === 'criu') return explainCriu(failure, step)
  if (step?.op === 'freeze' && failure.call === 'freeze') return explainNoFreezer(verb)
  if (step?.op === 'cgroup-open' && step.at === undefined) return explainChosenCgroup(failure, step)
  const [code] = errnoEntry(failure.errno)
  if (step?.op === 'exec' && code === 'ENOENT') {
    const name = cut(describeText(step.args[0]!))
    const message = `exec ${name}: no such file or directory`
    return new TsociError('LAUNCH_FAILED', message, {
      hint: hintFor(step, failure, site),
      bare: verb === undefined ? message : undefined,
    })
  }
  // Engines see the user's mistake in a working directory, too, as other runtimes word it.
  if (step?.op === 'chdir' && code === 'ENOENT') {
    const message = `chdir ${describeText(step.path)}: no such file or directory${at}`
    return new TsociError('LAUNCH_FAILED', message, { hint: hintFor(step, failure, site) })
  }
  const locked = failure.call === 'flock' ? ': another verb holds its lock' : ''
  const said =
    step === undefined ? describeVerb(verb, binding) + locked : describeAttempt(step, bound)
  const injected = failure.call === INJECTED ? `: ${INJECTED}` : ''
  const apart = step?.op === 'cgroup-write' && code === 'ENOENT' && process.geteuid!() !== 0
  const aim = apart ? describeNoCgroup(step.file) : ((step && AIMS[step.op]) ?? '')
  const detail = failure.detail === '' ? '' : `: ${failure.detail}`
  // What systemd has answered says it all; of newuidmap counts how it has ended.
  const isEnd = step?.op === 'id-map' && code === 'ECANCELED'
  const words = isEnd ? `failed: ${describeEnd(failure.status)}` : describeErrno(failure.errno)
  const reason = code === 'EREMOTEIO' ? '' : `${injected}: ${words}`
  const message = `${aim === '' ? `cannot ${said}` : `${aim}${describeStep(step!, bound)}`}${reason}${detail}${at}`
  const killed = isEnd ? whyKilled(failure.status, plan) : undefined
  const hint = killed ?? hintFor(step, failure, site)
  return new TsociError('LAUNCH_FAILED', message, {
    hint: code === 'ETIMEDOUT' ? deadlineHint(failure, hint) : hint,
    // The system call is for whoever debugs.
    cause: new Error(`${step?.op ?? verb ?? 'launch'}: ${failure.call}: errno ${failure.errno}`),
  })
}

/** What the executor calls a fault that it was told to make: the faults of the tests. */
const INJECTED = 'injected fault'

const describeVerb = (verb: Verb | undefined, { id = '' }: Binding) =>
  verb === undefined ? `launch container "${id}"` : `${verb} container "${id}"`

/** What an ordinary user may not make is left out, until a limit asks for it. */
const describeNoCgroup = (file: Text) =>
  `cannot set ${describeText(file).split('.')[0]} limit: container could not join or create cgroup: `

const JOINING = 'adding pid of the new process to cgroups: '

/** What a step is a part of, in the words that callers know. */
const AIMS: { readonly [O in Step['op']]?: string } = {
  'cgroup-dir': 'unable to apply cgroup configuration: ',
  'cgroup-enter': JOINING,
}

/** No engine sends --cgroup, so what is missing may be called that. */
function explainChosenCgroup(
  { errno, call }: Failure,
  { dir }: Extract<Step, { op: 'cgroup-open' }>,
): TsociError {
  const [name, words] = errnoEntry(errno)
  const message = `${JOINING}${call} ${describeText(dir)}: ${words} (${name}) [--cgroup]`
  return new TsociError('LAUNCH_FAILED', message, {
    hint:
      name === 'ENOENT'
        ? 'exec makes no cgroup: make it first'
        : "name a cgroup below the container's own, which the caller may write",
  })
}

/** The kernel holds cgroups, and nothing else. */
function explainNoFreezer(verb: Verb | undefined): TsociError {
  return new TsociError(
    'NOT_SUPPORTED',
    `cannot ${verb ?? 'freeze'} the container: it has no cgroup with a freezer`,
    { hint: 'it was made with cgroups disabled, or this host has no freezer controller' },
  )
}

/** Engines turn these very words into exit codes 126 and 127. */
function explainExecutable(
  failure: Failure,
  step: Extract<Step, { op: 'find-executable' }>,
  site: Site,
): TsociError {
  const name = cut(describeText(step.args[0]!))
  const [code] = errnoEntry(failure.errno)
  let reason = describeErrno(failure.errno)
  if (code === 'ENOENT' && !name.includes('/')) reason = 'executable file not found in $PATH'
  else if (code === 'ENOENT') reason = `stat ${name}: no such file or directory`
  else if (code === 'EACCES') reason = 'permission denied'
  else if (code === 'EISDIR') reason = 'is a directory: permission denied'
  return new TsociError('LAUNCH_FAILED', `exec: "${name}": ${reason}`, {
    hint: hintFor(step, failure, site),
  })
}

/** What CRIU has to say is in its log: the lines that it marks as errors. */
function explainCriu(failure: Failure, step: Extract<Step, { op: 'criu-request' }>): TsociError {
  const log = describeText(step.log)
  const what = Number(step.flags) === 0 ? 'checkpoint' : 'restore'
  const lines = readErrorLines(log)
  const hint = `CRIU's whole log is in ${log}`
  if (describeErrno(failure.errno).includes('ECHILD')) {
    const end = describeEnd(failure.status)
    const message = [`criu ended before it answered to ${what}: ${end}`, ...lines].join('; ')
    const killed = whyKilled(failure.status, undefined)
    return new TsociError('LAUNCH_FAILED', message, {
      hint: `${killed === undefined ? '' : `${killed}; `}${hint}; does it work on this kernel? criu check`,
    })
  }
  // The answer has the first line of the log that is an error, which is often beside the point.
  const answer = failure.detail === '' ? describeErrno(failure.errno) : failure.detail
  const message = `criu failed to ${what}: ${lines.length === 0 ? answer : lines.join('; ')}`
  return new TsociError('LAUNCH_FAILED', message, { hint })
}

const ERROR_LINES = 8

/** Not called an error, since many an image need not be there; the next line is that it was needed. */
const NO_IMAGE = /No \S+ image$/

/** That a program has ended as it has, and that all has failed. */
const NO_REASON = /: exited, status=|: (Dumping|Restoring) FAILED|-legacy-save/

/**
 * The last ones: CRIU first tries what this kernel and iptables can do, and calls every failure of
 * that an error.
 */
function readErrorLines(log: string): string[] {
  try {
    const lines = readFileSync(log, 'utf8').split('\n')
    const isError = (line = '') => line.includes('Error') && !NO_REASON.test(line)
    const told = lines.filter(
      (line, i) => isError(line) || (NO_IMAGE.test(line) && isError(lines[i + 1])),
    )
    const texts = told.map((line) => line.replace(/^\([\d.]+\)\s*/, '').trim())
    return [...new Set(texts)].slice(-ERROR_LINES)
  } catch {
    return [] // it did not come so far
  }
}

/** What the executor prints in place of a program that can't be run. */
const CANNOT_RUN = /: (ENOENT|EACCES|ENOEXEC)$/

function explainHook(
  failure: Failure,
  step: Step | undefined,
  at: string,
  site: Site,
  plan: Plan | undefined,
): TsociError {
  const name = step?.op === 'hook' ? describeText(step.path) : 'hook'
  const output = failure.detail === '' ? '' : `: ${failure.detail}`
  const [code] = errnoEntry(failure.errno)
  const how =
    code === 'ETIMEDOUT'
      ? `did not end within ${failure.status} s`
      : failure.errno !== 0 && code !== 'ECANCELED'
        ? `can not be run: ${describeErrno(failure.errno)}`
        : `failed: ${describeEnd(failure.status)}`
  // /hooks/NAME/INDEX
  const [, , kind, index] = (step?.at ?? '').split('/')
  const which = kind === undefined ? '' : `error running ${kind} hook #${index}: `
  return new TsociError('LAUNCH_FAILED', `${which}hook "${name}" ${how}${output}${at}`, {
    // Only these are in the container's cgroups.
    hint:
      (code === 'ECANCELED'
        ? whyKilled(failure.status, /Container$/.test(kind ?? '') ? plan : undefined)
        : undefined) ?? adviseHook(name, failure, step, site),
  })
}

function adviseHook(name: string, failure: Failure, step: Step | undefined, site: Site): string {
  if (CANNOT_RUN.test(failure.detail)) {
    return `install ${name}, make it executable (chmod +x), or remove the hook`
  }
  const [code] = errnoEntry(failure.errno)
  return failure.errno === 0 || code === 'ECANCELED'
    ? 'correct the hook, which has its reasons in its output or log, or remove it'
    : hintFor(step, failure, site)
}

/**
 * Words and name of an errno. Engines take "no such file or directory" for a missing executable, so
 * little else may say it.
 */
export function describeErrno(errno: number): string {
  const [name, words] = errnoEntry(errno)
  return `${name === 'ENOENT' ? 'no such path' : words} (${name})`
}

/** Verb by its name on the command line; undefined for one that has no stored plan. */
export function verbOf(command: string, flags: { all: boolean; force: boolean }): Verb | undefined {
  const name =
    command === 'kill' && flags.all
      ? 'kill-all'
      : command === 'delete' && flags.force
        ? 'delete-force'
        : command
  return VERBS.find((verb) => verb === name)
}
