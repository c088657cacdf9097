// The class of resctrl that a config asks for, as steps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planJoinResctrl, planRemoveResctrl, planResctrl } from '../../src/plan/intel-rdt.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config, IntelRdt } from '../../src/spec/config.ts'
import { rootHost, smallConfig } from './facts.ts'

const host = { ...rootHost, resctrl: '/sys/fs/resctrl' }
const withRdt = (intelRdt: IntelRdt): Config => ({
  ...smallConfig,
  linux: { ...smallConfig.linux, intelRdt },
})

const cases: [why: string, rdt: IntelRdt, make: string[], join: string[], remove: string[]][] = [
  [
    'a class named by the id, which goes with the container',
    { memBwSchema: 'MB:0=20', l3CacheSchema: 'L3:0=f', schemata: ['L2:0=1'] },
    ['make group /sys/fs/resctrl/<id> with L3:0=f MB:0=20 L2:0=1'],
    ['join /sys/fs/resctrl/<id>'],
    ['rmdir /sys/fs/resctrl/<id> if we made it'],
  ],
  [
    'a class of a name, which stays',
    { closID: 'gold', l3CacheSchema: 'L3:0=f' },
    ['make group /sys/fs/resctrl/gold with L3:0=f'],
    ['join /sys/fs/resctrl/gold'],
    [],
  ],
  [
    'the default class',
    { closID: '/' },
    ['make group /sys/fs/resctrl'],
    ['join /sys/fs/resctrl'],
    [],
  ],
  [
    'a group that counts, which goes with the container',
    { closID: 'gold', enableMonitoring: true },
    ['make group /sys/fs/resctrl/gold', 'make group /sys/fs/resctrl/gold/mon_groups/<id>'],
    ['join /sys/fs/resctrl/gold', 'join /sys/fs/resctrl/gold/mon_groups/<id>'],
    ['rmdir /sys/fs/resctrl/gold/mon_groups/<id> if we made it'],
  ],
]
for (const [why, rdt, make, join, remove] of cases) {
  test(`planResctrl() plans ${why}`, () => {
    const words = (plan: typeof planResctrl) =>
      plan(withRdt(rdt), host).map((step) => describeStep(step))
    assert.deepEqual(words(planResctrl), make)
    assert.deepEqual(words(planJoinResctrl), join)
    assert.deepEqual(words(planRemoveResctrl), remove)
  })
}

test('planResctrl() plans nothing for a config without intelRdt', () => {
  assert.deepEqual(planResctrl(smallConfig, host), [])
})

test('planResctrl() refuses a host that has not mounted it', () => {
  assert.throws(() => planResctrl(withRdt({}), rootHost), { code: 'NOT_SUPPORTED' })
})
