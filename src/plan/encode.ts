// Plan to bytes and back. The layout is described in docs/plan-format.md.

import { HEADER_WORDS, PLAN_ABI } from './abi.ts'
import { ARGUMENT_KINDS, ARGUMENT_NAMES, OPS } from './layout.ts'
import type { Binding, Plan, Section } from './plan.ts'
import { SECTIONS } from './plan.ts'
import type { FieldKind, Op, Step } from './step.ts'
import type { Slot, SlotRef, Template, Text } from './text.ts'
import { SLOTS } from './text.ts'

/** First word of a plan: "TSOC" in memory. */
export const PLAN_MAGIC = 0x434f5354

/** Bit of a string's length that says: template. */
export const TEMPLATE_BIT = 0x80000000

/** In a template this byte introduces a slot (a base + its number), or itself when doubled. */
export const SLOT_ESCAPE = 0x01
export const SLOT_BASE = 0x10
/** The same for a slot within a JSON string. */
export const JSON_SLOT_BASE = 0x40
const ESCAPE = String.fromCharCode(SLOT_ESCAPE)

/** Writes a plan as the executor reads it: little endian, every part aligned to eight bytes. */
export function encodePlan(plan: Plan): Buffer {
  // An engine that has just started runs this cold, and without a JIT: so all words are put into
  // one list, all strings into one text, and each is converted at once.
  const { strings, templates, addText, addPlace } = listStrings()
  const blobs: { index: number; bytes: Uint8Array }[] = []
  const list: number[] = []
  const steps: number[] = [] // low and high half of each word
  const sections: number[] = []
  const numbers = new Map<Op, number>()

  for (const section of SECTIONS) {
    const sectionSteps = plan[section] ?? []
    sections.push(steps.length / 2, sectionSteps.length)
    for (const step of sectionSteps) {
      let number = numbers.get(step.op)
      if (number === undefined) {
        number = OPS.indexOf(step.op)
        numbers.set(step.op, number)
      }
      const names = ARGUMENT_NAMES[number]!
      const kinds = ARGUMENT_KINDS[number]!
      steps.push(number | (kinds.length << 16), addText(step.at ?? ''))
      const values = step as unknown as Record<string, unknown>
      for (let i = 0; i < kinds.length; i++) {
        const value = values[names[i]!]
        const kind = kinds[i]!
        if (kind === 'text') steps.push(addText(value as Text), 0)
        else if (typeof value === 'number' && value >= 0 && value <= 0xffffffff)
          steps.push(value, 0)
        else if (kind === 'word') {
          const word = BigInt.asUintN(64, BigInt(value as number | bigint))
          steps.push(Number(word & 0xffffffffn), Number(word >> 32n))
        } else if (kind === 'bytes') {
          const bytes = value as Uint8Array
          const index = addPlace(bytes.length)
          blobs.push({ index, bytes })
          steps.push(index, 0)
        } else {
          const texts = value as readonly Text[]
          steps.push(texts.length, list.length)
          for (const text of texts) list.push(addText(text))
        }
      }
    }
  }

  const listed = list.length
  if (listed % 2 !== 0) list.push(0) // aligns what follows
  const stringsAt = (HEADER_WORDS + sections.length) * 4
  const listAt = stringsAt + strings.length * 8
  const stepsAt = listAt + list.length * 4
  const poolAt = stepsAt + steps.length * 4
  const { pool, ends } = poolOf(strings)
  const total = (poolAt + pool.length + 7) & ~7

  const table: number[] = []
  let start = 0
  for (const end of ends) {
    table.push(poolAt + start, end - start)
    start = end + 1
  }
  for (const index of templates) table[index * 2 + 1]! += TEMPLATE_BIT
  const header = [PLAN_MAGIC, PLAN_ABI, total, strings.length, stringsAt, listed, listAt]
  header.push(steps.length / 2, stepsAt, poolAt)

  const out = Buffer.alloc(total)
  out.set(wordBytes(header.concat(sections, table, list, steps)))
  out.set(pool, poolAt)
  for (const { index, bytes } of blobs) out.set(bytes, table[index * 2])
  return out
}

