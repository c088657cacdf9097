// What contradicts itself, and what this host can't do: an error at its place, and nothing left behind.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contradictions } from './bad-contradictions.ts'
import { impossible } from './bad-impossible.ts'
import { openSite, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

const ERRNO = / \([A-Z][A-Z0-9]+\)/

/**
 * What could not be done, on what, why, what to change: a finding says the last as what it expected
 * or as a hint, and why in words; a failure of the kernel names the errno.
 */
function checkParts(error: string, stderr: string): void {
  const hint = /^hint: (.+)$/m.exec(stderr)?.[1] ?? ''
  if (/config\.json(:\d+:\d+|": )/.test(error)) {
    for (const finding of error.split('; ')) {
      assert.ok(/, expected \S|\(\S.*\)/.test(finding) || hint !== '', `no remedy: ${stderr}`)
    }
    return
  }
  assert.notEqual(hint, '', `no remedy: ${stderr}`)
  assert.doesNotMatch(
    error,
    / 0x[0-9a-f]+|: (open|mount|mkdirat|fsconfig|clone3?|open_tree|write): /,
  )
  const isOfKernel = error.startsWith('error: cannot') && ERRNO.test(error)
  const isOfPlan = /^error: (cannot|config\.json describes|invalid configuration:) .*\[/.test(error)
  const isOfHook = /hook "[^"]+" failed: exit status 127: \S+: E[A-Z]+ \[/.test(error)
  const isOfRootfs = /^error: rootfs ".+" .*\(E[A-Z]+\) \[/.test(error)
  const isOfInit = /^error: the init of container ".+" ended .*\[/.test(error)
  assert.ok(isOfKernel || isOfPlan || isOfHook || isOfRootfs || isOfInit, stderr)
}

for (const { at, why, change, unless = false } of [...contradictions, ...impossible]) {
  test(`create refuses ${at}: ${why}`, { skip: skip || unless }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(change)
    const before = viewHost(site)
    const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
    assert.equal(code, 1, stderr)
    const [error] = stderr.split('\n').filter((line) => line.startsWith('error: '))
    assert.ok(error?.includes(`${at}: `) || error?.includes(`[${at}`), stderr)
    checkParts(error!, stderr)
    assert.deepEqual(viewHost(site), before)
  })
}
