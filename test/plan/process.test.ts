// Process, hooks, root, terminal, later verbs, and what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { planHooks } from '../../src/plan/hooks.ts'
import type { PlanOptions } from '../../src/plan/options.ts'
import type { Plan } from '../../src/plan/plan.ts'
import { describeStep } from '../../src/plan/print.ts'
import { planProcess as planAnyProcess, refuseNoProcess } from '../../src/plan/process.ts'
import { planPivot, planRootfs } from '../../src/plan/rootfs.ts'
import { STEP_FLAGS, type Step } from '../../src/plan/step.ts'
import { planConsoleSocket } from '../../src/plan/terminal.ts'
import { describeText } from '../../src/plan/text.ts'
import { refuseUnsupported } from '../../src/plan/unsupported.ts'
import type { Config } from '../../src/spec/config.ts'
import { createOptions, rootHost, smallConfig, userHost } from './facts.ts'

const words = (steps: readonly Step[]) => steps.map((step) => describeStep(step))
const only = <O extends Step['op']>(steps: readonly Step[], op: O) =>
  steps.filter((step): step is Extract<Step, { op: O }> => step.op === op)

const withProcess = (more: Partial<NonNullable<Config['process']>>): Config => ({
  ...smallConfig,
  process: { ...smallConfig.process!, ...more },
})
const withLinux = (more: Partial<NonNullable<Config['linux']>>): Config => ({
  ...smallConfig,
  linux: { ...smallConfig.linux, ...more },
})

/** Without a filter for system calls. */
function planProcess(config: Config, host: HostFacts): Step[] {
  return planAnyProcess(config, host, undefined)
}

test('planProcess() drops the bounding set before the user, and sets the rest after', () => {
  const capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] }
  const ops = planProcess(withProcess({ capabilities: capabilities as never }), rootHost)
    .map(({ op }) => op)
    .filter((op) => ['drop-bounding', 'set-user', 'capabilities'].includes(op))
  assert.deepEqual(ops, ['drop-bounding', 'set-user', 'capabilities'])
})

test('planProcess() raises no ambient capability that is not inheritable and permitted', () => {
  const capabilities = {
    permitted: ['CAP_KILL', 'CAP_CHOWN'],
    inheritable: ['CAP_KILL'],
    ambient: ['CAP_KILL', 'CAP_CHOWN'],
  }
  const steps = planProcess(withProcess({ capabilities: capabilities as never }), rootHost)
  assert.equal(only(steps, 'capabilities')[0]!.ambient, 1n << 5n)
})

test('planProcess() refuses groups that an ordinary user can not set', () => {
  const map = [{ containerID: 0, hostID: 1000, size: 1 }]
  const config: Config = {
    ...withProcess({ user: { uid: 0, gid: 0, additionalGids: [5] } }),
    linux: { namespaces: [{ type: 'user' }], uidMappings: map, gidMappings: map },
  }
  assert.throws(() => planProcess(config, userHost), { code: 'NOT_SUPPORTED' })
})

for (const args of [undefined, []]) {
  test(`refuseNoProcess() refuses a process with args ${JSON.stringify(args)}`, () => {
    const config = { ...smallConfig, process: { cwd: '/', ...(args && { args }) } } as Config
    assert.throws(() => refuseNoProcess(config, { verb: 'create' }), { code: 'BAD_CONFIG' })
  })
}

test('refuseNoProcess() leaves create without a process alone, and no other verb', () => {
  const { process: _process, ...config } = smallConfig
  refuseNoProcess(config, { verb: 'create' })
  assert.throws(() => refuseNoProcess(config, { verb: 'run' }), { code: 'BAD_CONFIG' })
})

test('planHooks() keeps the order, and gives each hook its name and state', () => {
  const config: Config = {
    ...smallConfig,
    annotations: { a: '"1"' },
    hooks: {
      poststop: [{ path: '/a' }, { path: '/b', args: ['b', 'x'], timeout: 3, env: ['E=1'] }],
    },
  }
  const [first, second] = only(planHooks(config, 'poststop', 'stopped'), 'hook')
  assert.deepEqual([first!.path, first!.args, first!.timeout], ['/a', ['/a'], 0])
  assert.equal(first!.flags, STEP_FLAGS.HOOK_POSTSTOP | STEP_FLAGS.HOOK_INHERIT)
  assert.deepEqual([second!.args, second!.timeout, second!.env], [['b', 'x'], 3, ['E=1']])
  assert.equal(second!.flags, STEP_FLAGS.HOOK_POSTSTOP)
  const state = JSON.parse(describeText(first!.state))
  assert.deepEqual([state.status, state.annotations], ['stopped', { a: '"1"' }])
  assert.equal('pid' in state, false)
})

