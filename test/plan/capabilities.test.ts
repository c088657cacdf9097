import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import {
  findUngranted,
  findUnraised,
  planBounding,
  planCapabilities,
} from '../../src/plan/capabilities.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config } from '../../src/spec/config.ts'
import { rootHost, smallConfig, userHost } from './facts.ts'

type Sets = NonNullable<NonNullable<Config['process']>['capabilities']>

const asking = (capabilities: Sets, linux: Config['linux'] = {}): Config => ({
  ...smallConfig,
  process: { ...smallConfig.process!, capabilities },
  linux,
})
const all: Sets = {
  bounding: ['CAP_KILL', 'CAP_SYSLOG'],
  effective: ['CAP_KILL', 'CAP_SYSLOG'],
  permitted: ['CAP_KILL', 'CAP_SYSLOG'],
}
const kernel = (lastCapability: number): HostFacts => ({
  ...rootHost,
  kernel: { ...rootHost.kernel, lastCapability },
})
const lacking: HostFacts = { ...rootHost, user: { ...rootHost.user, capabilities: 1n << 5n } }
const inUserNamespace = { namespaces: [{ type: 'user' as const }] }

const cases: [why: string, config: Config, host: HostFacts, ungranted: string[], sets: string][] = [
  ['all that root may give', asking(all), rootHost, [], 'effective 0x400000020'],
  ['what the kernel knows', asking(all), kernel(33), ['CAP_SYSLOG'], 'effective 0x20'],
  ['what the caller holds', asking(all), lacking, ['CAP_SYSLOG'], 'effective 0x20'],
  ['all in a user namespace', asking(all, inUserNamespace), userHost, [], 'effective 0x400000020'],
  ['nothing of an ordinary user', asking(all), userHost, ['CAP_KILL, CAP_SYSLOG'], 'effective 0x0'],
]
for (const [why, config, host, ungranted, sets] of cases) {
  test(`planCapabilities() grants ${why}, and the rest is warned of`, () => {
    const step = planCapabilities(config, host)
    assert.ok(describeStep(step).includes(sets), describeStep(step))
    const found = findUngranted(config, host)
    assert.deepEqual(
      found.map(({ severity, message }) => [severity, message]),
      ungranted.map((names) => ['warning', `not granted: ${names}`]),
    )
  })
}

test('planBounding() and planCapabilities() leave nothing without process.capabilities', () => {
  assert.equal(smallConfig.process?.capabilities, undefined)
  assert.equal(planBounding(smallConfig).keep, 0n)
  const { effective, permitted, inheritable, ambient } = planCapabilities(smallConfig, rootHost)
  assert.deepEqual([effective, permitted, inheritable, ambient], [0n, 0n, 0n, 0n])
})

for (const set of ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const) {
  test(`planBounding() and planCapabilities() take an absent ${set} set for an empty one`, () => {
    const kill: Sets['bounding'] = ['CAP_KILL']
    const five = { bounding: kill, effective: kill, permitted: kill, inheritable: kill }
    const { [set]: _, ...others } = { ...five, ambient: kill }
    const config = asking(others)
    const bounding = planBounding(config).keep
    const bits = { ...planCapabilities(config, rootHost), bounding }
    assert.equal(bits[set], 0n)
    assert.equal(bits[set === 'effective' ? 'permitted' : 'effective'], 1n << 5n)
  })
}

test('findUnraised() tells of ambient capabilities that are not inheritable and permitted', () => {
  const ambient: Sets['ambient'] = ['CAP_KILL', 'CAP_CHOWN']
  const messages = (sets: Sets) => findUnraised(asking(sets)).map(({ message }) => message)
  assert.deepEqual(messages({ ...all, inheritable: ['CAP_KILL'], ambient }), [
    "can't raise ambient capability CAP_CHOWN: it is not inheritable and permitted",
  ])
  assert.deepEqual(messages({ ...all, inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] }), [])
  assert.deepEqual(messages({ ...all, ambient }), [])
})
