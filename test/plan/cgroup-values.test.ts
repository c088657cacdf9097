// Both versions' values from the same resources: files, values, order.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planV1Values } from '../../src/plan/cgroup-v1.ts'
import { cpuWeight, planV2Values } from '../../src/plan/cgroup-v2.ts'
import type { CgroupValue } from '../../src/plan/cgroup-value.ts'
import type { Config } from '../../src/spec/config.ts'
import { withResources } from './facts.ts'

type Resources = NonNullable<NonNullable<Config['linux']>['resources']>

const weights: [shares: number, weight: number][] = [
  [0, 1],
  [1, 1],
  [2, 1],
  [1024, 100],
  [262144, 10000],
  [262145, 10000],
]
for (const [shares, weight] of weights) {
  test(`cpuWeight() makes ${weight} of ${shares}`, () => {
    assert.equal(cpuWeight(shares), weight)
  })
}

test('cpuWeight() grows with the shares, from 1 to 10000', () => {
  let before = 1
  for (let shares = 2; shares <= 262144; shares += 7) {
    const weight = cpuWeight(shares)
    assert.ok(weight >= before && weight <= 10000, `${shares}: ${weight}`)
    before = weight
  }
})

function describe({ file, value, otherwise, optional }: CgroupValue): string {
  const other = otherwise === undefined ? '' : ` or ${otherwise.file}=${otherwise.value}`
  return `${file}=${value}${other}${optional === true ? ' if there' : ''}`
}

const device = { major: 8, minor: 0 }
const cases: [why: string, resources: Resources, v1: string[], v2: string[]][] = [
  ['nothing of nothing', {}, [], []],
  [
    'the memory limit before swap',
    { memory: { swap: 3000, limit: 2000, reservation: 1000 } },
    [
      'memory.limit_in_bytes=2000',
      'memory.memsw.limit_in_bytes=3000',
      'memory.soft_limit_in_bytes=1000',
    ],
    ['memory.swap.max=1000', 'memory.max=2000', 'memory.low=1000'],
  ],
  [
    'no memory limit of -1',
    { memory: { limit: -1, swap: -1 } },
    ['memory.limit_in_bytes=-1', 'memory.memsw.limit_in_bytes=-1'],
    ['memory.swap.max=max if there', 'memory.max=max'],
  ],
  [
    'no swap limit either of a memory limit of -1 alone',
    { memory: { limit: -1 } },
    ['memory.limit_in_bytes=-1', 'memory.memsw.limit_in_bytes=-1 if there'],
    ['memory.swap.max=max if there', 'memory.max=max'],
  ],
  [
    'swap as it is beside unlimited memory',
    { memory: { limit: -1, swap: 4096 } },
    ['memory.limit_in_bytes=-1', 'memory.memsw.limit_in_bytes=4096'],
    ['memory.swap.max=4096', 'memory.max=max'],
  ],
  [
    'no swap of swap that is the limit',
    { memory: { limit: 4096, swap: 4096 } },
    ['memory.limit_in_bytes=4096', 'memory.memsw.limit_in_bytes=4096'],
    ['memory.swap.max=0 if there', 'memory.max=4096'],
  ],
  ['nothing of zero', { memory: { limit: 0 }, cpu: { shares: 0, quota: 0, cpus: '' } }, [], []],
  [
    'the period before the quota',
    { cpu: { quota: 50000, period: 200000, burst: 1000 } },
    ['cpu.cfs_period_us=200000', 'cpu.cfs_quota_us=50000', 'cpu.cfs_burst_us=1000'],
    ['cpu.max=50000 200000', 'cpu.max.burst=1000'],
  ],
  [
    'a quota alone',
    { cpu: { quota: 50000 } },
    ['cpu.cfs_quota_us=50000'],
    ['cpu.max=50000 100000'],
  ],
  ['no quota of -1', { cpu: { quota: -1 } }, ['cpu.cfs_quota_us=-1'], ['cpu.max=max 100000']],
  ['a period alone', { cpu: { period: 5000 } }, ['cpu.cfs_period_us=5000'], ['cpu.max=max 5000']],
  ['shares', { cpu: { shares: 1024 } }, ['cpu.shares=1024'], ['cpu.weight=100']],
  [
    'idle without a weight on v2',
    { cpu: { shares: 1024, idle: 1 } },
    ['cpu.shares=1024', 'cpu.idle=1'],
    ['cpu.idle=1'],
  ],
  [
    'no burst and no idle where there are any',
    { cpu: { burst: 0, idle: 0 } },
    ['cpu.cfs_burst_us=0 if there', 'cpu.idle=0 if there'],
    ['cpu.max.burst=0 if there', 'cpu.idle=0 if there'],
  ],
  [
    'the cpuset',
    { cpu: { cpus: '0-1', mems: '0' } },
    ['cpuset.cpus=0-1', 'cpuset.mems=0'],
    ['cpuset.cpus=0-1', 'cpuset.mems=0'],
  ],
  ['pids', { pids: { limit: 20 } }, ['pids.max=20'], ['pids.max=20']],
  ['no pids limit of 0', { pids: { limit: 0 } }, [], []],
  ['no pids limit of -1', { pids: { limit: -1 } }, ['pids.max=max'], ['pids.max=max']],
  [
    'block weights',
    { blockIO: { weight: 10, weightDevice: [{ ...device, weight: 1000 }] } },
    [
      'blkio.weight=10 or blkio.bfq.weight=10',
      'blkio.weight_device=8:0 1000 or blkio.bfq.weight_device=8:0 1000',
    ],
    ['io.bfq.weight=10 or io.weight=default 1', 'io.bfq.weight=8:0 1000 or io.weight=8:0 10000'],
  ],
  [
    'block throttles',
    {
      blockIO: {
        throttleReadBpsDevice: [{ ...device, rate: 1 }],
        throttleWriteIOPSDevice: [{ ...device, rate: 2 }],
      },
    },
    ['blkio.throttle.read_bps_device=8:0 1', 'blkio.throttle.write_iops_device=8:0 2'],
    ['io.max=8:0 rbps=1', 'io.max=8:0 wiops=2'],
  ],
  [
    'huge pages and rdma',
    {
      hugepageLimits: [{ pageSize: '2MB', limit: 4096 }],
      rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 4 } },
    },
    [
      'hugetlb.2MB.limit_in_bytes=4096',
      'hugetlb.2MB.rsvd.limit_in_bytes=4096 if there',
      'rdma.max=mlx5_1 hca_handle=3 hca_object=4',
    ],
    [
      'hugetlb.2MB.max=4096',
      'hugetlb.2MB.rsvd.max=4096 if there',
      'rdma.max=mlx5_1 hca_handle=3 hca_object=4',
    ],
  ],
]
for (const [why, resources, v1, v2] of cases) {
  const config = withResources(resources)
  test(`planV1Values() plans ${why}`, () => {
    assert.deepEqual(planV1Values(config).map(describe), v1)
  })
  test(`planV2Values() plans ${why}`, () => {
    assert.deepEqual(planV2Values(config).map(describe), v2)
  })
}

