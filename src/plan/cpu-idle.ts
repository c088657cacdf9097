// Idle, and the weight of a cgroup: the kernel takes one of them (sched-idle, Linux 5.15). Either may
// be asked for by its field of linux.resources.cpu, or by the name of its file in `unified`.

import type { Resources } from '../spec/config.ts'
import { isSet } from './cgroup-value.ts'

const asksForIdle = ({ cpu, unified }: Resources): boolean =>
  cpu?.idle !== undefined || unified?.['cpu.idle'] !== undefined

/** Is it to run when nothing else does? Then it has the least weight, and no other can be written. */
export const isIdle = ({ cpu, unified }: Resources): boolean =>
  unified?.['cpu.idle'] === undefined ? cpu?.idle === 1 : unified['cpu.idle'].trim() === '1'

/** The property that asks for a weight, as a path below linux.resources; undefined when none does. */
export function findWeight({ cpu, unified }: Resources): [string, string] | undefined {
  if (isSet(cpu?.shares)) return ['cpu', 'shares']
  return unified?.['cpu.weight'] === undefined ? undefined : ['unified', 'cpu.weight']
}

/** Who asks for a weight for what is idle wants it to be idle no more. */
export const endsIdle = (change: Resources, before: Resources): boolean =>
  findWeight(change) !== undefined && !asksForIdle(change) && isIdle(before)
