// Forms: plans with blanks, for what differs between the configs that an engine writes.

import type { Config } from '../spec/config.ts'
import { parseConfig } from '../spec/parse.ts'
import { readTree } from '../spec/positions.ts'
import { pointerOf } from '../spec/problem.ts'
import { isPlainAnnotation } from '../spec/rules-annotations.ts'
import { type CompileInput, compilePlan } from './compile.ts'
import { encodePlan } from './encode.ts'
import type { Plan } from './plan.ts'
import type { Step } from './step.ts'
import type { Text } from './text.ts'

/** What begins a mark: the letter of its kind and the blank's number follow. */
export const BLANK_MARK = 'tsoci-blank-'

/** Digits of a blank's number. */
export const BLANK_DIGITS = 3
const MOST_BLANKS = 10 ** BLANK_DIGITS

/**
 * What may stand in a blank. All take printable ASCII alone, without what JSON escapes: such a text
 * is the same in a config, in a path, and in the JSON that a plan writes.
 */
export const BLANK_KINDS = {
  path: 'p', // an absolute path but for its first slash, with nothing to normalize
  name: 'n', // 1 to 64 letters, digits, `.`, `-`, `_`
  unit: 'u', // the same without `.`
  word: 'w', // not empty
  text: 't',
} as const

export type BlankKind = keyof typeof BLANK_KINDS

