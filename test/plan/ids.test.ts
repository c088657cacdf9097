import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import { chooseMapWriter, isRootless, maySetGroups, planIdMaps } from '../../src/plan/ids.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Config, IdMapping } from '../../src/spec/config.ts'
import { rootHost, smallConfig, userHost } from './facts.ts'

const range: IdMapping = { containerID: 0, hostID: 100_000, size: 65_536 }
const own: IdMapping = { containerID: 0, hostID: 1000, size: 1 }

const mapped = (...maps: IdMapping[]): Config => ({
  ...smallConfig,
  linux: {
    namespaces: [{ type: 'mount' }, { type: 'user' }],
    uidMappings: maps,
    gidMappings: maps,
  },
})

const noTools: HostFacts = {
  ...userHost,
  user: { ...userHost.user, newuidmap: undefined, newgidmap: undefined },
}
const namespaceRoot: HostFacts = {
  ...rootHost,
  user: { ...rootHost.user, inInitialUserNamespace: false },
}

test('planIdMaps() plans nothing without a user namespace', () => {
  assert.deepEqual(planIdMaps(smallConfig, rootHost), [])
})

const writers: [why: string, config: Config, host: HostFacts, writer: string, groups: boolean][] = [
  ['root writes', mapped(range), rootHost, 'kernel', true],
  ['root of a user namespace writes', mapped(range), namespaceRoot, 'kernel', true],
  ['a user writes the own id', mapped(own), userHost, 'self', false],
  ['the tools write a range', mapped(range), userHost, 'tools', true],
  [
    'the tools write the own id and a range',
    mapped(own, { ...range, containerID: 1 }),
    userHost,
    'tools',
    true,
  ],
]
for (const [why, config, host, writer, groups] of writers) {
  test(`chooseMapWriter() finds that ${why}`, () => {
    assert.equal(chooseMapWriter(config, host), writer)
    assert.equal(maySetGroups(config, host), groups)
  })
}

test('planIdMaps() writes the lines of the config', () => {
  const steps = planIdMaps(mapped(own, { containerID: 1, hostID: 100_000, size: 10 }), rootHost)
  assert.deepEqual(
    steps.map((step) => describeStep(step)),
    ['map uids 0 1000 1, 1 100000 10, gids 0 1000 1, 1 100000 10'],
  )
})

test('planIdMaps() names the tools where it needs them', () => {
  const [step] = planIdMaps(mapped(range), userHost)
  assert.match(describeStep(step!), / with \/usr\/bin\/newuidmap$/)
})

test('planIdMaps() refuses a range when the tools are missing', () => {
  assert.throws(() => planIdMaps(mapped(range), noTools), { code: 'NOT_SUPPORTED' })
  assert.equal(planIdMaps(mapped(own), noTools).length, 1)
})

test('isRootless() tells root of a user namespace from root', () => {
  assert.deepEqual([rootHost, userHost, namespaceRoot].map(isRootless), [false, true, true])
})
