import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePlan } from '../../src/plan/compile.ts'
import type { PlanOptions } from '../../src/plan/options.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Step } from '../../src/plan/step.ts'
import type { Config } from '../../src/spec/config.ts'
import { createOptions, rootHost, smallConfig } from './facts.ts'

function compile(more: Partial<PlanOptions>, config: Config = smallConfig) {
  const options = { ...createOptions, ...more }
  return compilePlan({ config, configText: '{}', host: rootHost, options })
}
const about = (steps: readonly Step[] = []) =>
  steps.map((step) => describeStep(step)).filter((step) => /notify|READY/.test(step))

test('compilePlan() listens before the process runs, and waits once it does', () => {
  const plan = compile({ notify: true })
  assert.deepEqual(about(plan.prepare), ['mkdir notify for the notify socket'])
  assert.deepEqual(about(plan.child), ['bind <root>/<id>/notify on /run/notify, attributes 0xf'])
  const start = plan.start!.map(({ op }) => op)
  assert.deepEqual(start, ['notify-listen', 'open-gate', 'notify-wait'])
})

test('compilePlan() of a run waits apart only when detached', () => {
  const ops = (detach: boolean) =>
    compile({ verb: 'run', notify: true, detach })
      .after!.map(({ op }) => op)
      .slice(0, 4)
  assert.deepEqual(ops(true), ['notify-listen', 'release', 'expect', 'notify-wait'])
  assert.deepEqual(ops(false), ['notify-listen', 'release', 'expect', 'wait'])
})

test('compilePlan() does nothing for a caller who does not wait, or without a place for it', () => {
  for (const plan of [
    compile({}),
    compile({ notify: true }, { ...smallConfig, linux: { namespaces: [] } }),
  ]) {
    assert.deepEqual([about(plan.prepare), about(plan.start)], [[], []])
    assert.ok(!JSON.stringify(plan.launch).includes('NOTIFY_SOCKET'))
  }
})
