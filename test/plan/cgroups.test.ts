import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import { findFreezer, freezerFile, listCgroups, planCgroups } from '../../src/plan/cgroups.ts'
import type { PlanOptions } from '../../src/plan/options.ts'
import { describeStep } from '../../src/plan/print.ts'
import { describeText } from '../../src/plan/text.ts'
import type { Config } from '../../src/spec/config.ts'
import {
  createOptions,
  layouts,
  rootHost,
  smallConfig,
  userHost,
  v1Hierarchy,
  withLayout,
  withResources,
} from './facts.ts'

const withPath = (cgroupsPath: string | undefined): Config => ({
  ...smallConfig,
  linux: { ...smallConfig.linux, ...(cgroupsPath === undefined ? {} : { cgroupsPath }) },
})

/** The first and the last directory of a container. */
function dirsOf(config: Config, host: HostFacts, options: PlanOptions = createOptions): string[] {
  return listCgroups(config, host, options).map(({ dir }) => describeText(dir))
}

const nestedV2: HostFacts = {
  ...rootHost,
  cgroups: {
    ...layouts.v2,
    v2: { ...layouts.v2.v2!, root: '/docker/abc', own: '/docker/abc', ownDir: '/sys/fs/cgroup' },
  },
}
const outsideV2: HostFacts = {
  ...rootHost,
  cgroups: { ...layouts.v2, v2: { ...layouts.v2.v2!, own: '/../other', ownDir: '/sys/fs/cgroup' } },
}

const pathsV2: [path: string | undefined, host: HostFacts, dir: string][] = [
  [undefined, rootHost, '/sys/fs/cgroup<own-cgroup-parent>/<id>'],
  ['', rootHost, '/sys/fs/cgroup<own-cgroup-parent>/<id>'],
  ['/a/b', rootHost, '/sys/fs/cgroup/a/b'],
  ['/a//b/../c/', rootHost, '/sys/fs/cgroup/a/c'],
  ['/../../etc', rootHost, '/sys/fs/cgroup/etc'],
  ['a/b', rootHost, '/sys/fs/cgroup<own-cgroup-parent>/a/b'],
  ['../../etc', rootHost, '/sys/fs/cgroup<own-cgroup-parent>/etc'],
  ['/a/b', nestedV2, '/sys/fs/cgroup/a/b'],
  ['a/b', nestedV2, '/sys/fs/cgroup/a/b'],
  [undefined, nestedV2, '/sys/fs/cgroup/<id>'],
  [undefined, outsideV2, '/sys/fs/cgroup/<id>'],
]
for (const [path, host, dir] of pathsV2) {
  const own = host === rootHost ? '' : ' where the mount shows a part'
  test(`listCgroups() puts cgroupsPath ${JSON.stringify(path)} at ${dir} on v2${own}`, () => {
    assert.deepEqual(dirsOf(withPath(path), host), [dir])
  })
}

for (const path of ['/', '//', '/..', '/a/..', '/./']) {
  test(`listCgroups() refuses the root cgroup as cgroupsPath ${path}`, () => {
    assert.throws(() => dirsOf(withPath(path), rootHost), { code: 'BAD_CONFIG' })
  })
}

const pathsV1: [path: string | undefined, first: string, last: string][] = [
  [
    undefined,
    '/sys/fs/cgroup/cpu,cpuacct<own-cgroup-0>/<id>',
    '/sys/fs/cgroup/systemd<own-cgroup-6>/<id>',
  ],
  ['/a', '/sys/fs/cgroup/cpu,cpuacct/a', '/sys/fs/cgroup/systemd/a'],
  ['a', '/sys/fs/cgroup/cpu,cpuacct<own-cgroup-0>/a', '/sys/fs/cgroup/systemd<own-cgroup-6>/a'],
]
for (const layout of ['v1', 'hybrid'] as const) {
  for (const [path, first, last] of pathsV1) {
    test(`listCgroups() puts cgroupsPath ${JSON.stringify(path)} into each ${layout} hierarchy`, () => {
      const dirs = dirsOf(withPath(path), withLayout(layout))
      assert.equal(dirs[0], first)
      assert.ok(dirs.includes(last))
      assert.ok(dirs.length >= 7)
    })
  }
}

test('listCgroups() has none when they are disabled, or when the host has none', () => {
  assert.deepEqual(
    dirsOf(smallConfig, rootHost, { ...createOptions, cgroupManager: 'disabled' }),
    [],
  )
  assert.deepEqual(dirsOf(smallConfig, withLayout('none')), [])
})

