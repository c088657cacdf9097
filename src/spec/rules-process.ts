// Rules of the process: its program, environment, limits, scheduling and ids.

import { MOST_CPUS } from '../linux/scheduling.ts'
import type { Config, Hooks } from './config.ts'
import { error, type Path, type Problem, quote, warning } from './problem.ts'
import type { Rule } from './rules.ts'
import { mapsId } from './rules-namespaces.ts'

export const PROCESS_RULES: readonly Rule[] = [
  { reads: ['/process/args', '/process/env'], check: checkProgram },
  { reads: ['/hooks'], check: checkHooks },
  { reads: ['/process/rlimits'], check: checkRlimits },
  { reads: ['/process/user/uid', '/process/user/gid'], check: checkOwnIds },
  { reads: ['/process/scheduler'], check: checkScheduler },
  { reads: ['/process/ioPriority'], check: checkIoPriority },
  { reads: ['/process/execCPUAffinity'], check: checkAffinity },
  {
    reads: ['/process/user', '/linux/namespaces', '/linux/uidMappings', '/linux/gidMappings'],
    check: checkUser,
  },
]

// In the idle class there is only one.
function checkIoPriority({ process }: Config): Problem[] {
  const priority = process?.ioPriority
  if (priority === undefined || priority.priority !== undefined) return []
  if (priority.class === 'IOPRIO_CLASS_IDLE') return []
  const message = 'missing property "priority" is taken for 0, the highest'
  return [warning(['process', 'ioPriority'], message, { quiet: true })]
}

function checkProgram({ process }: Config): Problem[] {
  if (process === undefined) return []
  const problems: Problem[] = []
  const { args = [], env = [] } = process
  if (args.length === 0) {
    const path = process.args === undefined ? ['process'] : ['process', 'args']
    problems.push(error(path, 'no program to run', { expected: 'at least one entry in args' }))
  } else if (args[0] === '') {
    // Engines make exit code 127 of these words.
    const message = 'exec: "": executable file not found in $PATH'
    problems.push(error(['process', 'args', 0], message, { hint: 'name a program' }))
  }
  return [...problems, ...checkEnvironment(['process', 'env'], env)]
}

const HOOKS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const satisfies readonly (keyof Hooks)[]

function checkHooks({ hooks }: Config): Problem[] {
  return HOOKS.flatMap((name) =>
    (hooks?.[name] ?? []).flatMap(({ env = [] }, i) =>
      checkEnvironment(['hooks', name, i, 'env'], env),
    ),
  )
}

function checkEnvironment(path: Path, env: readonly string[]): Problem[] {
  return env.flatMap((entry, i) => {
    if (entry.indexOf('=') > 0) return []
    // Not with its text, which may be a password.
    return [error([...path, i], 'sets no variable', { expected: 'NAME=value' })]
  })
}

function checkRlimits({ process }: Config): Problem[] {
  const problems: Problem[] = []
  const seen = new Set<string>()
  for (const [i, { type, soft, hard }] of (process?.rlimits ?? []).entries()) {
    const path = ['process', 'rlimits', i]
    if (seen.has(type))
      problems.push(
        error([...path, 'type'], `${type} is limited twice`, { hint: 'remove one of them' }),
      )
    seen.add(type)
    if (soft > hard) {
      const message = `soft limit ${soft} of ${type} is above the hard limit`
      problems.push(error([...path, 'soft'], message, { expected: `at most ${hard}` }))
    }
  }
  return problems
}

