import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TsociError } from '../../src/errors.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { compileExec } from '../../src/plan/exec.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { describeStep } from '../../src/plan/print.ts'
import { listLimitProperties, listScopeProperties } from '../../src/plan/systemd-properties.ts'
import { chooseScope, slicePath } from '../../src/plan/systemd-unit.ts'
import { describeText } from '../../src/plan/text.ts'
import type { Config } from '../../src/spec/config.ts'
import { createOptions, rootHost, smallConfig, userHost, withLayout } from './facts.ts'

const at = (cgroupsPath: string): Config => ({
  ...smallConfig,
  linux: { ...smallConfig.linux, cgroupsPath },
})
const annotated = (annotations: Record<string, string>): Config => ({ ...smallConfig, annotations })
const isBad = (error: unknown) => error instanceof TsociError && error.code === 'BAD_CONFIG'

const places: [path: string, isUser: boolean, slice: string, dir: string][] = [
  ['', false, 'system.slice', '/system.slice/tsoci-<id>.scope'],
  ['', true, 'user.slice', '/user.slice/tsoci-<id>.scope'],
  ['machine.slice:libpod:it', false, 'machine.slice', '/machine.slice/libpod-it.scope'],
  ['a-b-c.slice:cri:it', false, 'a-b-c.slice', '/a.slice/a-b.slice/a-b-c.slice/cri-it.scope'],
  [':docker:it', false, 'system.slice', '/system.slice/docker-it.scope'],
  ['x.slice::it', false, 'x.slice', '/x.slice/it.scope'],
  ['x.slice:it', true, 'x.slice', '/x.slice/it.scope'],
  ['-.slice:top:it', false, '-.slice', '/top-it.scope'],
]
for (const [path, isUser, slice, dir] of places) {
  test(`chooseScope() puts "${path}"${isUser ? ' of a user' : ''} at ${dir}`, () => {
    const scope = chooseScope(at(path), isUser)
    assert.equal(scope.slice, slice)
    assert.equal(describeText(scope.path), dir)
  })
}

const badPlaces = ['/plain/path', 'relative', 'a:b:c:d', 'x.slice:p:', 'x.slice:p:it.slice']
for (const path of [
  ...badPlaces,
  'x.slice:p:a/b',
  'x.slice:p:a b',
  `x.slice:p:${'n'.repeat(250)}`,
]) {
  test(`chooseScope() refuses "${path.slice(0, 40)}"`, () => {
    assert.throws(() => chooseScope(at(path), false), isBad)
  })
}

for (const slice of ['x', '.slice', 'a--b.slice', '-a.slice', 'a-.slice', 'a/b.slice', 'x.scope']) {
  test(`slicePath() refuses "${slice}"`, () => assert.throws(() => slicePath(slice), isBad))
}

for (const name of ['a/b', '..', '.']) {
  test(`chooseScope() refuses the subgroup "${name}"`, () => {
    const config = annotated({ 'run.oci.systemd.subgroup': name })
    assert.throws(() => chooseScope(config, false), isBad)
  })
}

const INFINITY = 0xffff_ffff_ffff_ffffn
const limits: [file: string, value: string, name: string, expected: unknown][] = [
  ['memory.max', '1024', 'MemoryMax', 1024n],
  ['memory.max', 'max', 'MemoryMax', INFINITY],
  ['memory.limit_in_bytes', '-1', 'MemoryLimit', INFINITY],
  ['pids.max', '0', 'TasksMax', 1n],
  ['io.weight', 'default 50', 'IOWeight', 50n],
  ['cpu.max', '50000 200000', 'CPUQuotaPerSecUSec', 250_000n],
  ['cpu.max', '12345 100000', 'CPUQuotaPerSecUSec', 130_000n],
  ['cpu.max', 'max 50000', 'CPUQuotaPerSecUSec', INFINITY],
  ['cpu.max', '50000 200000', 'CPUQuotaPeriodUSec', 200_000n],
  ['cpu.cfs_quota_us', '20000', 'CPUQuotaPerSecUSec', 200_000n],
  ['cpuset.cpus', '0-2,8', 'AllowedCPUs', [0b111, 0b1]],
  ['cpuset.mems', '1', 'AllowedMemoryNodes', [0b10]],
]
for (const [file, value, name, expected] of limits) {
  test(`listLimitProperties() has ${name} for "${value}" in ${file}`, () => {
    const { basic, recent } = listLimitProperties([{ file, value }])
    const found = [...basic, ...recent].find(([it]) => it === name)
    assert.deepEqual(found?.[1].value, expected)
  })
}

for (const [file, value] of [
  ['memory.max', 'much'],
  ['cpuset.cpus', '0-x'],
  ['cpuset.cpus', '4-2'],
  ['hugetlb.2MB.max', '1'],
] as const) {
  test(`listLimitProperties() leaves "${value}" in ${file} to the kernel`, () => {
    assert.deepEqual(listLimitProperties([{ file, value }]), { basic: [], recent: [] })
  })
}

