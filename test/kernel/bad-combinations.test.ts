// What contradicts itself, and what this host can't do: an error at its place, and nothing left behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contradictions } from './bad-contradictions.ts'
import { impossible } from './bad-impossible.ts'
import { openSite, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

for (const { at, why, change, unless = false } of [...contradictions, ...impossible]) {
  test(`create refuses ${at}: ${why}`, { skip: skip || unless }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(change)
    const before = viewHost(site)
    const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
    assert.equal(code, 1, stderr)
    const [error] = stderr.split('\n').filter((line) => line.startsWith('error: '))
    assert.ok(error?.includes(`${at}: `) || error?.includes(`[${at}`), stderr)
    assert.deepEqual(viewHost(site), before)
  })
}