/** Steps in words; the device rules apart, which come last and are many. */
function prepare(config: Config, host: HostFacts): string[] {
  const steps = planCgroups(config, host, listCgroups(config, host, createOptions))
  return steps
    .filter(({ at }) => at !== '/linux/resources/devices')
    .map((step) => describeStep(step))
}

test('planCgroups() makes the directory, enables controllers, then writes on v2', () => {
  assert.deepEqual(prepare(withResources({ pids: { limit: 5 } }), rootHost), [
    'mkdir /sys/fs/cgroup<own-cgroup-parent>/<id>',
    'enable +cpuset +cpu +io +memory +pids +rdma down to /sys/fs/cgroup<own-cgroup-parent>/<id>',
    'write "5" to /sys/fs/cgroup<own-cgroup-parent>/<id>/pids.max',
  ])
})

test('planCgroups() writes where the controller is on v1', () => {
  const steps = prepare(
    withResources({ pids: { limit: 5 }, cpu: { shares: 512 } }),
    withLayout('v1'),
  )
  assert.deepEqual(
    steps.filter((step) => step.startsWith('write')),
    [
      'write "512" to /sys/fs/cgroup/cpu,cpuacct<own-cgroup-0>/<id>/cpu.shares',
      'write "5" to /sys/fs/cgroup/pids<own-cgroup-5>/<id>/pids.max',
    ],
  )
})

const refusals: [why: string, config: Config, host: HostFacts][] = [
  ['a limit without cgroups', withResources({ memory: { limit: 1 << 26 } }), withLayout('none')],
  [
    'a value whose controller is missing',
    withResources({ network: { classID: 1 } }),
    withLayout('v1'),
  ],
  ['unified on v1', withResources({ unified: { 'memory.high': '1' } }), withLayout('v1')],
  ['network.classID on v2', withResources({ network: { classID: 1 } }), rootHost],
  ['realtime on v2', withResources({ cpu: { realtimeRuntime: 1000 } }), rootHost],
]
for (const [why, config, host] of refusals) {
  test(`planCgroups() refuses ${why}`, () => {
    assert.throws(() => prepare(config, host), { code: 'NOT_SUPPORTED' })
  })
}

test('planCgroups() takes limits that say unset without cgroups', () => {
  const unset = withResources({ memory: { limit: 0 }, cpu: { cpus: '' }, devices: [] })
  assert.deepEqual(prepare(unset, withLayout('none')), [])
})

test('planCgroups() leaves device rules out for an ordinary user', () => {
  const host = { ...userHost, cgroups: layouts.v2 }
  const steps = planCgroups(smallConfig, host, listCgroups(smallConfig, host, createOptions))
  assert.ok(steps.every(({ op }) => op !== 'cgroup-devices'))
})

test('planCgroups() attaches one device program on v2 and a list on v1', () => {
  const ops = (host: HostFacts) =>
    planCgroups(smallConfig, host, listCgroups(smallConfig, host, createOptions))
      .filter(({ at }) => at === '/linux/resources/devices')
      .map((step) => (step.op === 'cgroup-write' ? `${step.file} ${step.value}` : step.op))
  assert.deepEqual(ops(rootHost), ['cgroup-devices'])
  assert.deepEqual(ops(withLayout('v1')).slice(0, 3), [
    'devices.deny a',
    'devices.allow c *:* m',
    'devices.allow b *:* m',
  ])
})

const freezers: [HostFacts['cgroups']['layout'], string][] = [
  ['v1', '/sys/fs/cgroup/freezer<own-cgroup-4>/<id>/freezer.state'],
  ['v2', '/sys/fs/cgroup<own-cgroup-parent>/<id>/cgroup.freeze'],
  ['none', ''],
]
for (const [layout, file] of freezers) {
  test(`freezerFile() is ${file === '' ? 'empty' : file} on ${layout}`, () => {
    const cgroups = listCgroups(smallConfig, withLayout(layout), createOptions)
    assert.equal(describeText(freezerFile(cgroups)), file)
  })
}

test('findFreezer() finds none where no hierarchy has one', () => {
  const host = { ...rootHost, cgroups: { ...layouts.v1, v1: [v1Hierarchy('pids', 0)] } }
  assert.equal(findFreezer(listCgroups(smallConfig, host, createOptions)), undefined)
})

