// The schemas themselves, what is generated from them, and the tables that say the same.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { generateSpec } from '../../scripts/generate-spec.ts'
import { CAPABILITIES } from '../../src/linux/capabilities.ts'
import { RLIMITS } from '../../src/linux/rlimits.ts'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { PATTERNS } from '../../src/spec/findings.ts'
import { validate as validateFeatures } from '../../src/spec/generated/validate-features.js'
import { validate as validateState } from '../../src/spec/generated/validate-state.js'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const names = ['config', 'state', 'features']

for (const name of names) {
  const schema = JSON.parse(read(`schemas/${name}.schema.json`))
  test(`schemas/${name}.schema.json compiles in strict mode`, () => {
    const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true })
    assert.equal(typeof ajv.compile(schema), 'function')
  })
  test(`schemas/${name}.schema.json tells an editor what it is`, () => {
    assert.equal(schema.$id, `urn:tsoci:schema:${name}`)
    assert.ok(schema.title && schema.description)
  })
  test(`schemas/${name}.schema.json uses each of its definitions`, () => {
    const text = JSON.stringify(schema)
    for (const definition of Object.keys(schema.definitions)) {
      assert.ok(text.includes(`"#/definitions/${definition}"`), definition)
    }
  })
}

const config = JSON.parse(read('schemas/config.schema.json'))

test('the schema of config.json tolerates unknown properties, as the specification asks', () => {
  const validate = new Ajv({ strict: true, strictRequired: false }).compile(config)
  assert.equal(validate({ ...defaultConfig(), other: 1, process: { cwd: '/', other: 1 } }), true)
})

test('the schema and the table name the same capabilities', () => {
  assert.deepEqual(
    config.definitions.CapabilityName.enum.toSorted(),
    Object.keys(CAPABILITIES).sort(),
  )
})

test('the schema and the table name the same resource limits', () => {
  assert.deepEqual(config.definitions.RlimitName.enum.toSorted(), Object.keys(RLIMITS).sort())
})

test('each pattern of the schema has words for people', () => {
  const patterns = new Set<string>()
  JSON.stringify(config, (key, value) => {
    if (key === 'pattern') patterns.add(value)
    return value
  })
  assert.deepEqual([...patterns].sort(), Object.keys(PATTERNS).sort())
})

test('generateSpec() makes what is committed', async () => {
  for (const [path, content] of await generateSpec()) assert.equal(read(path), content, path)
})

test('generateSpec() makes validators that import nothing', async () => {
  for (const [path, content] of await generateSpec()) {
    if (path.endsWith('.js')) assert.doesNotMatch(content, /\brequire\(|^import /m, path)
  }
})

const states: [why: string, state: unknown, isGood: boolean][] = [
  ['creating without a pid', { status: 'creating' }, true],
  ['running with a pid', { status: 'running', pid: 1 }, true],
  ['running without a pid', { status: 'running' }, false],
  ['an unknown status', { status: 'sleeping' }, false],
  ['annotations that are no text', { status: 'stopped', annotations: { a: 1 } }, false],
]
for (const [why, state, isGood] of states) {
  test(`the validator of states ${isGood ? 'accepts' : 'refuses'} ${why}`, () => {
    const rest = { ociVersion: '1.3.0', id: 'a', bundle: '/b' }
    assert.equal(validateState({ ...rest, ...(state as object) }), isGood)
  })
}

test('the validator of features accepts null and absent, and no other type', () => {
  const rest = { ociVersionMin: '1.0.0', ociVersionMax: '1.3.0' }
  assert.equal(validateFeatures({ ...rest, hooks: null, linux: { seccomp: null } }), true)
  assert.equal(validateFeatures({ ...rest, linux: { cgroup: { v1: 'yes' } } }), false)
  assert.equal(validateFeatures({ ociVersionMin: '1.0.0' }), false)
})