/** The same as the front door sees it (native/plan_form.c). */
const SHAPES: Readonly<Record<BlankKind, RegExp>> = {
  path: /^(?!\.{0,2}(\/|$))(?!.*\/\.{0,2}(\/|$))[ !#-[\]-~]+$/,
  name: /^[\w.-]{1,64}$/,
  unit: /^[\w-]{1,64}$/,
  word: /^[ !#-[\]-~]+$/,
  text: /^[ !#-[\]-~]*$/,
}

/** A stretch of the config's text that the plan only passes on. It ends at the string's quote. */
export interface Blank {
  readonly start: number
  readonly end: number
  readonly kind: BlankKind
}

/** A plan with marks in the place of its blanks, and the text of config.json with the same marks. */
export interface Form {
  readonly pattern: string
  readonly plan: Plan
}

/** How a blank is found: which kind a string at this place is, and what of it stays as it is. */
interface Place {
  readonly at: RegExp // of the JSON pointer
  readonly kind: BlankKind
  /** What of the string comes before the blank. */
  readonly before?: RegExp
  readonly only?: (config: Config, keys: readonly string[]) => boolean
}

// Only what no rule and no plan function looks into, beyond what the kind says. HOME decides whether
// one is looked up, and the names of variables which of them counts.
const PLACES: readonly Place[] = [
  { at: /^\/hostname$/, kind: 'name' },
  { at: /^\/root\/path$/, kind: 'path', before: /^\// },
  { at: /^\/process\/args\/0$/, kind: 'word' },
  { at: /^\/process\/args\/\d+$/, kind: 'text' },
  { at: /^\/process\/cwd$/, kind: 'path', before: /^\// },
  { at: /^\/process\/env\/\d+$/, kind: 'text', before: /^(?!HOME=)[^=]+=/ },
  { at: /^\/process\/selinuxLabel$/, kind: 'word' },
  { at: /^\/linux\/mountLabel$/, kind: 'word' },
  { at: /^\/linux\/cgroupsPath$/, kind: 'path', before: /^\// },
  { at: /^\/linux\/cgroupsPath$/, kind: 'unit', before: /^[^:/]*:[^:/]{0,100}:/ }, // systemd's
  { at: /^\/linux\/namespaces\/\d+\/path$/, kind: 'path', before: /^\// },
  { at: /^\/mounts\/\d+\/source$/, kind: 'path', before: /^\//, only: isBind },
  { at: /^\/hooks\/\w+\/\d+\/args\/\d+$/, kind: 'text' },
  { at: /^\/hooks\/\w+\/\d+\/env\/\d+$/, kind: 'text', before: /^[^=]+=/ },
  {
    at: /^\/annotations\/[^/]+$/,
    kind: 'text',
    only: (_, [, name]) => isPlainAnnotation(name!),
  },
]

function isBind(config: Config, [, index]: readonly string[]): boolean {
  const { type, options = [] } = config.mounts![Number(index)]!
  const isOne = type === 'bind' || options.includes('bind') || options.includes('rbind')
  return isOne && !options.includes('remount')
}

/**
 * Makes a form of a compile that was done; undefined when its config has no blanks, or when one of
 * them would change more than texts of the plan. That is seen by two compiles with other texts in
 * the blanks: filled in, both must give the plan again.
 */
export function makeForm(input: CompileInput, plan: Plan): Form | undefined {
  const { config, configText } = input
  if (configText.includes(BLANK_MARK)) return undefined
  const blanks = findBlanks(config, configText)
  if (blanks.length === 0 || blanks.length > MOST_BLANKS) return undefined
  const values = blanks.map(({ start, end }) => configText.slice(start, end))
  const expected = encodePlan(plan)
  const compileWith = ({ spell, found, numberOf }: Marks): Form | undefined => {
    const text = spellBlanks(configText, blanks, spell)
    const parsed = parseConfig(text, 'config.json')
    if (parsed.problems.length > 0) return undefined
    const marked = compilePlan({ ...input, config: parsed.config, configText: text })
    const filled = mapTexts(marked, (literal) =>
      literal.replaceAll(found, (mark, written) => values[numberOf(written)] ?? mark),
    )
    return encodePlan(filled).equals(expected) ? { pattern: text, plan: marked } : undefined
  }
  return compileWith(OTHER_MARKS) && compileWith(MARKS)
}

/** A way to write blanks, and to find them again; the group is the number that was written. */
interface Marks {
  readonly spell: (number: number, kind: BlankKind) => string
  readonly found: RegExp
  readonly numberOf: (written: string) => number
}

const digits = (number: number) => String(number).padStart(BLANK_DIGITS, '0')

const MARKS: Marks = {
  spell: (number, kind) => BLANK_MARK + BLANK_KINDS[kind] + digits(number),
  found: new RegExp(`${BLANK_MARK}[a-z](\\d{${BLANK_DIGITS}})`, 'g'),
  numberOf: Number,
}

/** Unlike the others in all that a plan could depend on: length, order, and parts of a path. */
const OTHER_MARKS: Marks = {
  spell: (number, kind) => {
    const name = `blank-${digits(MOST_BLANKS - 1 - number)}`
    return kind === 'path' ? `of/${name}/x` : name
  },
  found: /(?:of\/)?blank-(\d+)(?:\/x)?/g,
  numberOf: (written) => MOST_BLANKS - 1 - Number(written),
}

/** The blanks of a config, in the order of its text. */
export function findBlanks(config: Config, configText: string): Blank[] {
  const blanks: Blank[] = []
  const visit = (node: ReturnType<typeof readTree>, keys: readonly string[]): void => {
    if (node?.type === 'object') {
      for (const { children } of node.children ?? []) {
        visit(children?.[1], [...keys, String(children?.[0]?.value)])
      }
    } else if (node?.type === 'array') {
      for (const [i, child] of (node.children ?? []).entries()) visit(child, [...keys, String(i)])
    } else if (node?.type === 'string') {
      const raw = configText.slice(node.offset + 1, node.offset + node.length - 1)
      const found = findBlank(config, raw, keys)
      if (found !== undefined) {
        const end = node.offset + node.length - 1
        blanks.push({ start: end - raw.length + found.skip, end, kind: found.kind })
      }
    }
  }
  visit(readTree(configText), [])
  return blanks
}

function findBlank(
  config: Config,
  raw: string,
  keys: readonly string[],
): { kind: BlankKind; skip: number } | undefined {
  const pointer = pointerOf(keys)
  for (const { at, kind, before, only } of PLACES) {
    if (!at.test(pointer) || only?.(config, keys) === false) continue
    const skip = before === undefined ? 0 : before.exec(raw)?.[0].length
    if (skip !== undefined && SHAPES[kind].test(raw.slice(skip))) return { kind, skip }
  }
  return undefined
}

function spellBlanks(text: string, blanks: readonly Blank[], spell: Marks['spell']): string {
  let spelled = ''
  let from = 0
  blanks.forEach(({ start, end, kind }, number) => {
    spelled += text.slice(from, start) + spell(number, kind)
    from = end
  })
  return spelled + text.slice(from)
}

/** The plan with each literal of its texts changed; bytes are left as they are. */
function mapTexts(plan: Plan, change: (literal: string) => string): Plan {
  const mapText = (text: Text): Text => {
    if (typeof text === 'string') return change(text)
    return { parts: text.parts.map((part) => (typeof part === 'string' ? change(part) : part)) }
  }
  const mapValue = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value)
    if (Array.isArray(value)) return value.map((entry: Text) => mapText(entry))
    if (typeof value === 'object' && value !== null && 'parts' in value) {
      return mapText(value as Text)
    }
    return value
  }
  const mapStep = ({ op, at, ...fields }: Step): Step => {
    const mapped = Object.entries(fields).map(([name, value]) => [name, mapValue(value)])
    return { op, at, ...Object.fromEntries(mapped) } as Step
  }
  const sections = Object.entries(plan).map(([name, steps]) => [name, steps.map(mapStep)])
  return Object.fromEntries(sections) as Plan
}
