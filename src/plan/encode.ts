// Plan to bytes and back. The layout is described in docs/plan-format.md.

import { HEADER_WORDS, PLAN_ABI } from './abi.ts'
import type { Binding, Plan, Section } from './plan.ts'
import { SECTIONS } from './plan.ts'
import type { FieldKind, Op, Step } from './step.ts'
import { STEP_FIELDS } from './step.ts'
import type { Slot, Text } from './text.ts'
import { SLOTS } from './text.ts'

/** First word of a plan: "TSOC" in memory. */
export const PLAN_MAGIC = 0x434f5354

/** Bit of a string's length that says: template. */
export const TEMPLATE_BIT = 0x80000000

/** In a template this byte introduces a slot (SLOT_BASE + number), or itself when doubled. */
export const SLOT_ESCAPE = 0x01
export const SLOT_BASE = 0x10
const ESCAPE = String.fromCharCode(SLOT_ESCAPE)

export const OPS = Object.keys(STEP_FIELDS) as Op[]

/** Number and arguments of each operation. */
const opOf = Object.fromEntries(
  OPS.map((op, number) => [
    op,
    { number, fields: Object.entries(STEP_FIELDS[op]) as [string, FieldKind][] },
  ]),
) as Record<Op, { number: number; fields: [string, FieldKind][] }>

/** Writes a plan as the executor reads it: little endian, every part aligned to eight bytes. */
export function encodePlan(plan: Plan): Buffer {
  // Plain numbers and one pass over each table: an engine that has just started runs this cold.
  const strings: { value: string | Uint8Array; length: number; template: boolean }[] = []
  const literals = new Map<string, number>()
  const templates = new Map<string, number>()
  const list: number[] = []
  const steps: number[] = [] // low and high half of each word
  const sections: number[] = []

  const addText = (value: Text): number => {
    const template = typeof value !== 'string'
    const known = template ? templates : literals
    const raw = template ? templateText(value.parts) : value
    const index = known.get(raw)
    if (index !== undefined) return index
    known.set(raw, strings.length)
    return strings.push({ value: raw, length: Buffer.byteLength(raw), template }) - 1
  }
  const addWord = (value: number | bigint): void => {
    if (typeof value === 'number' && value >= 0 && value <= 0xffffffff) {
      steps.push(value, 0)
      return
    }
    const word = BigInt.asUintN(64, BigInt(value))
    steps.push(Number(word & 0xffffffffn), Number(word >> 32n))
  }
  const addField = (kind: FieldKind, value: unknown): void => {
    if (kind === 'word') addWord(value as number | bigint)
    else if (kind === 'text') steps.push(addText(value as Text), 0)
    else if (kind === 'bytes') {
      const bytes = value as Uint8Array
      steps.push(strings.push({ value: bytes, length: bytes.length, template: false }) - 1, 0)
    } else {
      const texts = value as readonly Text[]
      steps.push(texts.length, list.length)
      for (const text of texts) list.push(addText(text))
    }
  }

  for (const section of SECTIONS) {
    const sectionSteps = plan[section] ?? []
    sections.push(steps.length / 2, sectionSteps.length)
    for (const step of sectionSteps) {
      const { number, fields } = opOf[step.op]
      steps.push(number | (fields.length << 16), addText(step.at ?? ''))
      const values = step as unknown as Record<string, unknown>
      for (const [name, kind] of fields) addField(kind, values[name])
    }
  }

  const align = (n: number) => (n + 7) & ~7
  const stringsAt = align(HEADER_WORDS * 4 + sections.length * 4)
  const listAt = align(stringsAt + strings.length * 8)
  const stepsAt = align(listAt + list.length * 4)
  const poolAt = stepsAt + steps.length * 4
  const total = align(strings.reduce((sum, { length }) => sum + length + 1, poolAt))

  const out = Buffer.alloc(total)
  const view = new DataView(out.buffer, out.byteOffset, total)
  const writeWords = (words: readonly number[], from: number): void => {
    let at = from
    for (const word of words) {
      view.setUint32(at, word, true)
      at += 4
    }
  }
  const header = [PLAN_MAGIC, PLAN_ABI, total, strings.length, stringsAt, list.length, listAt]
  writeWords([...header, steps.length / 2, stepsAt, poolAt, ...sections], 0)
  writeWords(list, listAt)
  writeWords(steps, stepsAt)
  let at = stringsAt
  let pool = poolAt
  for (const { value, length, template } of strings) {
    view.setUint32(at, pool, true)
    view.setUint32(at + 4, template ? length | TEMPLATE_BIT : length, true)
    if (typeof value === 'string') out.write(value, pool)
    else out.set(value, pool)
    at += 8
    pool += length + 1
  }
  return out
}

