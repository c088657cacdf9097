// Makes the types and the validators of src/spec/generated from the schemas.

import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { compile, type JSONSchema } from 'json-schema-to-typescript'

const GENERATED = 'src/spec/generated'
const BANNER = '// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.'

/** Schemas by the name of the type they describe. */
const SCHEMAS = { Config: 'config', State: 'state', Features: 'features' } as const

/** Definitions whose values may pass 2^53: the parser keeps those exact, as bigint. */
const EXACT = new Set(['Uint64', 'Limit'])

type Schema = { [keyword: string]: unknown }

/** The generated files: path from the repository's root, and content. */
export async function generateSpec(): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const types = [BANNER]
  for (const [type, name] of Object.entries(SCHEMAS)) {
    const schema = JSON.parse(await readFile(schemaFile(name), 'utf8')) as Schema
    types.push(await describeTypes(schema, type))
    files.set(`${GENERATED}/validate-${name}.js`, describeValidator(schema))
    files.set(`${GENERATED}/validate-${name}.d.ts`, describeDeclaration())
  }
  files.set(`${GENERATED}/types.ts`, types.join('\n\n'))
  return files
}

function schemaFile(name: string): URL {
  return new URL(`../schemas/${name}.schema.json`, import.meta.url)
}

async function describeTypes(schema: Schema, type: string): Promise<string> {
  const exact = mapSchema(schema, (part, name) => {
    const { minItems: _, ...rest } = part // a list, not a tuple type
    return EXACT.has(name) ? { ...rest, tsType: 'number | bigint' } : rest
  })
  const named = mapSchema(exact, (part) => inline(part, exact.definitions as Schema))
  const text = await compile({ ...named, title: type, $id: type } as JSONSchema, type, {
    bannerComment: '',
    additionalProperties: false,
    style: { singleQuote: true, semi: false, printWidth: 100 },
  })
  return text.trimStart()
}

// Only objects and enums get a type with a name; the description beside a $ref is kept.
function inline(part: Schema, definitions: Schema): Schema {
  if (typeof part.$ref !== 'string') return part
  const { $ref, ...beside } = part
  const target = definitions[$ref.slice('#/definitions/'.length)] as Schema
  if ('properties' in target || 'enum' in target) return { $ref }
  return mapSchema({ ...target, ...beside }, (inner) => inline(inner, definitions))
}

function describeValidator(schema: Schema): string {
  const closed = mapSchema(schema, (part) => {
    const { description: _, title: __, ...rest } = part
    // Unknown properties are found here; the parser makes warnings of them.
    return 'properties' in rest && rest.type !== undefined
      ? { ...rest, additionalProperties: rest.additionalProperties ?? false }
      : rest
  })
  const ajv = new Ajv({
    allErrors: true,
    messages: false,
    inlineRefs: false,
    unicode: false, // lengths by .length, so that the code needs nothing of ajv
    logger: false, // it calls that option deprecated
    allowUnionTypes: true,
    strict: true,
    strictRequired: false,
    code: { esm: true, source: true, lines: true, optimize: 2 },
  })
  const code = standalone.default(ajv, ajv.compile(closed))
  const root = /const (schema\d+) = \{"\$schema"/.exec(code)?.[1]
  if (root === undefined || code.includes('require(')) throw new Error('ajv changed its output')
  return `${BANNER}\n${code}\nexport const schema = ${root};\n`
}

function describeDeclaration(): string {
  return `${BANNER}
export interface Finding {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: { readonly [name: string]: unknown }
}
export declare const validate: {
  (value: unknown): boolean
  errors?: readonly Finding[] | null
}
export declare const schema: { readonly [keyword: string]: unknown }
`
}

// Applies `change` to a schema and the schemas in it; `key` is the name it stands under.
function mapSchema(
  schema: Schema,
  change: (part: Schema, key: string) => Schema,
  key = '',
): Schema {
  const inside = (value: unknown, name: string): unknown =>
    isSchema(value) ? mapSchema(value, change, name) : value
  const result: Schema = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if ((keyword === 'properties' || keyword === 'definitions') && isSchema(value)) {
      const parts = Object.entries(value)
      result[keyword] = Object.fromEntries(parts.map(([name, part]) => [name, inside(part, name)]))
    } else {
      result[keyword] = inside(value, keyword)
    }
  }
  return change(result, key)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
