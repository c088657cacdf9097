// Turns what the generated validator finds into problems a person can act on.

import type { Config } from './config.ts'
import { type Finding, schema, validate } from './generated/validate-config.js'
import { invalidMemoryPolicy } from './memory-policy.ts'
import type { LargeInteger } from './positions.ts'
import { error, keysOf, type Path, type Problem, quote, warning } from './problem.ts'
import { similarWord } from './similar.ts'

type Schema = { readonly [keyword: string]: unknown }

/** What a pattern of the schema asks for, in words. */
export const PATTERNS: Readonly<Record<string, string>> = {
  '^/': 'an absolute path',
  '^(/|$)': 'an absolute path',
  '^[0-9,:/\\s-]*$': 'a list such as 0-3,7',
  '^[0-9,\\s-]*$': 'a list such as 0-3,7',
  '^([rwm]+a?)?$': 'some of the letters r, w and m',
  '^[1-9][0-9]*[KMGTP]B$': 'a size such as 64KB, 2MB or 1GB',
  '^[^\\n]*$': 'a single line',
  '^(MB:[^\\n]*)?$': 'a single line that starts with MB:',
}

/** Objects whose keys are values: an unknown one is an error, not something to tolerate. */
const CLOSED = new Set(['/linux/timeOffsets'])

/** Where a property is looked for that stands in the wrong object. */
const HOMES = ['', '/process', '/process/user', '/root', '/linux', '/linux/resources', '/hooks']

/** Properties of older specifications, and what replaced them. */
const REPLACED: Readonly<Record<string, string>> = {
  enableCMT: 'runtime-spec 1.3 replaced it by "enableMonitoring"',
  enableMBM: 'runtime-spec 1.3 replaced it by "enableMonitoring"',
}

/** What is wrong with the shape of a value, and which pointers nothing may rely on. */
export interface Shape {
  readonly problems: Problem[]
  readonly broken: string[]
}

/** Checks a value against the schema. `exact`: the numbers that it holds only about. */
export function checkShape(value: unknown, exact: readonly LargeInteger[] = []): Shape {
  const problems: Problem[] = []
  const broken: string[] = []
  // What has a name in other letters may hold more of that kind.
  do {
    if (validate(value)) return { problems, broken }
  } while (respell(value, problems))
  if (fillZeros(value, problems) && validate(value)) return { problems, broken }
  for (const finding of validate.errors ?? []) {
    const problem = explainFinding(finding, value, exact)
    problems.push(problem)
    if (problem.severity === 'warning') continue
    const missing = finding.params.missingProperty
    broken.push(missing === undefined ? finding.instancePath : `${finding.instancePath}/${missing}`)
  }
  return { problems, broken }
}

/** Whether a pointer names a field whose integers are kept exactly, and its range. */
export function exactRange(pointer: string): { least: bigint; most: bigint } | undefined {
  switch (schemaOf(keysOf(pointer))?.reference) {
    case '#/definitions/Uint64':
      return { least: 0n, most: 2n ** 64n - 1n }
    case '#/definitions/Limit':
      return { least: -1n, most: 2n ** 63n - 1n }
    default:
      return undefined
  }
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: Path): unknown {
  let found = value
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined
    found = (found as { [key: string]: unknown })[key]
  }
  return found
}

/** The type of a file that passed the check without an error. */
export function asConfig(value: unknown): Config {
  return value as Config
}

/** Required numbers and switches whose zero writers leave out, as Go's omitempty does, and peers take. */
const ZEROS: Readonly<Record<string, readonly string[]>> = {
  ConsoleSize: ['height', 'width'],
  DeviceRule: ['allow'],
  HugepageLimit: ['limit'],
  IdMapping: ['containerID', 'hostID'],
  InterfacePriority: ['priority'],
  Rlimit: ['soft', 'hard'],
  SeccompArg: ['index', 'value'],
  ThrottleDevice: ['major', 'minor', 'rate'],
  WeightDevice: ['major', 'minor'],
}

