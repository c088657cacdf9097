// Plans what the process is given: limits, user, capabilities, working directory, exec.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { PERSONALITIES } from '../linux/personality.ts'
import { RLIMITS } from '../linux/rlimits.ts'
import type { Config, Process } from '../spec/config.ts'
import { isOn } from '../spec/rules-annotations.ts'
import { planBounding, planCapabilities } from './capabilities.ts'
import { maySetGroups } from './ids.ts'
import { planLabels } from './labels.ts'
import { planLandlock } from './landlock.ts'
import { hasNamespace } from './namespaces.ts'
import { NOTIFY_SOCKET, notifies } from './notify.ts'
import type { PlanOptions } from './options.ts'
import { planMemoryPolicy, planScheduling } from './scheduling.ts'
import { planSeccomp, type SeccompFilter } from './seccomp.ts'
import type { Step } from './step.ts'
import { STAGES, STEP_FLAGS } from './step.ts'
import { slot, type Text, text } from './text.ts'

/** The process with a program, which all but `create` wants. */
function requireProcess(config: Config): Process & { readonly args: readonly string[] } {
  const { process } = config
  if (process?.args === undefined || process.args.length === 0) {
    throw new TsociError('BAD_CONFIG', 'config.json has no process to run', {
      at: '/process',
      hint: 'set process.args to the program and its arguments',
    })
  }
  return { ...process, args: process.args }
}

/**
 * Parent: limits are set from outside, since a child without power over the host can't raise them,
 * late, since RLIMIT_NOFILE would hit the set-up itself, and while the child has our user: one of
 * another user takes CAP_SYS_RESOURCE (prlimit(2)).
 */
export function planLimits(config: Config): Step[] {
  const steps = [...planRlimits(config), ...planScheduling(config)]
  if (steps.length === 0) return []
  return [
    { op: 'expect', stage: STAGES.limits },
    ...steps,
    { op: 'release', stage: STAGES.limited },
  ]
}

function planRlimits({ process }: Config): Step[] {
  return (process?.rlimits ?? []).map(({ type, soft, hard }, i): Step => {
    const at = `/process/rlimits/${i}`
    return { op: 'prlimit', at, resource: RLIMITS[type], soft, hard }
  })
}

// Child: its side of planLimits().
function planAwaitLimits(config: Config): Step[] {
  if (planLimits(config).length === 0) return []
  return [
    { op: 'report', stage: STAGES.limits },
    { op: 'await', stage: STAGES.limited },
  ]
}

/**
 * The environment with the last of each name, as getenv(3) of most C libraries would not have it,
 * and without an empty HOME, which is as good as none.
 */
export function environmentOf({ env = [] }: Pick<Process, 'env'>): string[] {
  const byName = new Map<string, string>()
  for (const entry of env) byName.set(entry.slice(0, entry.indexOf('=')), entry)
  if (byName.get('HOME') === 'HOME=') byName.delete('HOME')
  return [...byName.values()]
}

/** Parent: absent means leave alone. */
export function planOomScore(config: Config): Step[] {
  const value = config.process?.oomScoreAdj
  if (value === undefined) return []
  return [{ op: 'oom-score', at: '/process/oomScoreAdj', value: String(value) }]
}

/** Throws when there is nothing to run. Only `create` may do without, and then there is no start. */
export function refuseNoProcess(config: Config, options: Pick<PlanOptions, 'verb'>): void {
  if (options.verb !== 'create' || config.process !== undefined) requireProcess(config)
}

export interface ProcessOptions {
  /** What runs in the place of the program. */
  readonly handler?: string | undefined
}

/** Child: the working directory is made when it is missing, before the root may turn read-only. */
export function planMakeCwd({ process }: Config): Step {
  return { op: 'make-directory', at: '/process/cwd', path: process?.cwd ?? '/' }
}