function checkScheduler({ process }: Config): Problem[] {
  const scheduler = process?.scheduler
  if (scheduler === undefined) return []
  const { policy, nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0 } = scheduler
  const problems: Problem[] = []
  const refuse = (key: string, message: string, expected?: string): void => {
    const path = ['process', 'scheduler', ...(key in scheduler ? [key] : [])]
    problems.push(error(path, message, expected === undefined ? {} : { expected }))
  }
  if ((policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH') && (nice < -20 || nice > 19)) {
    refuse('nice', `nice ${nice} with ${policy}`, '-20 to 19')
  }
  if (policy === 'SCHED_FIFO' || policy === 'SCHED_RR') {
    if (priority < 1 || priority > 99) {
      refuse('priority', `priority ${priority} with ${policy}`, '1 to 99')
    }
  } else if (priority !== 0) {
    refuse('priority', `${policy} has no priority`, 'SCHED_FIFO or SCHED_RR')
  }
  if (policy === 'SCHED_DEADLINE') {
    // The rules of sched_setattr(2); a period of 0 means the deadline.
    if (runtime === 0) refuse('runtime', 'SCHED_DEADLINE needs a runtime', 'nanoseconds')
    if (runtime > deadline) refuse('deadline', `deadline ${deadline}`, `at least ${runtime}`)
    if (period !== 0 && deadline > period) {
      refuse('period', `period ${period}`, `at least ${deadline}`)
    }
  } else {
    for (const key of ['runtime', 'deadline', 'period'] as const) {
      if (scheduler[key]) refuse(key, `${policy} has no ${key}`, 'SCHED_DEADLINE')
    }
  }
  return problems
}

function checkAffinity({ process }: Config): Problem[] {
  const { initial, final } = process?.execCPUAffinity ?? {}
  const path = ['process', 'execCPUAffinity']
  return [...checkMask([...path, 'initial'], initial), ...checkMask([...path, 'final'], final)]
}

/** Problems of a list of CPUs or memory nodes, such as 0-3,7. */
export function checkNumberList(path: Path, list: string | undefined): Problem[] {
  const problems: Problem[] = []
  for (const part of (list ?? '').split(',')) {
    const range = /^\s*(\d+)(?:-(\d+)(?::\d+(?:\/\d+)?)?)?\s*$/.exec(part)
    if (range === null && list?.trim()) {
      const expected = 'a list such as 0-3,7'
      problems.push(error(path, `${quote(part)} is no number and no range`, { expected }))
    } else if (range?.[2] !== undefined && Number(range[1]) > Number(range[2])) {
      problems.push(
        error(path, `the range ${quote(part)} runs backwards`, {
          expected: 'the lower number first',
        }),
      )
    }
  }
  return problems
}

/** Problems of a list that becomes a mask: no steps as in 0-7:1/2, and no number beyond reason. */
export function checkMask(path: Path, list: string | undefined): Problem[] {
  const problems = checkNumberList(path, list)
  if (problems.length > 0 || list === undefined) return problems
  if (list.includes(':')) {
    return [error(path, `${quote(list)} has steps`, { expected: 'a list such as 0-3,7' })]
  }
  const most = Math.max(...list.split(/[,-]/).map(Number))
  if (most < MOST_CPUS) return []
  return [error(path, `the number ${most} is too large`, { expected: `below ${MOST_CPUS}` })]
}

// "uid (int, REQUIRED)", and gid (config.md "User"); peers take 0.
function checkOwnIds({ process }: Config): Problem[] {
  const user = process?.user
  const missing = (['uid', 'gid'] as const).filter((name) => user && user[name] === undefined)
  return missing.map((name) =>
    warning(['process', 'user'], `missing property ${quote(name)}: 0 is taken`, {
      tolerated: true,
    }),
  )
}

// The kernel refuses to become an id that the user namespace does not map.
function checkUser({ process, linux }: Config): Problem[] {
  const user = process?.user
  const namespace = linux?.namespaces?.find(({ type }) => type === 'user')
  if (user === undefined || namespace === undefined || namespace.path) return []
  const problems: Problem[] = []
  const check = (path: Path, id: number, key: 'uidMappings' | 'gidMappings'): void => {
    if (mapsId(linux?.[key] ?? [], id)) return
    const expected = `an id that linux.${key} maps`
    problems.push(error(['process', 'user', ...path], `id ${id} is not mapped`, { expected }))
  }
  check(['uid'], user.uid ?? 0, 'uidMappings')
  check(['gid'], user.gid ?? 0, 'gidMappings')
  for (const [i, gid] of (user.additionalGids ?? []).entries()) {
    check(['additionalGids', i], gid, 'gidMappings')
  }
  return problems
}
