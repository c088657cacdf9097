import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePlan } from '../../src/plan/compile.ts'
import { compileExec } from '../../src/plan/exec.ts'
import { describeStep } from '../../src/plan/print.ts'
import { planLimits } from '../../src/plan/process.ts'
import {
  describeNumberList,
  parseNumberList,
  planMemoryPolicy,
  planScheduling,
} from '../../src/plan/scheduling.ts'
import type { Step } from '../../src/plan/step.ts'
import type { Config } from '../../src/spec/config.ts'
import { createOptions, rootHost, smallConfig } from './facts.ts'

const words = (steps: readonly Step[]) => steps.map((step) => describeStep(step))
const withProcess = (more: Partial<NonNullable<Config['process']>>): Config => ({
  ...smallConfig,
  process: { ...smallConfig.process!, ...more },
})

const lists: [list: string | undefined, mask: number[], words: string][] = [
  [undefined, [], ''],
  [' ', [], ''],
  ['0', [1, 0, 0, 0, 0, 0, 0, 0], '0'],
  ['0-3, 7', [0x8f, 0, 0, 0, 0, 0, 0, 0], '0-3,7'],
  ['63', [0, 0, 0, 0, 0, 0, 0, 0x80], '63'],
  ['1,64', [2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], '1,64'],
]
for (const [list, mask, back] of lists) {
  test(`parseNumberList() makes a mask of ${JSON.stringify(list)}`, () => {
    assert.deepEqual([...parseNumberList(list)], mask)
    assert.equal(describeNumberList(parseNumberList(list)), back)
  })
}

const schedules: [why: string, process: Partial<NonNullable<Config['process']>>, plan: string[]][] =
  [
    ['nothing when none is asked for', {}, []],
    [
      'a nice value',
      { scheduler: { policy: 'SCHED_BATCH', nice: -5 } },
      ['sched_setattr 3 flags 0x0, nice -5 priority 0'],
    ],
    [
      'a deadline with flags',
      {
        scheduler: {
          policy: 'SCHED_DEADLINE',
          flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_DL_OVERRUN'],
          runtime: 1,
          deadline: 2,
          period: 3,
        },
      },
      ['sched_setattr 6 flags 0x5, nice 0 priority 0, runtime 1 deadline 2 period 3'],
    ],
    [
      'an I/O priority',
      { ioPriority: { class: 'IOPRIO_CLASS_IDLE', priority: 4 } },
      ['ioprio_set 0x6004'],
    ],
  ]
for (const [why, process, plan] of schedules) {
  test(`planScheduling() plans ${why}`, () => {
    assert.deepEqual(words(planScheduling(withProcess(process))), plan)
  })
}

test('planLimits() sets the scheduler after the limits that may allow it', () => {
  const config = withProcess({
    scheduler: { policy: 'SCHED_FIFO', priority: 1 },
    rlimits: [{ type: 'RLIMIT_RTPRIO', soft: 1, hard: 1 }],
  })
  const ops = planLimits(config).map(({ op }) => op)
  assert.deepEqual(ops, ['expect', 'prlimit', 'scheduler', 'release'])
})

test('planMemoryPolicy() joins mode and flags', () => {
  const flags = ['MPOL_F_STATIC_NODES', 'MPOL_F_NUMA_BALANCING'] as const
  const config: Config = {
    ...smallConfig,
    linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0,2-3', flags: [...flags] } },
  }
  assert.deepEqual(words(planMemoryPolicy(config)), ['set_mempolicy 0xa002 nodes 0,2-3'])
})

const child = (steps: readonly Step[] = []) =>
  words(steps.filter(({ op }) => op === 'cpu-affinity' || op === 'cgroup-enter'))

test('compilePlan() lets the init run on all CPUs once it is in its cgroups', () => {
  const config = withProcess({ execCPUAffinity: { initial: '1', final: '1' } })
  const input = { config, configText: '{}', host: rootHost, options: createOptions }
  assert.deepEqual(child(compilePlan(input).child), ['enter the cgroups', 'run on all CPUs'])
})

const affinities: [why: string, Config['process'], prepare: string[], child: string[]][] = [
  ['all CPUs by default', undefined, [], ['run on all CPUs']],
  ['the first CPUs alone', { execCPUAffinity: { initial: '1' } } as never, ['run on CPUs 1'], []],
  ['the last CPUs alone', { execCPUAffinity: { final: '0-1' } } as never, [], ['run on CPUs 0-1']],
  [
    'both',
    { execCPUAffinity: { initial: '1', final: '0,2' } } as never,
    ['run on CPUs 1'],
    ['run on CPUs 0,2'],
  ],
]
for (const [why, process, prepare, after] of affinities) {
  test(`compileExec() binds to ${why}`, () => {
    const cgroups = ['/sys/fs/cgroup/x']
    const plan = compileExec(
      { config: withProcess(process ?? {}), host: rootHost, cgroups, noNewKeyring: false },
      { detach: false, hasConsoleSocket: false },
    )
    assert.deepEqual(child(plan.prepare), prepare)
    assert.deepEqual(child(plan.child), ['enter the cgroups', ...after])
  })
}
