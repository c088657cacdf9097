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
  const code = compact(standalone.default(ajv, ajv.compile(closed)), closed)
  if (/\brequire\(|\bconst err\d+ = \{instance/.test(code))
    throw new Error('ajv changed its output')
  return `${BANNER}\n${code}`
}

const ADD_ERROR = `
function add(errors, instancePath, keyword, params) {
if (errors === null) return [{instancePath, keyword, params}];
errors.push({instancePath, keyword, params});
return errors;
}
`

// What is loaded costs each start: ajv repeats each definition, makes each error anew, and has the
// whole schema at hand, which only errors need.
function compact(code: string, schema: Schema): string {
  const named = new Map<string, string>([[JSON.stringify(schema), 'schema()']])
  for (const [name, part] of Object.entries(schema.definitions as Schema)) {
    named.set(JSON.stringify(part), `schema().definitions.${name}`)
  }
  const parts = new Map<string, { place: string; part: Schema }>()
  const short = code
    .replace(/^const (schema\d+) = (\{.*\});\n/gm, (line, constant: string, text: string) => {
      const place = named.get(text)
      if (place === undefined) return line
      parts.set(constant, { place, part: JSON.parse(text) })
      return ''
    })
    .replace(
      /const (err\d+) = \{instancePath(?::(.*))?,schemaPath:"[^"]*",keyword:("\w+"),params:(\{.*\})\};\nif\(vErrors === null\)\{\nvErrors = \[\1\];\n\}\nelse \{\nvErrors\.push\(\1\);\n\}\n/g,
      (_, __, path: string | undefined, keyword: string, params: string) =>
        `vErrors = add(vErrors, ${path ?? 'instancePath'}, ${keyword}, ${params});\n`,
    )
    .replace(/\bfunc\d+\.call\((schema\d+)\.properties, /g, (call, constant: string) => {
      const properties = parts.get(constant)?.part.properties as Schema | undefined
      return properties === undefined
        ? call
        : `${JSON.stringify(Object.keys(properties))}.includes(`
    })
    .replace(/\bschema\d+\b/g, (constant) => parts.get(constant)?.place ?? constant)
    .replace(/^const func\d+ = Object\.prototype\.hasOwnProperty;\n/m, '')
    .replace(/^export default .*\n/m, '')
    .replace(/,\s?parentData\b[^{}\n]*?rootData(=data)?\}/g, '}')
  if (parts.size <= Object.keys(schema.definitions as Schema).length || /\bfunc\d+\b/.test(short)) {
    throw new Error('ajv changed its output')
  }
  return `${short}${ADD_ERROR}
let made;
export function schema() {
return made ??= ${JSON.stringify(schema)};
}
`
}

function describeDeclaration(): string {
  return `${BANNER}
export interface Finding {
  readonly instancePath: string
  readonly keyword: string
  readonly params: { readonly [name: string]: unknown }
}
export declare const validate: {
  (value: unknown): boolean
  errors?: readonly Finding[] | null
}
/** Made when it is asked for: a value that fits needs none. */
export declare function schema(): { readonly [keyword: string]: unknown }
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
