// Steps of a stored plan for another plan: the slots become the text that they stand for.

import type { Binding } from './plan.ts'
import type { Step } from './step.ts'
import { describeText, SLOTS, type Text } from './text.ts'

// What a binding does not name is empty: the caller's cgroup may well be the top one.
const EMPTY: Binding = Object.fromEntries(SLOTS.map((name) => [name, '']))

/** The same steps without slots. */
export function fillSlots(steps: readonly Step[], binding: Binding): Step[] {
  return steps.map(
    (step) =>
      Object.fromEntries(
        Object.entries(step).map(([name, value]) => [name, fillValue(value, binding)]),
      ) as unknown as Step,
  )
}

function fillValue(value: unknown, binding: Binding): unknown {
  if (Array.isArray(value)) return value.map((item) => fillValue(item, binding))
  const isTemplate = typeof value === 'object' && value !== null && 'parts' in value
  return isTemplate ? describeText(value as Text, { ...EMPTY, ...binding }) : value
}
