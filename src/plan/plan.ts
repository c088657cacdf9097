// The launch plan: sections of steps, and the values of its slots.

import type { Step } from './step.ts'
import type { Slot } from './text.ts'

/** Sections in wire order: first the launch, then what the stored plan holds for later verbs. */
export const SECTIONS = [
  'prepare', // host, before clone
  'clone', // one step: the namespaces
  'parent', // host, after clone
  'child', // in the new namespaces, up to the gate
  'launch', // after `start`: hooks, exec
  'after', // host, once the child is released
  'undo', // a failed launch: puts the host back
  'state',
  'start',
  'kill',
  'kill-all',
  'pause',
  'resume',
  'delete',
  // Of an exec, like the first six; the front door fills in what its command line names.
  'exec-prepare',
  'exec-clone',
  'exec-parent',
  'exec-child',
  'exec-launch',
  'exec-after',
] as const

export type Section = (typeof SECTIONS)[number]

/** Steps of each section; a section without steps may be left out. */
export type Plan = { readonly [S in Section]?: readonly Step[] }

/** Slot values the caller knows; the executor adds the rest. */
export type Binding = { readonly [S in Slot]?: string }
