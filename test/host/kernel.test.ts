import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAtLeast, parseRelease, readKernelFacts } from '../../src/host/kernel.ts'

const releases: [text: string, major: number, minor: number][] = [
  ['6.1.0-28-amd64', 6, 1],
  ['5.15', 5, 15],
  ['4.18.0-553.el8_10.x86_64', 4, 18],
  ['unknown', 0, 0],
]
for (const [text, major, minor] of releases) {
  test(`parseRelease() reads "${text}"`, () => {
    assert.deepEqual(parseRelease(text), { major, minor })
  })
}

test('isAtLeast() compares major before minor', () => {
  assert.equal(isAtLeast({ major: 5, minor: 12 }, 5, 12), true)
  assert.equal(isAtLeast({ major: 5, minor: 11 }, 5, 12), false)
  assert.equal(isAtLeast({ major: 6, minor: 0 }, 5, 12), true)
  assert.equal(isAtLeast({ major: 4, minor: 19 }, 5, 12), false)
})

test('readKernelFacts() lists namespaces once', () => {
  const { namespaces } = readKernelFacts()
  assert.ok(namespaces.includes('mnt'))
  assert.ok(!namespaces.includes('pid_for_children'))
})
