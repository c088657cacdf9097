// Plans a change of a mount that is there.

import type { MountOptions } from './mount-options.ts'
import type { Step } from './step.ts'

type Changes = Pick<
  MountOptions,
  'set' | 'clear' | 'recursiveSet' | 'recursiveClear' | 'propagation' | 'data'
>

/** Changes what stands on `target`; what is not named stays. */
export function planRemount(at: string, target: string, changes: Partial<Changes>): Step {
  const { set = 0, clear = 0, recursiveSet = 0, recursiveClear = 0 } = changes
  const { propagation = [], data: options = [] } = changes
  return {
    op: 'remount',
    at,
    target,
    options,
    set,
    clear,
    recursiveSet,
    recursiveClear,
    propagation,
  }
}