function fillZeros(value: unknown, problems: Problem[]): boolean {
  const before = problems.length
  for (const { keyword, instancePath, params } of validate.errors ?? []) {
    if (keyword !== 'required') continue
    const path = keysOf(instancePath)
    const name = String(params.missingProperty)
    const found = schemaOf(path)
    const definition = found?.reference?.slice('#/definitions/'.length) ?? ''
    if (ZEROS[definition]?.includes(name) !== true) continue
    const zero = definition === 'DeviceRule' ? false : 0
    ;(valueAt(value, path) as { [key: string]: unknown })[name] = zero
    const message = `missing property ${quote(name)} is taken for ${zero}`
    problems.push(warning(path, message, { quiet: true }))
  }
  return problems.length > before
}

/** Peers read property names in any case: so do we, and say how it is spelled. */
function respell(value: unknown, problems: Problem[]): boolean {
  const before = problems.length
  const errors = validate.errors ?? []
  for (const { keyword, instancePath, params } of errors) {
    if (keyword !== 'additionalProperties') continue
    const path = keysOf(instancePath)
    const name = String(params.additionalProperty)
    const properties = Object.keys((schemaOf(path)?.schema.properties as Schema | undefined) ?? {})
    const known = properties.find((it) => it.toLowerCase() === name.toLowerCase())
    const parent = valueAt(value, path) as { [key: string]: unknown }
    if (known === undefined || Object.hasOwn(parent, known)) continue
    parent[known] = parent[name]
    delete parent[name]
    const isRequired = errors.some(
      (it) => it.instancePath === instancePath && it.params.missingProperty === known,
    )
    const message = `property names are case-sensitive: read as ${quote(known)}`
    const advice = isRequired ? ({ key: true, tolerated: true } as const) : ({ key: true } as const)
    problems.push(warning([...path, name], message, advice))
  }
  return problems.length > before
}

/** A finding, in words that callers look for where there are such. */
function explainFinding(finding: Finding, value: unknown, exact: readonly LargeInteger[]): Problem {
  const digits = exact.find(({ pointer }) => pointer === finding.instancePath)?.digits
  const problem = describeKeyword(finding, value, digits)
  const [top, name, part] = keysOf(problem.pointer)
  if (top !== 'linux' || name !== 'memoryPolicy' || problem.severity === 'warning') return problem
  const missing = finding.params.missingProperty
  const message = `${invalidMemoryPolicy(part ?? missing)}: ${problem.message}`
  return { ...problem, message }
}

function describeKeyword(finding: Finding, value: unknown, digits: string | undefined): Problem {
  const path = keysOf(finding.instancePath)
  const { params } = finding
  const found = digits === undefined ? valueAt(value, path) : BigInt(digits)
  const range = exactRange(finding.instancePath)
  switch (finding.keyword) {
    case 'required':
      return error(path, `missing property ${quote(params.missingProperty)}`, {
        hint: `add it: ${describeType(schemaOf([...path, String(params.missingProperty)])?.schema.type ?? 'value')}`,
      })
    case 'additionalProperties':
      return explainUnknown(path, String(params.additionalProperty))
    case 'type':
      return error(path, `found ${isPrivate(path) ? describeKind(found) : describeValue(found)}`, {
        expected: describeType(params.type),
      })
    case 'enum':
      return explainEnum(path, found, params.allowedValues as string[])
    case 'minimum':
      return error(path, `found ${quote(found)}`, {
        expected: `at least ${range?.least ?? params.limit}`,
      })
    case 'maximum':
      return error(path, `found ${quote(found)}`, {
        expected: `at most ${range?.most ?? params.limit}`,
      })
    case 'minLength':
      return error(path, 'the text is empty', { expected: 'at least one character' })
    case 'minItems':
      return error(path, 'the list is empty', { expected: 'at least one entry' })
    case 'pattern': {
      const expected = PATTERNS[String(params.pattern)] ?? `a text like ${params.pattern}`
      return error(path, `found ${quote(found)}`, { expected })
    }
    default:
      return error(path, `does not fit the schema (${finding.keyword})`)
  }
}

