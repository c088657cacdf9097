// The lifecycle: which verb is allowed in which status (runtime.md "Lifecycle").

/** Status words of the specification, and `paused`, which every engine knows. */
export const STATUSES = ['creating', 'created', 'running', 'paused', 'stopped'] as const
export type Status = (typeof STATUSES)[number]

/** Verbs on a container that exists. The forced delete is a verb of its own. */
export const VERBS = [
  'state',
  'start',
  'kill',
  'kill-all',
  'pause',
  'resume',
  'delete',
  'delete-force',
] as const
export type Verb = (typeof VERBS)[number]

/** `none`: allowed. Anything else is the kind of failure, worded in launch/failure.ts. */
export type Refusal =
  | 'none'
  | 'not-running'
  | 'already-started'
  | 'still-running'
  | 'creating'
  | 'already-paused'
  | 'paused'
  | 'not-paused'

export const TRANSITIONS: Readonly<Record<Verb, Readonly<Record<Status, Refusal>>>> = {
  state: {
    creating: 'none',
    created: 'none',
    running: 'none',
    paused: 'none',
    stopped: 'none',
  },
  start: {
    creating: 'creating',
    created: 'none',
    running: 'already-started',
    paused: 'paused',
    stopped: 'not-running',
  },
  kill: {
    creating: 'none',
    created: 'none',
    running: 'none',
    paused: 'none',
    stopped: 'not-running',
  },
  // Engines send `kill --all` to clean up: nothing left to signal is a success.
  'kill-all': {
    creating: 'none',
    created: 'none',
    running: 'none',
    paused: 'none',
    stopped: 'none',
  },
  pause: {
    creating: 'creating',
    created: 'none',
    running: 'none',
    paused: 'already-paused',
    stopped: 'not-running',
  },
  resume: {
    creating: 'not-paused',
    created: 'not-paused',
    running: 'not-paused',
    paused: 'none',
    stopped: 'not-paused',
  },
  // A created container has no process of the user yet: delete ends its init (as the peers do).
  delete: {
    creating: 'still-running',
    created: 'none',
    running: 'still-running',
    paused: 'still-running',
    stopped: 'none',
  },
  'delete-force': {
    creating: 'none',
    created: 'none',
    running: 'none',
    paused: 'none',
    stopped: 'none',
  },
}
