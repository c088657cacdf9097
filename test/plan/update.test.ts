// Which values an update writes, and what it leaves in the stored configuration.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIdle } from '../../src/plan/cpu-idle.ts'
import { mergeResources, planUpdate } from '../../src/plan/update.ts'
import type { Resources } from '../../src/spec/config.ts'
import { rootHost, withLayout } from './facts.ts'

const v1 = ['cpu,cpuacct', 'memory', 'pids'].map((name) => `/sys/fs/cgroup/${name}/box`)
const v2 = ['/sys/fs/cgroup/box']

const cases: [why: string, change: Resources, before: Resources, v1: string[], v2: string[]][] = [
  [
    'swap alone beside the limit that there was',
    { memory: { swap: 3000 } },
    { memory: { limit: 2000 } },
    ['memory.limit_in_bytes=2000', 'memory.memsw.limit_in_bytes=3000'],
    ['memory.swap.max=1000', 'memory.max=2000'],
  ],
  [
    'a limit alone beside the swap that there was',
    { memory: { limit: 1000 } },
    { memory: { limit: 2000, swap: 3000 } },
    ['memory.limit_in_bytes=1000', 'memory.memsw.limit_in_bytes=3000'],
    ['memory.swap.max=2000', 'memory.max=1000'],
  ],
  [
    'no limits of a limit of -1, whatever swap was',
    { memory: { limit: -1 } },
    { memory: { limit: 2000, swap: 3000 } },
    ['memory.limit_in_bytes=-1', 'memory.memsw.limit_in_bytes=-1'],
    ['memory.swap.max=max', 'memory.max=max'],
  ],
  [
    'a quota in the period that there was',
    { cpu: { quota: 5000 } },
    { cpu: { period: 20000, quota: 10000, shares: 512 } },
    ['cpu.cfs_period_us=20000', 'cpu.cfs_quota_us=5000'],
    ['cpu.max=5000 20000'],
  ],
  ['nothing of zeros', { memory: { limit: 0 }, cpu: { quota: 0 } }, {}, [], []],
]
for (const [why, change, before, onV1, onV2] of cases) {
  test(`planUpdate() plans ${why}`, () => {
    const plan = (layout: 'v1' | 'v2', dirs: string[]) =>
      planUpdate(change, before, withLayout(layout), dirs).map(
        ({ file, value }) => `${file}=${value}`,
      )
    assert.deepEqual(plan('v1', v1), onV1)
    assert.deepEqual(plan('v2', v2), onV2)
  })
}

const idleByFile: Resources = { unified: { 'cpu.idle': '1' } }
const idleEnds: [why: string, change: Resources, before: Resources, writes: string[]][] = [
  ['shares end it', { cpu: { shares: 2 } }, { cpu: { idle: 1 } }, ['cpu.idle=0', 'cpu.weight=1']],
  [
    'shares end what unified has',
    { cpu: { shares: 2 } },
    idleByFile,
    ['cpu.idle=0', 'cpu.weight=1'],
  ],
  [
    'a weight of unified ends it',
    { unified: { 'cpu.weight': '8' } },
    { cpu: { idle: 1 } },
    ['cpu.idle=0', 'cpu.weight=8'],
  ],
  ['no weight beside it', { unified: { 'cpu.weight': '8', 'cpu.idle': '1' } }, {}, ['cpu.idle=1']],
]
for (const [why, change, before, writes] of idleEnds) {
  test(`planUpdate() of what is idle: ${why}`, () => {
    const plan = planUpdate(change, before, withLayout('v2'), v2)
    assert.deepEqual(
      plan.map(({ file, value }) => `${file}=${value}`),
      writes,
    )
    const after = mergeResources(before, change)
    assert.equal(isIdle(after), writes[0] === 'cpu.idle=1')
  })
}

test('planUpdate() takes the device rules of create, and refuses others', () => {
  const before: Resources = { devices: [{ allow: false, access: 'rwm' }] }
  const same: Resources = { devices: [{ allow: false, type: 'a', access: 'rwm' }] }
  assert.deepEqual(planUpdate(same, before, rootHost, v2), [])
  const other: Resources = { devices: [{ allow: true, access: 'rwm' }] }
  assert.throws(() => planUpdate(other, before, rootHost, v2), { code: 'NOT_SUPPORTED' })
})

test('planUpdate() refuses a value whose controller the container has not', () => {
  const resources: Resources = { hugepageLimits: [{ pageSize: '2MB', limit: 0 }] }
  assert.throws(() => planUpdate(resources, {}, withLayout('v1'), v1), { code: 'NOT_SUPPORTED' })
})

test('mergeResources() replaces what is named, device by device', () => {
  const device = { major: 8, minor: 0 }
  const before: Resources = {
    memory: { limit: 1, swap: 2 },
    cpu: { idle: 1, shares: 3 },
    blockIO: { throttleReadBpsDevice: [{ ...device, rate: 1 }] },
    devices: [{ allow: false, access: 'rwm' }],
    pids: { limit: 7 },
  }
  const change: Resources = {
    memory: { limit: 5, swap: 0 },
    cpu: { idle: 0, shares: 0 },
    blockIO: {
      throttleReadBpsDevice: [
        { ...device, rate: 9 },
        { major: 8, minor: 16, rate: 4 },
      ],
    },
    pids: { limit: 0 },
    devices: [],
  }
  assert.deepEqual(mergeResources(before, change), {
    memory: { limit: 5, swap: 2 },
    cpu: { idle: 0, shares: 3 },
    blockIO: {
      throttleReadBpsDevice: [
        { ...device, rate: 9 },
        { major: 8, minor: 16, rate: 4 },
      ],
    },
    pids: { limit: 7 },
    devices: before.devices,
  })
})