function explainUnknown(path: string[], name: string): Problem {
  const inner = [...path, name]
  const parent = schemaOf(path)?.schema
  const known = Object.keys((parent?.properties as Schema | undefined) ?? {})
  if (CLOSED.has(`/${path.join('/')}`)) {
    const expected = `one of ${known.join(', ')}`
    return error(inner, `unknown name ${quote(name)}`, {
      expected,
      ...meant(name, known),
      key: true,
    })
  }
  const message = `unknown property ${quote(name)} is ignored`
  return warning(inner, message, { ...(hintFor(name, known) ?? {}), key: true })
}

function hintFor(name: string, known: string[]): { hint: string } | undefined {
  const replaced = Object.hasOwn(REPLACED, name) ? REPLACED[name] : undefined
  if (replaced !== undefined) return { hint: replaced }
  const home = HOMES.find((pointer) => {
    const properties = schemaOf(keysOf(pointer))?.schema.properties
    return Object.hasOwn(properties as Schema, name)
  })
  const close = meant(name, known)
  if (close !== undefined || home === undefined) return close
  return { hint: `it belongs in ${home === '' ? 'the top object' : home}` }
}

function explainEnum(path: string[], found: unknown, allowed: string[]): Problem {
  if (typeof found !== 'string') {
    return error(path, `found ${describeValue(found)}`, { expected: 'a string' })
  }
  const words = allowed.filter((word) => word !== '')
  const expected = words.length > 10 ? undefined : `one of ${words.join(', ')}`
  // "Any value which cannot be mapped to a relevant kernel interface [...] MUST be logged as a
  // warning" (config.md "Linux Process").
  const report = path[0] === 'process' && path[1] === 'capabilities' ? warning : error
  return report(path, `unknown value ${quote(found)}`, {
    ...(expected === undefined ? {} : { expected }),
    ...meant(found, words),
  })
}

function meant(word: string, known: readonly string[]): { hint: string } | undefined {
  const close = similarWord(word, known)
  return close === undefined ? undefined : { hint: `did you mean ${quote(close)}?` }
}

function describeType(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map((name) => {
    return /^[aeiou]/.test(String(name)) ? `an ${name}` : `a ${name}`
  })
  return names.join(' or ')
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the string ${quote(value)}`
  if (typeof value === 'object') return describeKind(value)
  return `the ${typeof value === 'bigint' ? 'number' : typeof value} ${quote(value)}`
}

function describeKind(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object'
    ? 'an object'
    : `a ${typeof value === 'bigint' ? 'number' : typeof value}`
}

/** Arguments and environments may hold passwords. */
const isPrivate = (path: readonly string[]): boolean =>
  /^(process\/|hooks\/\w+\/\d+\/)(args|env)(\/|$)/.test(path.join('/'))

// The schema of what stands at a path; undefined where anything goes.
function schemaOf(path: readonly string[]): { schema: Schema; reference?: string } | undefined {
  let found = followed(schema())
  for (const key of path) {
    const { properties, items, additionalProperties: others } = found.schema
    const isKnown = isSchema(properties) && Object.hasOwn(properties, key)
    const next = isKnown ? properties[key] : isSchema(items) ? items : others
    if (!isSchema(next)) return undefined
    found = followed(next)
  }
  return found
}

function followed(part: Schema): { schema: Schema; reference?: string } {
  if (typeof part.$ref !== 'string') return { schema: part }
  const definitions = schema().definitions as { readonly [name: string]: Schema }
  const name = part.$ref.slice('#/definitions/'.length)
  return { schema: definitions[name] as Schema, reference: part.$ref }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
