// How a process of ours has ended, and for one that was killed the likely reason.

import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readHostFacts } from '../host/facts.ts'
import { signalName, signals } from '../linux/signals.ts'
import type { Plan } from '../plan/plan.ts'
import { describeText } from '../plan/text.ts'

const { SIGSYS } = signals

/** The wait status of one that was killed. */
export const KILLED = 9

const MEMORY_LIMIT = '/linux/resources/memory/limit'

/** Below this a program that starts may not have enough. */
const SMALL = 64 * 1024 * 1024

/** The words for a wait status. */
export function describeEnd(status: number): string {
  const signal = status & 0x7f
  if (signal === 0) return `exit status ${(status >> 8) & 0xff}`
  const words = signal === SIGSYS ? 'bad system call, by the seccomp filter' : signalName(signal)
  return `signal ${signal} (${words})`
}

/** Was it killed by one that nobody can catch, as the kernel does when memory is short? */
export const isKilled = (status: number): boolean => (status & 0x7f) === KILLED

/** The step that sets the config's memory limit, if it has one. */
export function findMemoryLimit(plan: Plan | undefined) {
  const step = plan?.prepare?.find(({ op, at }) => op === 'cgroup-write' && at === MEMORY_LIMIT)
  return step?.op === 'cgroup-write' ? step : undefined
}

/** Advice about a process that was killed; undefined for another end. */
export function whyKilled(status: number, plan: Plan | undefined): string | undefined {
  if (!isKilled(status)) return undefined
  const own = readOwnLimit()
  const reason =
    limitOfPlan(plan) ??
    (own === undefined
      ? 'somebody has killed it, or memory was short'
      : `memory was short, most likely: the caller's cgroup ${own.dir} allows ${own.bytes} bytes`)
  return `${reason}: see the kernel log`
}

function limitOfPlan(plan: Plan | undefined): string | undefined {
  const step = findMemoryLimit(plan)
  if (step === undefined) return undefined
  return `memory was short, most likely: linux.resources.memory.limit is ${describeText(step.value)} bytes`
}

/** The smallest limit of our own memory cgroup and those above it, if it is a small one. */
function readOwnLimit(): { dir: string; bytes: number } | undefined {
  const { v1, v2 } = readHostFacts().cgroups
  const memory = v1.find(({ controllers }) => controllers.includes('memory')) ?? v2
  if (memory === undefined) return undefined
  const file = memory === v2 ? 'memory.max' : 'memory.limit_in_bytes'
  let least: { dir: string; bytes: number } | undefined
  for (let dir = memory.ownDir; dir.startsWith(memory.mount); dir = dirname(dir)) {
    const bytes = readNumber(join(dir, file))
    if (bytes < (least?.bytes ?? SMALL)) least = { dir, bytes }
  }
  return least
}

function readNumber(file: string): number {
  try {
    const text = readFileSync(file, 'utf8').trim()
    return text === 'max' ? Infinity : Number(text)
  } catch {
    return Infinity // the top of v2 has none
  }
}
