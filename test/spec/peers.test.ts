// What peers take, though the specification spells it otherwise: read, and told.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listDeviceRules } from '../../src/plan/device-rules.ts'
import { parseConfig } from '../../src/spec/parse.ts'

const parse = (resources: string) =>
  parseConfig(
    `{"ociVersion":"1.3.0","root":{"path":"rootfs"},"linux":{"resources":${resources}}}`,
    'config.json',
  )

test('parseConfig() reads a property in another case, and tells how it is spelled', () => {
  const { config, problems } = parse('{"hugepageLimits":[{"pagesize":"2MB","limit":1}]}')
  assert.deepEqual(config.linux?.resources?.hugepageLimits, [{ pageSize: '2MB', limit: 1 }])
  assert.deepEqual(
    problems.map(({ severity, pointer }) => [severity, pointer]),
    [['warning', '/linux/resources/hugepageLimits/0/pagesize']],
  )
})

test('parseConfig() keeps the property of the right case where both are there', () => {
  const { config } = parse('{"pids":{"limit":5,"LIMIT":6}}')
  assert.equal(config.linux?.resources?.pids?.limit, 5)
})

test('parseConfig() takes the letter a in the access of a device rule, which then means nothing', () => {
  const { config, problems } = parse(
    '{"devices":[{"allow":true,"type":"c","major":1,"minor":11,"access":"rwa"}]}',
  )
  assert.deepEqual(
    problems.map(({ severity }) => severity),
    ['warning'],
  )
  const rule = { allow: true, type: 'c', major: 1, minor: 11, access: 'rw' }
  assert.deepEqual(listDeviceRules(config)[1], rule)
  assert.equal(parse('{"devices":[{"allow":true,"access":"a"}]}').problems[0]?.severity, 'error')
})
