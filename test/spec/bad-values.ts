// What a property of config.json can't be, made from the schema: wrong types, and what is out of range.

import { readFileSync } from 'node:fs'
import { type Path, pointerOf } from '../../src/spec/problem.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | false
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly minItems?: number
  readonly pattern?: string
}

/** A property, and texts of config.json where only it is wrong. */
export interface BadProperty {
  readonly pointer: string
  readonly values: readonly { readonly why: string; readonly text: string }[]
}

const file = new URL('../../schemas/config.schema.json', import.meta.url)
const schema: Schema & { readonly definitions: Readonly<Record<string, Schema>> } = JSON.parse(
  readFileSync(file, 'utf8'),
)

/** The specification wants these warned of, ignored, or refused whatever is in them. */
const EXEMPT =
  /^\/(vm|solaris|windows|zos|freebsd|\$schema)(\/|$)|^\/process\/capabilities\/\w+\/0$/

/** A text that fits each pattern of the schema, and one that does not. */
const BY_PATTERN: Readonly<Record<string, readonly [good: string, bad: string]>> = {
  '^/': ['/x', 'relative'],
  '^(/|$)': ['/x', 'relative'],
  '^[0-9,:/\\s-]*$': ['0', 'many'],
  '^[0-9,\\s-]*$': ['0', 'many'],
  '^([rwm]+a?)?$': ['r', 'x'],
  '^[1-9][0-9]*[KMGTP]B$': ['2MB', '2 MB'],
  '^[^\\n]*$': ['x', 'x\ny'],
  '^(MB:[^\\n]*)?$': ['MB:0=10', 'L3:0=f'],
}

const WRONG_TYPES: Readonly<Record<string, readonly string[]>> = {
  string: ['7', '[]'],
  integer: ['"x"', '1.5', 'true'],
  boolean: ['"true"', '1'],
  array: ['{}', '"x"'],
  object: ['[]', '"x"'],
}

const follow = (part: Schema): Schema =>
  part.$ref === undefined ? part : { ...part, ...schema.definitions[part.$ref.split('/').at(-1)!] }

/** Every property that the schema has. */
export function listBadProperties(): BadProperty[] {
  return [...walk(schema, [])]
}

function* walk(part: Schema, path: Path): Generator<BadProperty> {
  const own = follow(part)
  const pointer = pointerOf(path)
  if (EXEMPT.test(pointer)) return
  const values = [...badTexts(own)].map(([why, raw]) => ({ why, text: configWith(path, raw) }))
  if (path.length > 0) yield { pointer, values }
  for (const name of own.required ?? []) {
    // A zero may be left out, but for ranges of no id.
    const { type } = follow(own.properties![name]!)
    if (type === 'boolean' || (type === 'integer' && name !== 'size')) continue
    const less = JSON.parse(sample(own))
    delete less[name]
    const text = configWith(path, JSON.stringify(less), { isWhole: true })
    yield { pointer: pointer === '' ? 'missing' : pointer, values: [{ why: `no ${name}`, text }] }
  }
  if (own.items !== undefined) yield* walk(own.items, [...path, 0])
  for (const [name, inner] of Object.entries(own.properties ?? {})) {
    yield* walk(inner, [...path, name])
  }
  if (own.additionalProperties) yield* walk(own.additionalProperties, [...path, 'some.key'])
}

function* badTexts(part: Schema): Generator<[why: string, raw: string]> {
  for (const raw of WRONG_TYPES[part.type!] ?? []) yield [`${raw} for ${part.type}`, raw]
  if (part.enum !== undefined) yield ['an unknown word', '"NO_SUCH"']
  if (part.pattern !== undefined) yield ['bad text', JSON.stringify(BY_PATTERN[part.pattern]![1])]
  if (part.minLength !== undefined) yield ['empty text', '""']
  if (part.minItems !== undefined) yield ['an empty list', '[]']
  if (part.minimum !== undefined) yield ['too small', String(BigInt(part.minimum) - 1n)]
  // A double may be below what the schema says: one more digit is more in any case.
  if (part.maximum !== undefined) yield ['too large', `${BigInt(part.maximum) + 1n}0`]
}

/** The least that fits. */
function sample(part: Schema): string {
  const own = follow(part)
  if (own.enum !== undefined) return JSON.stringify(own.enum.find((word) => word !== ''))
  if (own.pattern !== undefined) return JSON.stringify(BY_PATTERN[own.pattern]![0])
  if (own.type === 'string') return '"x"'
  if (own.type === 'integer') return String(Math.max(own.minimum ?? 0, 0))
  if (own.type === 'boolean') return 'true'
  if (own.type === 'array') return own.minItems === undefined ? '[]' : `[${sample(own.items!)}]`
  const required = (own.required ?? []).map((name) => `"${name}":${sample(own.properties![name]!)}`)
  return `{${required.join()}}`
}

const BASE = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['true'] },
}

/** Every place that the schema has, and in each of its objects one for a property that it lacks. */
export function listPlaces(): Path[] {
  const visit = (part: Schema, path: Path): Path[] => {
    const own = follow(part)
    const { properties, additionalProperties: others } = own
    return [
      ...(path.length > 0 ? [path] : []),
      ...(own.items === undefined ? [] : visit(own.items, [...path, 0])),
      ...Object.entries(properties ?? {}).flatMap(([name, inner]) => visit(inner, [...path, name])),
      ...(others ? visit(others, [...path, 'some.key']) : []),
      ...(properties !== undefined && others !== false ? [[...path, 'comment']] : []),
    ]
  }
  return visit(schema, [])
}

/** A config with this JSON text at the path; what leads there has what it must have. */
export function configWith(path: Path, raw: string, { isWhole = false } = {}): string {
  if (path.length === 0) return isWhole ? raw : JSON.stringify(BASE)
  const mark = '@the value@'
  const config: Record<string, unknown> = structuredClone(BASE)
  let parent = config as Record<string | number, unknown>
  let part: Schema = schema
  for (const [i, key] of path.entries()) {
    const own = follow(part)
    part = own.properties?.[key] ?? own.items ?? (own.additionalProperties || {})
    parent[key] = i === path.length - 1 ? mark : (parent[key] ?? JSON.parse(sample(part)))
    parent = parent[key] as Record<string | number, unknown>
  }
  return JSON.stringify(config).replace(`"${mark}"`, () => raw)
}
