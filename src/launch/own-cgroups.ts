// The slots of our own cgroups, which the executor fills in: for words, and for CRIU.

import { dirname } from 'node:path'
import { readHostFacts } from '../host/facts.ts'
import type { Binding } from '../plan/plan.ts'
import type { Slot } from '../plan/text.ts'

/** Our own cgroups, which are those of our caller. */
export function describeOwnCgroups(): Binding {
  const { cgroups, user } = readHostFacts()
  const { v1, v2 } = cgroups
  const slots: { [S in Slot]?: string } = {}
  // The system's systemd is at the top.
  if (user.euid === 0 && user.inInitialUserNamespace) slots['systemd-cgroup'] = ''
  const clean = (path: string) => path.replace(/\/$/, '')
  for (const { line, own } of v1) slots[`own-cgroup-${line}` as Slot] = clean(own)
  if (v2 !== undefined) {
    slots['own-cgroup'] = clean(v2.own)
    slots['own-cgroup-parent'] = clean(dirname(v2.own))
  }
  return slots
}