/** The strings of a plan, each once, and which of them are templates. */
function listStrings() {
  const strings: string[] = []
  const templates: number[] = []
  const known = new Map<Text, number>()
  const knownTemplates = new Map<string, number>() // by their text: many are made twice

  const add = (raw: string) => strings.push(raw) - 1
  const addTemplate = (template: Template): number => {
    const raw = templateText(template)
    let index = knownTemplates.get(raw)
    if (index === undefined) {
      index = add(raw)
      knownTemplates.set(raw, index)
      templates.push(index)
    }
    return index
  }
  const addText = (value: Text): number => {
    let index = known.get(value)
    if (index === undefined) {
      index = typeof value === 'string' ? add(value) : addTemplate(value)
      known.set(value, index)
    }
    return index
  }
  return { strings, templates, addText, addPlace: (size: number) => add('\0'.repeat(size)) }
}

/** The strings, each with a final NUL, and where each ends. */
function poolOf(strings: readonly string[]): { pool: Uint8Array; ends: number[] } {
  const encoder = new TextEncoder()
  const text = strings.length === 0 ? '' : `${strings.join('\0')}\0`
  const pool = encoder.encode(text)
  const ascii = pool.length === text.length
  let end = -1
  const ends = strings.map((value) => {
    end += 1 + (ascii ? value.length : encoder.encode(value).length)
    return end
  })
  return { pool, ends }
}

// The numbers are of the machine's order in memory, which is that of every host we run on.
function wordBytes(words: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(words).buffer)
}

/** Writes slot values: for each slot in order, length and bytes with a final NUL; absent is empty. */
export function encodeBinding(binding: Binding): Buffer {
  const values = SLOTS.map((name) => binding[name] ?? '')
  let size = 0
  for (const value of values) size += 4 + Buffer.byteLength(value) + 1
  const out = Buffer.alloc(size)
  let at = 0
  for (const value of values) {
    const length = value === '' ? 0 : out.write(value, at + 4)
    out.writeUInt32LE(length, at)
    at += 4 + length + 1
  }
  return out
}

/** What a sink takes: the plan and its binding. */
export function encodeRequest(plan: Plan, binding: Binding): Buffer {
  return Buffer.concat([encodePlan(plan), encodeBinding(binding)])
}

/** Which version wrote a request? */
export function versionOf(bytes: Buffer): 'this' | 'another' | 'none' {
  if (bytes.length < HEADER_WORDS * 4 || bytes.readUInt32LE(0) !== PLAN_MAGIC) return 'none'
  return bytes.readUInt32LE(4) === PLAN_ABI ? 'this' : 'another'
}

/** Reads what encodeRequest wrote. Throws RangeError on anything else. */
export function decodeRequest(bytes: Buffer): { plan: Plan; binding: Binding } {
  const version = versionOf(bytes)
  if (version === 'none') throw new RangeError('not a plan')
  if (version === 'another') throw new RangeError('a plan of another version')
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
      const number = Number(head & 0xffffn)
      const op = OPS[number]
      if (op === undefined) throw new RangeError('unknown operation')
      const pointer = readText(Number(head >> 32n))
      at += 8
      const step: Record<string, unknown> = { op }
      if (pointer !== '') step.at = pointer
      const names = ARGUMENT_NAMES[number]!
      const kinds = ARGUMENT_KINDS[number]!
      for (let i = 0; i < kinds.length; i++) {
        step[names[i]!] = readField(kinds[i]!, bytes.readBigUInt64LE(at))
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
function templateText({ parts }: Template): string {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') text += part.replaceAll(ESCAPE, ESCAPE + ESCAPE)
    else {
      const base = part.json === true ? JSON_SLOT_BASE : SLOT_BASE
      text += ESCAPE + String.fromCharCode(base + SLOTS.indexOf(part.slot))
    }
  }
  return text
}

function templateParts(raw: Buffer): (string | SlotRef)[] {
  const parts: (string | SlotRef)[] = []
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
        const json = (next ?? 0) >= JSON_SLOT_BASE
        const name = SLOTS[(next ?? 0) - (json ? JSON_SLOT_BASE : SLOT_BASE)]
        if (name === undefined) throw new RangeError('unknown slot')
        parts.push(json ? { slot: name, json } : { slot: name })
      }
    }
  }
  flush()
  return parts
}
