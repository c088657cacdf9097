import assert from 'node:assert/strict'
import { test } from 'node:test'
import { features } from '../../src/cli/features.ts'
import { validate } from '../../src/spec/generated/validate-features.js'

test('features() is what the schema of the specification asks for', () => {
  assert.equal(validate(features()), true, JSON.stringify(validate.errors))
})

test('features() tells what engines look for', () => {
  const { linux, hooks, mountOptions } = features()
  assert.equal(linux.namespaces.length, 8)
  assert.equal(linux.capabilities.length, 41)
  assert.equal(hooks.length, 6)
  assert.equal(typeof linux.mountExtensions.idmap.enabled, 'boolean')
  assert.equal(new Set(mountOptions).size, mountOptions.length)
  for (const word of ['bind', 'ro', 'rro', 'rprivate']) assert.ok(mountOptions.includes(word), word)
})
