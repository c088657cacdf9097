// The plan of each sample bundle, as `tsoci plan` words it. UPDATE=1 writes the expectations anew.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { compilePlan } from '../../src/plan/compile.ts'
import { encodePlan } from '../../src/plan/encode.ts'
import { describePlan } from '../../src/plan/print.ts'
import { createOptions, rootHost, withLayout } from './facts.ts'
import { readSample, sampleBundles } from './samples.ts'

for (const name of sampleBundles()) {
  test(`compilePlan() makes the expected plan of bundles/${name}`, () => {
    const plan = compilePlan({ ...readSample(name), host: rootHost, options: createOptions })
    const found = `${describePlan(plan)}\n`
    const file = new URL(`bundles/${name}.plan`, import.meta.url)
    if (process.env.UPDATE === '1') writeFileSync(file, found)
    assert.equal(found, readFileSync(file, 'utf8'))
  })

  test(`compilePlan() makes the same bytes of bundles/${name} each time`, () => {
    for (const host of [rootHost, withLayout('v1')]) {
      const compile = () =>
        encodePlan(compilePlan({ ...readSample(name), host, options: createOptions }))
      assert.deepEqual(compile(), compile())
    }
  })
}