test('listScopeProperties() hands on annotations, seconds as microseconds', () => {
  const properties = listScopeProperties(
    annotated({
      'org.systemd.property.TimeoutStopSec': '1.5',
      'org.systemd.property.After': "['other.service']",
      'another.annotation': 'ignored',
    }),
    'system.slice',
    true,
  )
  assert.deepEqual(properties.slice(-2), [
    ['TimeoutStopUSec', { type: 't', value: 1_500_000n }],
    ['After', { type: 'as', value: ['other.service'] }],
  ])
})

for (const [name, value] of [
  ['Kill Mode', 'true'],
  ['A1', 'true'],
  ['KillMode', 'mixed'],
  ['TimeoutStopSec', "'1'"],
  ['TimeoutStopSec', '-1'],
] as const) {
  test(`listScopeProperties() refuses ${name}=${value}`, () => {
    const config = annotated({ [`org.systemd.property.${name}`]: value })
    assert.throws(() => listScopeProperties(config, 'system.slice', true), isBad)
  })
}

test('listScopeProperties() tells the devices on v1 only, where a reload would forget them', () => {
  const names = (v2: boolean) => listScopeProperties(smallConfig, 'x.slice', v2).map(([it]) => it)
  assert.ok(!names(true).includes('DevicePolicy'))
  const properties = new Map(listScopeProperties(smallConfig, 'x.slice', false))
  assert.equal(properties.get('DevicePolicy')?.value, 'strict')
  const allowed = properties.get('DeviceAllow')?.value as string[][]
  assert.deepEqual(allowed.slice(0, 3), [
    ['char-*', 'm'],
    ['block-*', 'm'],
    ['/dev/char/1:3', 'rwm'],
  ])
  assert.deepEqual(allowed.at(-1), ['char-pts', 'rwm'])
})

function compile(config: Config, host = rootHost): Plan {
  const options = { ...createOptions, cgroupManager: 'systemd' } as const
  return compilePlan({ config, configText: '{}', host, options })
}
const say = (steps: Plan['prepare']) => (steps ?? []).map((step) => describeStep(step))

test('compilePlan() asks systemd before anything exists, and stores the undo before the scope', () => {
  const plan = compile(smallConfig)
  assert.equal(plan.prepare?.[0]?.op, 'systemd-manager')
  const ops: string[] = [...(plan.prepare ?? []), ...(plan.parent ?? [])].map(({ op }) => op)
  const inOrder = ['store-plan', 'cgroup-claim', 'systemd-scope', 'cgroup-devices', 'release']
  const places = inOrder.map((op) => ops.indexOf(op))
  assert.deepEqual(
    places,
    places.filter((place) => place >= 0).sort((a, b) => a - b),
  )
  assert.ok(!ops.includes('cgroup-dir'))
  for (const section of [plan.undo, plan.delete]) {
    assert.deepEqual(say(section).slice(1, 4), [
      'kill all of /sys/fs/cgroup<systemd-cgroup>/system.slice/tsoci-<id>.scope',
      'StopUnit tsoci-<id>.scope',
      'rmdir /sys/fs/cgroup<systemd-cgroup>/system.slice/tsoci-<id>.scope',
    ])
  }
})

test('compilePlan() makes on v1 what systemd does not, and joins it', () => {
  const steps = say(compile(smallConfig, withLayout('v1')).parent)
  const freezer = '/sys/fs/cgroup/freezer<systemd-cgroup>/system.slice/tsoci-<id>.scope'
  assert.ok(steps.includes(`mkdir ${freezer}`))
  assert.ok(steps.indexOf(`join ${freezer}`) > steps.indexOf('StartTransientUnit tsoci-<id>.scope'))
})

test('compilePlan() lets the init leave the scope before controllers are handed down in it', () => {
  const config = annotated({ 'run.oci.systemd.subgroup': 'inner' })
  const ops = (compile(config).parent ?? []).map(({ op }) => op)
  const from = ops.indexOf('systemd-scope')
  assert.deepEqual(ops.slice(from, from + 4), [
    ...['systemd-scope', 'cgroup-dir', 'cgroup-join', 'cgroup-enable'],
  ])
})

test("compilePlan() uses a user's systemd on v2, and refuses on v1", () => {
  const [first] = compile(smallConfig, userHost).prepare ?? []
  assert.equal(first?.op, 'systemd-manager')
  assert.throws(
    () => compile(smallConfig, { ...userHost, cgroups: withLayout('v1').cgroups }),
    (error) => error instanceof TsociError && error.code === 'NOT_SUPPORTED',
  )
})

test('compileExec() lets systemd move the process of an ordinary user', () => {
  const input = {
    config: smallConfig,
    cgroups: ['/sys/fs/cgroup/x.scope'],
    unit: { unit: 'x.scope', sockets: [], subgroup: '' },
    noNewKeyring: false,
  }
  const options = { detach: true, hasConsoleSocket: false }
  const opsOf = (host: typeof rootHost) =>
    Object.values(compileExec({ ...input, host }, options)).flatMap((steps) =>
      steps.map(({ op }) => op),
    )
  assert.ok(opsOf(userHost).includes('systemd-attach'))
  assert.ok(!opsOf(userHost).includes('cgroup-enter'))
  assert.ok(opsOf(rootHost).includes('cgroup-enter'))
  assert.ok(!opsOf(rootHost).includes('systemd-attach'))
})
