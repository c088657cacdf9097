// Plan to bytes and back. The layout is described in docs/plan-format.md.

import { createHash } from 'node:crypto'
import type { Binding, Plan, Section } from './plan.ts'
import { SECTIONS } from './plan.ts'
import type { FieldKind, Op, Step } from './step.ts'
import { NO_TREE, STAGES, STEP_FIELDS, STEP_FLAGS } from './step.ts'
import type { Slot, Text } from './text.ts'
import { SLOTS } from './text.ts'

/** First word of a plan: "TSOC" in memory. */
export const PLAN_MAGIC = 0x434f5354

/** Bit of a string's length that says: template. */
export const TEMPLATE_BIT = 0x80000000

/** In a template this byte introduces a slot (SLOT_BASE + number), or itself when doubled. */
export const SLOT_ESCAPE = 0x01
export const SLOT_BASE = 0x10

export const HEADER_WORDS = 10
export const OPS = Object.keys(STEP_FIELDS) as Op[]

/** Changes whenever the two sides could misread each other. */
export const PLAN_ABI = createHash('sha256')
  .update(JSON.stringify([STEP_FIELDS, STEP_FLAGS, SECTIONS, SLOTS, STAGES, NO_TREE, HEADER_WORDS]))
  .digest()
  .readUInt32LE(0)

const fieldsOf = Object.fromEntries(
  OPS.map((op) => [op, Object.entries(STEP_FIELDS[op]) as [string, FieldKind][]]),
) as Record<Op, [string, FieldKind][]>

/** Writes a plan as the executor reads it: little endian, every part aligned to eight bytes. */
export function encodePlan(plan: Plan): Buffer {
  const strings: { bytes: Buffer; template: boolean }[] = []
  const known = new Map<string, number>()
  const list: number[] = []
  const steps: bigint[] = []

  const addBytes = (bytes: Buffer, template: boolean): number => {
    const key = (template ? 't' : 's') + bytes.toString('latin1')
    const index = known.get(key)
    if (index !== undefined) return index
    known.set(key, strings.length)
    return strings.push({ bytes, template }) - 1
  }
  const addText = (value: Text): number =>
    typeof value === 'string'
      ? addBytes(Buffer.from(value), false)
      : addBytes(templateBytes(value.parts), true)
  const addField = (kind: FieldKind, value: unknown): bigint => {
    if (kind === 'word') return BigInt.asUintN(64, BigInt(value as number))
    if (kind === 'text') return BigInt(addText(value as Text))
    if (kind === 'bytes') return BigInt(addBytes(Buffer.from(value as Uint8Array), false))
    const indexes = (value as readonly Text[]).map(addText)
    const first = list.length
    list.push(...indexes)
    return (BigInt(first) << 32n) | BigInt(indexes.length)
  }

  const sections: number[] = []
  for (const section of SECTIONS) {
    const sectionSteps = plan[section] ?? []
    sections.push(steps.length, sectionSteps.length)
    for (const step of sectionSteps) {
      const fields = fieldsOf[step.op]
      const at = BigInt(addText(step.at ?? ''))
      steps.push(BigInt(OPS.indexOf(step.op)) | (BigInt(fields.length) << 16n) | (at << 32n))
      for (const [name, kind] of fields) {
        steps.push(addField(kind, (step as unknown as Record<string, unknown>)[name]))
      }
    }
  }

  const align = (n: number) => (n + 7) & ~7
  const stringsAt = align(HEADER_WORDS * 4 + sections.length * 4)
  const listAt = align(stringsAt + strings.length * 8)
  const stepsAt = align(listAt + list.length * 4)
  const poolAt = stepsAt + steps.length * 8
  const poolLength = strings.reduce((sum, s) => sum + s.bytes.length + 1, 0)
  const total = align(poolAt + poolLength)

  const out = Buffer.alloc(total)
  const header = [
    PLAN_MAGIC,
    PLAN_ABI,
    total,
    strings.length,
    stringsAt,
    list.length,
    listAt,
    steps.length,
    stepsAt,
    poolAt,
  ]
  let at = 0
  for (const word of [...header, ...sections]) at = out.writeUInt32LE(word, at)
  let pool = poolAt
  strings.forEach(({ bytes, template }, i) => {
    out.writeUInt32LE(pool, stringsAt + i * 8)
    out.writeUInt32LE((bytes.length | (template ? TEMPLATE_BIT : 0)) >>> 0, stringsAt + i * 8 + 4)
    bytes.copy(out, pool)
    pool += bytes.length + 1
  })
  list.forEach((index, i) => {
    out.writeUInt32LE(index, listAt + i * 4)
  })
  steps.forEach((word, i) => {
    out.writeBigUInt64LE(word, stepsAt + i * 8)
  })
  return out
}

/** Writes slot values: for each slot in order, length and bytes with a final NUL; absent is empty. */
export function encodeBinding(binding: Binding): Buffer {
  const parts: Buffer[] = []
  for (const name of SLOTS) {
    const bytes = Buffer.from(binding[name] ?? '')
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    parts.push(length, bytes, Buffer.alloc(1))
  }
  return Buffer.concat(parts)
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
      for (const [name, kind] of fieldsOf[op]) {
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

function templateBytes(parts: readonly (string | { slot: Slot })[]): Buffer {
  const bytes: number[] = []
  for (const part of parts) {
    if (typeof part === 'string') {
      for (const byte of Buffer.from(part)) {
        if (byte === SLOT_ESCAPE) bytes.push(SLOT_ESCAPE)
        bytes.push(byte)
      }
    } else {
      bytes.push(SLOT_ESCAPE, SLOT_BASE + SLOTS.indexOf(part.slot))
    }
  }
  return Buffer.from(bytes)
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