test('planV2Values() writes unified last, a line at a time', () => {
  const unified = { 'io.max': '8:0 rbps=1\n8:16 rbps=2\n', 'pids.max': '7' }
  const values = planV2Values(withResources({ pids: { limit: 5 }, unified }))
  assert.deepEqual(
    values.map(({ controller, file, value }) => `${controller} ${file}=${value}`),
    ['pids pids.max=5', 'io io.max=8:0 rbps=1', 'io io.max=8:16 rbps=2', 'pids pids.max=7'],
  )
})

const contradictions: [why: string, resources: Resources][] = [
  ['swap without a limit', { memory: { swap: 1000 } }],
  ['swap below the limit', { memory: { swap: 1000, limit: 2000 } }],
]
for (const [why, resources] of contradictions) {
  test(`planV2Values() refuses ${why}`, () => {
    assert.throws(() => planV2Values(withResources(resources)), { code: 'BAD_CONFIG' })
  })
}

test('planV1Values() refuses swap below the limit, and shares that the kernel would change', () => {
  const wrong: Resources[] = [
    { memory: { swap: 1000, limit: 2000 } },
    { cpu: { shares: 1 } },
    { cpu: { shares: 262145 } },
  ]
  for (const resources of wrong) {
    assert.throws(() => planV1Values(withResources(resources)), { code: 'BAD_CONFIG' })
  }
})

test('planV2Values() refuses a unified key that is no CONTROLLER.PARAMETER', () => {
  assert.throws(() => planV2Values(withResources({ unified: { high: '1' } })), {
    code: 'BAD_CONFIG',
  })
})

const annotated = (value: string): Config => ({
  ...withResources({}),
  annotations: { 'org.tsoci.memory.high': value, 'org.tsoci.memory.min': '' },
})

test('planV2Values() writes what the annotations ask for; v1 has no such limit', () => {
  assert.deepEqual(planV2Values(annotated('1048576')).map(describe), ['memory.high=1048576'])
  assert.deepEqual(planV2Values(annotated('max')).map(describe), ['memory.high=max'])
  assert.deepEqual(planV1Values(annotated('')), [])
  assert.throws(() => planV1Values(annotated('1')), { code: 'NOT_SUPPORTED' })
})

test('planV2Values() keeps limits beyond 2^53', () => {
  const memory = { limit: 9223372036854771712n as never }
  assert.equal(planV2Values(withResources({ memory }))[0]!.value, '9223372036854771712')
})
