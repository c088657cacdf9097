import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDuration } from '../../src/cli/events.ts'

const good: [text: string, milliseconds: number][] = [
  ['100ms', 100],
  ['5s', 5000],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['.5h', 1_800_000],
  ['250us', 0.25],
]
for (const [text, milliseconds] of good) {
  test(`parseDuration() reads ${text}`, () => {
    assert.equal(parseDuration(text), milliseconds)
  })
}

for (const text of ['', '5', '0s', '-1s', 's', '5 s', '5x', '5s!', '1e3s']) {
  test(`parseDuration() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseDuration(text), { code: 'BAD_USAGE' })
  })
}
