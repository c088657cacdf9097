// Text in a plan: literal, or a template with slots that the executor fills.

/**
 * What differs between two containers of one bundle. The executor fills a slot when a step uses
 * it; the order is the wire number. `own-*` are the caller's cgroups, from /proc/self/cgroup.
 */
export const SLOTS = [
  'id', // container id
  'root', // directory of all containers (--root)
  'bundle', // absolute path of the bundle directory
  'bundle-json', // the same, escaped for a JSON string
  'pid-file', // path, empty for none
  'console-socket', // path, empty for none
  'preserve-fds', // decimal count of descriptors from 3 on
  'owner-json', // name of the calling user, escaped for a JSON string
  'created', // RFC 3339, UTC
  'signal', // decimal signal number (kill)
  'pid', // the init as the runtime sees it, decimal
  'own-pid', // the process itself, in its own pid namespace (child)
  'start-time', // field 22 of /proc/PID/stat
  'init-pid', // exec: the init of the container, decimal
  'init-start-time', // exec: the start time of that init
  'status', // runtime.md "State"
  'own-cgroup', // path in the cgroup2 hierarchy, no trailing slash
  'own-cgroup-parent', // its parent, no trailing slash
  'systemd-cgroup', // path of systemd's own cgroup, no trailing slash
  'own-cgroup-0', // path in the v1 hierarchy of that index
  'own-cgroup-1',
  'own-cgroup-2',
  'own-cgroup-3',
  'own-cgroup-4',
  'own-cgroup-5',
  'own-cgroup-6',
  'own-cgroup-7',
  'own-cgroup-8',
  'own-cgroup-9',
  'own-cgroup-10',
  'own-cgroup-11',
  'own-cgroup-12',
  'own-cgroup-13',
  'own-cgroup-14',
  'own-cgroup-15',
] as const

export type Slot = (typeof SLOTS)[number]

/** A slot inside a template. */
export interface SlotRef {
  readonly slot: Slot
  /** Its value is escaped for a JSON string where it is filled in. */
  readonly json?: true
}

/** Literal pieces and slots, in order. */
export interface Template {
  readonly parts: readonly (string | SlotRef)[]
}

export type Text = string | Template

/** Names a slot, for use inside `text`. */
export function slot(name: Slot): SlotRef {
  return { slot: name }
}

/** Tag that builds a template: text`${slot('root')}/${slot('id')}`. */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly (string | SlotRef | Template)[]
): Text {
  const pieces: (string | SlotRef | Template)[] = []
  strings.forEach((literal, i) => {
    pieces.push(literal)
    if (values[i] !== undefined) pieces.push(values[i])
  })
  return join(pieces)
}

/** Joins texts. */
export function concat(...texts: readonly Text[]): Text {
  return join(texts)
}

// Literals that meet become one; a template has no empty one.
function join(pieces: readonly (string | SlotRef | Template)[]): Text {
  const parts: (string | SlotRef)[] = []
  let literal = ''
  const push = (part: string | SlotRef) => {
    if (typeof part === 'string') literal += part
    else {
      if (literal !== '') parts.push(literal)
      literal = ''
      parts.push(part)
    }
  }
  for (const piece of pieces) {
    if (typeof piece === 'string' || 'slot' in piece) push(piece)
    else for (const part of piece.parts) push(part)
  }
  if (parts.length === 0) return literal
  if (literal !== '') parts.push(literal)
  return { parts }
}

/** For people: slots in angle brackets, or their value when `bound` knows it. */
export function describeText(value: Text, bound: Partial<Record<Slot, string>> = {}): string {
  if (typeof value === 'string') return value
  return value.parts
    .map((part) => (typeof part === 'string' ? part : describeSlot(part, bound)))
    .join('')
}

function describeSlot({ slot, json }: SlotRef, bound: Partial<Record<Slot, string>>): string {
  const value = bound[slot]
  if (value === undefined) return `<${slot}>`
  return json === true ? JSON.stringify(value).slice(1, -1) : value
}
