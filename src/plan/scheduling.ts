// Plans when and where the process runs: scheduler, I/O priority, CPUs, memory nodes.

import {
  IO_PRIORITY_CLASS_SHIFT,
  IO_PRIORITY_CLASSES,
  MEMORY_POLICY_FLAGS,
  MEMORY_POLICY_MODES,
  SCHEDULER_FLAGS,
  SCHEDULER_POLICIES,
} from '../linux/scheduling.ts'
import type { Config } from '../spec/config.ts'
import { isOn } from '../spec/rules-annotations.ts'
import type { Step } from './step.ts'
import type { Text } from './text.ts'

/**
 * Parent: from outside, as limits are, since root of a user namespace has no CAP_SYS_NICE that
 * counts; and after them, since RLIMIT_NICE and RLIMIT_RTPRIO decide where that is missing.
 */
export function planScheduling({ process }: Config): Step[] {
  const steps: Step[] = []
  const scheduler = process?.scheduler
  if (scheduler !== undefined) {
    steps.push({
      op: 'scheduler',
      at: '/process/scheduler',
      policy: SCHEDULER_POLICIES[scheduler.policy],
      flags: orAll(scheduler.flags, SCHEDULER_FLAGS),
      nice: scheduler.nice ?? 0,
      priority: scheduler.priority ?? 0,
      runtime: scheduler.runtime ?? 0,
      deadline: scheduler.deadline ?? 0,
      period: scheduler.period ?? 0,
    })
  }
  const io = process?.ioPriority
  if (io !== undefined) {
    const priority = (IO_PRIORITY_CLASSES[io.class] << IO_PRIORITY_CLASS_SHIFT) | (io.priority ?? 0)
    steps.push({ op: 'io-priority', at: '/process/ioPriority', priority })
  }
  return steps
}

/** A cookie of the container's own: only what has it, too, runs beside it on a core (prctl(2)). */
export function planCoreScheduling(config: Config, of: Text = ''): Step[] {
  const name = 'org.tsoci.core-scheduling'
  return isOn(config, name) ? [{ op: 'core-scheduling', at: `/annotations/${name}`, of }] : []
}

/** Child, once it is in its cgroups: all CPUs that they allow, whatever the caller is bound to. */
export function planAllCpus(): Step {
  return { op: 'cpu-affinity', cpus: new Uint8Array() }
}

/** Prepare of `exec`: the CPUs of the executor, which its child starts on. */
export function planInitialCpus({ process }: Config): Step[] {
  return planCpus('initial', process?.execCPUAffinity?.initial)
}

/** Child of `exec`, once it is in the container's cgroups. */
export function planFinalCpus({ process }: Config): Step[] {
  const { initial = '', final = '' } = process?.execCPUAffinity ?? {}
  if (final.trim() !== '') return planCpus('final', final)
  // What is left out is left as `initial` made it.
  return initial.trim() === '' ? [planAllCpus()] : []
}

function planCpus(key: 'initial' | 'final', list: string | undefined): Step[] {
  const cpus = parseNumberList(list)
  if (cpus.length === 0) return []
  return [{ op: 'cpu-affinity', at: `/process/execCPUAffinity/${key}`, cpus }]
}

/** Child: where its memory comes from (set_mempolicy(2)). */
export function planMemoryPolicy({ linux }: Config): Step[] {
  const policy = linux?.memoryPolicy
  if (policy === undefined) return []
  const mode = MEMORY_POLICY_MODES[policy.mode] | orAll(policy.flags, MEMORY_POLICY_FLAGS)
  const nodes = parseNumberList(policy.nodes)
  return [{ op: 'memory-policy', at: '/linux/memoryPolicy', mode, nodes }]
}

function orAll<N extends string>(
  names: readonly N[] | undefined,
  bits: Readonly<Record<N, number>>,
): number {
  return (names ?? []).reduce((word, name) => word | bits[name], 0)
}

/**
 * The mask of a list such as `0-3,7`: bit n of it stands for number n, and it is whole words of
 * 64 bits. The rules of config.json have checked the list.
 */
export function parseNumberList(list = ''): Uint8Array {
  const numbers: number[] = []
  for (const part of list.split(',')) {
    if (part.trim() === '') continue
    const [first, last = first] = part.split('-').map(Number)
    for (let n = first!; n <= last!; n++) numbers.push(n)
  }
  const most = numbers.reduce((a, b) => Math.max(a, b), -1)
  const mask = new Uint8Array(Math.ceil((most + 1) / 64) * 8)
  for (const n of numbers) mask[n >> 3]! |= 1 << (n & 7)
  return mask
}

/** The list of a mask. */
export function describeNumberList(mask: Uint8Array): string {
  const has = (n: number) => ((mask[n >> 3] ?? 0) >> (n & 7)) & 1
  const ranges: string[] = []
  for (let n = 0; n < mask.length * 8; n++) {
    if (!has(n)) continue
    const first = n
    while (has(n + 1)) n++
    ranges.push(first === n ? `${n}` : `${first}-${n}`)
  }
  return ranges.join(',')
}