/** Child: from root of the container to the user of the process, and to a program to run. */
export function planProcess(
  config: Config,
  host: HostFacts,
  filter: SeccompFilter | undefined,
  { handler }: ProcessOptions = {},
): Step[] {
  const process: Process = config.process ?? { cwd: '/' }
  const uid = process.user?.uid ?? 0
  const gid = process.user?.gid ?? 0
  const env = environmentOf(process)
  const { args, cwd } = process
  const steps: Step[] = planAwaitLimits(config)
  steps.push(...planMemoryPolicy(config), ...planPersonality(config), ...planLabels(config, host))
  if (process.noNewPrivileges === true) {
    steps.push({ op: 'no-new-privs', at: '/process/noNewPrivileges' })
  }
  steps.push(
    { op: 'umask', at: '/process/user/umask', mask: process.user?.umask ?? 0o022 },
    { op: 'own-stdio', at: '/process/user/uid', uid, gid },
    ...planGroups(process, config, host),
    { op: 'chdir', at: '/process/cwd', path: cwd, flags: 0 },
    // With privilege: not every user may read the container's passwd file.
    { op: 'find-home', at: '/process/env', uid, env },
    // What comes after the filter has only calls to make that every profile must allow.
    { op: 'close-fds', keep: text`${slot('preserve-fds')}` },
    ...planSeccomp(config, filter, 'with-privilege'),
    planBounding(config),
    { op: 'set-user', at: '/process/user', uid, gid },
    planCapabilities(config, host),
    { op: 'chdir', at: '/process/cwd', path: cwd, flags: STEP_FLAGS.CHDIR_RETRY },
    ...(handler === undefined && args !== undefined
      ? [{ op: 'find-executable', at: '/process/args/0', args, env } as const]
      : []),
    ...planLandlock(config),
  )
  return steps
}

function planPersonality({ linux }: Config): Step[] {
  if (linux?.personality === undefined) return []
  const domain = PERSONALITIES[linux.personality.domain]
  return [{ op: 'personality', at: '/linux/personality', domain }]
}

function planGroups(process: Process, config: Config, host: HostFacts): Step[] {
  const gids = process.user?.additionalGids ?? []
  if (maySetGroups(config, host)) {
    return [{ op: 'setgroups', at: '/process/user/additionalGids', gids: gids.map(String) }]
  }
  // podman fills additionalGids all the same; the annotation wins, as with crun.
  if (gids.length === 0 || isOn(config, 'run.oci.keep_original_groups')) return []
  throw new TsociError('NOT_SUPPORTED', 'cannot set additional groups without privilege', {
    at: '/process/user/additionalGids',
    hint: 'remove process.user.additionalGids, or map a range of groups (newgidmap)',
  })
}

/** Parent: only from outside can what the caller made be given to a user of a user namespace. */
export function planGiveStdio(config: Config): Step[] {
  if (!hasNamespace(config, 'user')) return []
  return [{ op: 'give-stdio', at: '/process/user/uid', uid: config.process?.user?.uid ?? 0 }]
}

/** Parent: a pidfd of the process for whoever asked. */
export function planSendPidfd({ pidfdSocket }: Pick<PlanOptions, 'pidfdSocket'>): Step[] {
  return pidfdSocket === undefined ? [] : [{ op: 'send-pidfd', path: pidfdSocket }]
}

/** Child, the last step. A handler is told what it handles: the arguments come after its own path. */
export function planExec(config: Config, options: ActivationOptions = {}, handler?: string): Step {
  if (config.process === undefined) return { op: 'no-process', at: '/process' }
  const process = requireProcess(config)
  const args = handler === undefined ? process.args : [handler, ...process.args]
  // Without mounts of its own a container has no place for the socket.
  const notify = notifies(config, options)
  const env = withActivation(environmentOf(process), { ...options, notify })
  return { op: 'exec', at: '/process/args', args, env }
}

type ActivationOptions = Pick<PlanOptions, 'listenFds' | 'listenFdNames' | 'notify'>

/** What sd_listen_fds(3) and sd_notify(3) look for, in place of what config.json has by that name. */
function withActivation(env: readonly string[], options: ActivationOptions): Text[] {
  const { listenFds = 0, listenFdNames } = options
  const added: Text[] = []
  const hidden = new Set<string>()
  if (listenFds > 0) {
    for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) hidden.add(name)
    added.push(`LISTEN_FDS=${listenFds}`, text`LISTEN_PID=${slot('own-pid')}`)
    if (listenFdNames !== undefined) added.push(`LISTEN_FDNAMES=${listenFdNames}`)
  }
  if (options.notify === true) {
    hidden.add('NOTIFY_SOCKET')
    added.push(`NOTIFY_SOCKET=${NOTIFY_SOCKET}`)
  }
  return [...env.filter((entry) => !hidden.has(entry.slice(0, entry.indexOf('=')))), ...added]
}