const withDevices = (...devices: object[]) => withResources({ devices: devices as never })
const allowAll = withDevices({ allow: true, access: 'rwm' })
const withoutDevices = (layout: 'v1' | 'hybrid'): HostFacts => {
  const v1 = layouts[layout].v1.filter(({ controllers }) => !controllers.includes('devices'))
  return { ...rootHost, cgroups: { ...layouts[layout], v1 } }
}
const planDevices = (config: Config, host: HostFacts, manager: 'cgroupfs' | 'disabled') => {
  const cgroups = listCgroups(config, host, { ...createOptions, cgroupManager: manager })
  return planCgroups(config, host, cgroups).filter(({ at }) => at === '/linux/resources/devices')
}
const uncontrolled = {
  code: 'NOT_SUPPORTED',
  at: '/linux/resources/devices',
}

test('planCgroups() refuses where nothing would keep the device rules', () => {
  const host = withoutDevices('v1')
  assert.throws(() => planDevices(smallConfig, host, 'cgroupfs'), uncontrolled)
  const allowOne = withDevices({ allow: true, type: 'c', major: 10, minor: 200, access: 'rw' })
  assert.throws(() => planDevices(allowOne, host, 'cgroupfs'), uncontrolled)
  assert.throws(() => planDevices(allowOne, rootHost, 'disabled'), uncontrolled)
})

test('planCgroups() lets everything be used where all is allowed, or control is given up', () => {
  assert.deepEqual(planDevices(allowAll, withoutDevices('v1'), 'cgroupfs'), [])
  assert.deepEqual(planDevices(allowAll, rootHost, 'disabled'), [])
  // What every engine sends, podman with --cgroups=disabled, too.
  const denial = withDevices({ allow: false, access: 'rwm' })
  assert.deepEqual(planDevices(denial, rootHost, 'disabled'), [])
})

test('planCgroups() gives the device program to v2 where v1 has no devices hierarchy', () => {
  const steps = planDevices(smallConfig, withoutDevices('hybrid'), 'cgroupfs')
  assert.deepEqual(
    steps.map(({ op }) => op),
    ['cgroup-devices'],
  )
  assert.match(describeStep(steps[0]!), /unified/)
})

interface Owner {
  readonly why: string
  readonly options: string[]
  readonly types: string[]
  readonly steps: string[]
  readonly uid?: number
  readonly destination?: string
}
const owners: Owner[] = [
  {
    why: 'mounts it writable',
    options: ['rw'],
    types: ['user', 'cgroup'],
    steps: ['give /sys/fs/cgroup/box to user 100007'],
  },
  {
    why: 'mounts it writable, by another spelling',
    options: ['rw'],
    types: ['user', 'cgroup'],
    steps: ['give /sys/fs/cgroup/box to user 100007'],
    destination: '/sys/fs/cgroup/',
  },
  { why: 'mounts it read-only', options: ['ro'], types: ['user', 'cgroup'], steps: [] },
  {
    why: 'mounts it elsewhere',
    options: ['rw'],
    types: ['user', 'cgroup'],
    steps: [],
    destination: '/cgroups',
  },
  { why: 'has no cgroup namespace', options: ['rw'], types: ['user'], steps: [] },
  {
    why: 'has a user of the host',
    options: ['rw'],
    types: ['cgroup'],
    steps: ['give /sys/fs/cgroup/box to user 7'],
  },
  { why: 'has root of the host', options: ['rw'], types: ['cgroup'], steps: [], uid: 0 },
  {
    why: 'has a user without a mapping',
    options: ['rw'],
    types: ['user', 'cgroup'],
    steps: [],
    uid: 11,
  },
]
for (const { why, options, types, steps, uid = 7, destination = '/sys/fs/cgroup' } of owners) {
  test(`planCgroups() gives the cgroup to a container, or not, that ${why}`, () => {
    const config: Config = {
      ...smallConfig,
      process: { ...smallConfig.process!, user: { uid, gid: 7 } },
      mounts: [{ destination, type: 'cgroup', options }],
      linux: {
        cgroupsPath: '/box',
        uidMappings: [{ containerID: 0, hostID: 100000, size: 10 }],
        namespaces: types.map((type) => ({ type: type as 'user' })),
      },
    }
    const host = withLayout('v2')
    const planned = planCgroups(config, host, listCgroups(config, host, createOptions))
    const own = planned.filter(({ op }) => op === 'cgroup-own')
    assert.deepEqual(
      own.map((step) => describeStep(step)),
      steps,
    )
  })
}
