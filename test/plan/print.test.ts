import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OPS } from '../../src/plan/layout.ts'
import { SECTIONS } from '../../src/plan/plan.ts'
import { describePlan, describeStep, planToJson } from '../../src/plan/print.ts'
import { slot, text } from '../../src/plan/text.ts'
import { sampleSteps } from './samples.ts'

for (const op of OPS) {
  test(`describeStep() has a line for ${op}`, () => {
    const [plain, ...others] = sampleSteps(op)
    assert.match(describeStep(plain!), /^[a-zA-Z_]+( .*)?$/s)
    for (const step of others) {
      assert.doesNotMatch(describeStep(step), /undefined|\[object|NaN/)
    }
  })
}

const unlink = { op: 'unlink', at: '/x', path: text`${slot('id')}.pid` } as const

test('describePlan() names section, step and property', () => {
  const lines = describePlan({ prepare: [unlink], child: [{ op: 'setsid' }] }).split('\n')
  assert.deepEqual(lines, ['prepare:', '  unlink <id>.pid  [/x]', 'child:', '  setsid'])
})

test('describePlan() shows the slots that are known', () => {
  assert.match(describePlan({ prepare: [unlink] }, { id: 'c1' }), /unlink c1\.pid/)
})

test('describePlan() keeps the order of the sections', () => {
  const plan = Object.fromEntries(SECTIONS.toReversed().map((name) => [name, [unlink]]))
  const found = describePlan(plan).match(/^[\w-]+(?=:$)/gm)
  assert.deepEqual(found, [...SECTIONS])
})

test('planToJson() has nothing that JSON can not say', () => {
  const plan = { child: OPS.flatMap(sampleSteps) }
  assert.deepEqual(JSON.parse(JSON.stringify(planToJson(plan))), planToJson(plan))
})
