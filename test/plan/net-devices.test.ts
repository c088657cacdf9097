import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planNetDevices, planNetDevicesBack } from '../../src/plan/net-devices.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config, NamespaceType } from '../../src/spec/config.ts'
import { rootHost, smallConfig, userHost } from './facts.ts'

const withDevices = (...types: NamespaceType[]): Config => ({
  ...smallConfig,
  linux: {
    namespaces: types.map((type) => ({ type })),
    netDevices: { eth0: { name: 'net0' }, eth1: {} },
  },
})

test('planNetDevices() moves each device, in the order of the config', () => {
  assert.deepEqual(
    planNetDevices(withDevices('network'), rootHost).map((step) => describeStep(step)),
    [
      'move network device eth0 into the container as net0',
      'move network device eth1 into the container as eth1',
    ],
  )
})

test('planNetDevices() refuses without a network namespace, and without privilege', () => {
  assert.throws(() => planNetDevices(withDevices(), rootHost), { code: 'BAD_CONFIG' })
  assert.throws(() => planNetDevices(withDevices('network'), userHost), { code: 'NOT_SUPPORTED' })
})

test('planNetDevicesBack() has a step only where devices are moved', () => {
  assert.equal(planNetDevicesBack(withDevices('network')).length, 1)
  assert.equal(planNetDevicesBack(smallConfig).length, 0)
})