test('planHooks() tells the pid of a container that has one', () => {
  const config: Config = { ...smallConfig, hooks: { poststart: [{ path: '/a' }] } }
  const [hook] = only(planHooks(config, 'poststart', 'running'), 'hook')
  assert.match(describeText(hook!.state, { pid: '7' }), /"status":"running","pid":7,/)
})

const roots: [why: string, config: Config, steps: string[]][] = [
  [
    'as a slave of the host',
    smallConfig,
    ['make / propagate by 0x84000', 'bind rootfs <bundle>/rootfs'],
  ],
  [
    'with the propagation of the config',
    withLinux({ rootfsPropagation: 'private' }),
    ['make / propagate by 0x40000', 'bind rootfs <bundle>/rootfs'],
  ],
  [
    'at an absolute path',
    { ...smallConfig, root: { path: '/images/a' } },
    ['make / propagate by 0x84000', 'bind rootfs /images/a'],
  ],
  [
    'without an own mount namespace',
    withLinux({ namespaces: [] }),
    ['bind rootfs <bundle>/rootfs'],
  ],
]
for (const [why, config, steps] of roots) {
  test(`planRootfs() plans the root ${why}`, () => {
    assert.deepEqual(words(planRootfs(config, rootHost, createOptions)), steps)
  })
}

test('planPivot() changes the root as the options say', () => {
  const noPivot = { ...createOptions, noPivot: true }
  assert.equal(words(planPivot(smallConfig, createOptions))[0], 'pivot_root')
  assert.equal(words(planPivot(smallConfig, noPivot))[0], 'chroot')
  assert.equal(words(planPivot(withLinux({ namespaces: [] }), createOptions))[0], 'chroot')
})

const terminals: [terminal: boolean, options: Partial<PlanOptions>, fine: boolean][] = [
  [false, {}, true],
  [true, {}, false],
  [true, { hasConsoleSocket: true }, true],
  [false, { hasConsoleSocket: true }, false],
  [true, { verb: 'run' }, true],
  [true, { verb: 'run', hasConsoleSocket: true }, false],
  [true, { verb: 'run', detach: true }, false],
  [true, { verb: 'run', detach: true, hasConsoleSocket: true }, true],
]
for (const [terminal, options, fine] of terminals) {
  const what = `terminal ${terminal} with ${JSON.stringify(options)}`
  test(`planConsoleSocket() ${fine ? 'takes' : 'refuses'} ${what}`, () => {
    const plan = () =>
      planConsoleSocket(withProcess({ terminal }), { ...createOptions, ...options })
    if (fine) plan()
    else assert.throws(plan, { code: 'BAD_USAGE' })
  })
}

test('refuseUnsupported() refuses a virtual machine', () => {
  const config = { ...withLinux({}), vm: { kernel: { path: '/k' } } } as Config
  assert.throws(() => refuseUnsupported(config), { code: 'NOT_SUPPORTED', message: /\/vm/ })
})

test('refuseUnsupported() takes a container', () => {
  refuseUnsupported(withLinux({}))
})

function compile(options: Partial<PlanOptions>, config: Config = smallConfig): Plan {
  return compilePlan({
    config,
    configText: '{}',
    host: rootHost,
    options: { ...createOptions, ...options },
  })
}

test('compilePlan() lets create wait at the gate, and run go on', () => {
  assert.equal(words(compile({}).launch!)[0], 'wait for start')
  assert.deepEqual(compile({}).after, [])
  assert.match(words(compile({ verb: 'run' }).launch!)[0]!, /^await stage/)
})

test('compilePlan() lets run remove the container unless it is kept or detached', () => {
  const ends = (options: Partial<PlanOptions>) =>
    words(compile({ verb: 'run', ...options }).after!).at(-1)
  assert.equal(ends({}), 'remove <root>/<id>')
  assert.equal(ends({ keep: true }), 'wait for the container to end')
  assert.match(ends({ detach: true })!, /^expect stage/)
})

test('compilePlan() undoes and deletes the same, poststop hooks included', () => {
  const config: Config = { ...smallConfig, hooks: { poststop: [{ path: '/a' }] } }
  const { undo, delete: remove } = compile({}, config)
  assert.deepEqual(words(remove!), words(undo!))
  assert.equal(words(remove!).at(-2), 'run hook /a')
})

test('compilePlan() stores the plan before anything that would need undoing', () => {
  assert.deepEqual(words(compile({}).prepare!).slice(0, 2), ['mkdir <root>/<id>', 'write plan'])
})