/** Writes slot values: for each slot in order, length and bytes with a final NUL; absent is empty. */
export function encodeBinding(binding: Binding): Buffer {
  const values = SLOTS.map((name) => binding[name] ?? '')
  const lengths = values.map((value) => Buffer.byteLength(value))
  const out = Buffer.alloc(lengths.reduce((sum, length) => sum + length + 5, 0))
  let at = 0
  values.forEach((value, i) => {
    at = out.writeUInt32LE(lengths[i]!, at)
    if (value !== '') out.write(value, at)
    at += lengths[i]! + 1
  })
  return out
}

/**
 * What a sink takes: the plan, its binding, and a last byte that says whether the front door may
 * keep the plan for the next container of the same bundle.
 */
export function encodeRequest(plan: Plan, binding: Binding, mayKeep = false): Buffer {
  return Buffer.concat([encodePlan(plan), encodeBinding(binding), Buffer.of(mayKeep ? 1 : 0)])
}

/** Reads what encodeRequest wrote. Throws RangeError on anything else. */
export function decodeRequest(bytes: Buffer): { plan: Plan; binding: Binding } {
  if (bytes.length < HEADER_WORDS * 4 || bytes.readUInt32LE(0) !== PLAN_MAGIC)
    throw new RangeError('not a plan')
  if (bytes.readUInt32LE(4) !== PLAN_ABI) throw new RangeError('a plan of another version')
  const total = bytes.readUInt32LE(8)
  return { plan: decodePlan(bytes.subarray(0, total)), binding: decodeBinding(bytes, total) }
}

function decodePlan(bytes: Buffer): Plan {
  const header = (i: number) => bytes.readUInt32LE(i * 4)
  const stringsAt = header(4)
  const listAt = header(6)
  const stepsAt = header(8)

  const stringBytes = (index: number): [Buffer, boolean] => {
    const start = bytes.readUInt32LE(stringsAt + index * 8)
    const word = bytes.readUInt32LE(stringsAt + index * 8 + 4)
    const length = word & ~TEMPLATE_BIT
    return [bytes.subarray(start, start + length), word >= TEMPLATE_BIT]
  }
  const readText = (index: number): Text => {
    const [raw, template] = stringBytes(index)
    return template ? { parts: templateParts(raw) } : raw.toString()
  }
  const readField = (kind: FieldKind, word: bigint): unknown => {
    if (kind === 'word') return word <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(word) : word
    if (kind === 'text') return readText(Number(word))
    if (kind === 'bytes') return new Uint8Array(stringBytes(Number(word))[0])
    const first = Number(word >> 32n)
    const count = Number(word & 0xffffffffn)
    return Array.from({ length: count }, (_, i) =>
      readText(bytes.readUInt32LE(listAt + (first + i) * 4)),
    )
  }

  const plan: { [S in Section]?: Step[] } = {}
  SECTIONS.forEach((section, i) => {
    let at = stepsAt + header(HEADER_WORDS + i * 2) * 8
    const count = header(HEADER_WORDS + i * 2 + 1)
    if (count === 0) return
    const steps: Step[] = []
    for (let n = 0; n < count; n++) {
      const head = bytes.readBigUInt64LE(at)
      const op = OPS[Number(head & 0xffffn)]
      if (op === undefined) throw new RangeError('unknown operation')
      const pointer = readText(Number(head >> 32n))
      at += 8
      const step: Record<string, unknown> = { op }
      if (pointer !== '') step.at = pointer
      for (const [name, kind] of opOf[op].fields) {
        step[name] = readField(kind, bytes.readBigUInt64LE(at))
        at += 8
      }
      steps.push(step as unknown as Step)
    }
    plan[section] = steps
  })
  return plan
}

function decodeBinding(bytes: Buffer, from: number): Binding {
  const binding: { [S in Slot]?: string } = {}
  let at = from
  for (const name of SLOTS) {
    const length = bytes.readUInt32LE(at)
    const value = bytes.toString('utf8', at + 4, at + 4 + length)
    if (value !== '') binding[name] = value
    at += 4 + length + 1
  }
  return binding
}

// Escape and slot numbers are ASCII, so the bytes of this text are the template's.
function templateText(parts: readonly (string | { slot: Slot })[]): string {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') text += part.replaceAll(ESCAPE, ESCAPE + ESCAPE)
    else text += ESCAPE + String.fromCharCode(SLOT_BASE + SLOTS.indexOf(part.slot))
  }
  return text
}

function templateParts(raw: Buffer): (string | { slot: Slot })[] {
  const parts: (string | { slot: Slot })[] = []
  let literal: number[] = []
  const flush = () => {
    if (literal.length > 0) parts.push(Buffer.from(literal).toString())
    literal = []
  }
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i]!
    if (byte !== SLOT_ESCAPE) literal.push(byte)
    else {
      const next = raw[++i]
      if (next === SLOT_ESCAPE) literal.push(SLOT_ESCAPE)
      else {
        flush()
        const name = SLOTS[(next ?? 0) - SLOT_BASE]
        if (name === undefined) throw new RangeError('unknown slot')
        parts.push({ slot: name })
      }
    }
  }
  flush()
  return parts
}
