import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planLandlock } from '../../src/plan/landlock.ts'
import { describeStep } from '../../src/plan/print.ts'
import { planCoreScheduling } from '../../src/plan/scheduling.ts'
import type { Config } from '../../src/spec/config.ts'
import { smallConfig } from './facts.ts'

const annotated = (annotations: Record<string, string>): Config => ({
  ...smallConfig,
  process: { ...smallConfig.process!, noNewPrivileges: true },
  annotations,
})

const cases: [annotations: Record<string, string>, plan: string[]][] = [
  [{}, []],
  [{ 'org.tsoci.landlock.read': '/bin:/lib' }, ['landlock 0x1 read /bin /lib']],
  [
    { 'org.tsoci.landlock.write': '/tmp', 'org.tsoci.landlock.connect': '80,443' },
    ['landlock 0x5 write /tmp, connect 80 443'],
  ],
  [{ 'org.tsoci.landlock.bind': 'none' }, ['landlock 0x2']],
]
for (const [annotations, plan] of cases) {
  test(`planLandlock() plans ${JSON.stringify(annotations)}`, () => {
    const steps = planLandlock(annotated(annotations)).map((step) => describeStep(step))
    assert.deepEqual(steps, plan)
  })
}

test('planLandlock() refuses a process that may gain privileges', () => {
  const config = { ...smallConfig, annotations: { 'org.tsoci.landlock.read': '/bin' } }
  assert.throws(() => planLandlock(config), { code: 'BAD_CONFIG' })
})

test('planCoreScheduling() makes a cookie, or takes that of the container', () => {
  const config = annotated({ 'org.tsoci.core-scheduling': '1' })
  const words = (of?: string) => planCoreScheduling(config, of).map((step) => describeStep(step))
  assert.deepEqual(words(), ['share cores with nobody else'])
  assert.deepEqual(words('7'), ['share cores with process 7'])
  assert.deepEqual(planCoreScheduling(smallConfig), [])
})
