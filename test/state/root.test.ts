import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TsociError } from '../../src/errors.ts'
import { checkId, defaultRoot } from '../../src/state/root.ts'

const good = ['a', 'A_b+c.d-e', '0', '...', '.hidden', 'x'.repeat(255)]
const bad = ['', '.', '..', 'a/b', '/', 'a b', 'a\n', '\na', 'a\0', 'ä', '@plans', 'x'.repeat(256)]

for (const id of good) {
  test(`checkId() takes ${JSON.stringify(id).slice(0, 20)}`, () => {
    assert.doesNotThrow(() => checkId(id))
  })
}

for (const id of bad) {
  test(`checkId() refuses ${JSON.stringify(id).slice(0, 20)}`, () => {
    assert.throws(
      () => checkId(id),
      (error) => error instanceof TsociError && error.code === 'BAD_USAGE',
    )
  })
}

test('defaultRoot() of root does not depend on the environment', (t) => {
  if (process.geteuid!() !== 0) return t.skip('needs root')
  const before = process.env.XDG_RUNTIME_DIR
  t.after(() => {
    if (before === undefined) delete process.env.XDG_RUNTIME_DIR
    else process.env.XDG_RUNTIME_DIR = before
  })
  process.env.XDG_RUNTIME_DIR = '/run/user/7'
  assert.match(defaultRoot(), /^\/run\/(tsoci|user\/7\/tsoci)$/)
  delete process.env.XDG_RUNTIME_DIR
  assert.equal(defaultRoot(), '/run/tsoci')
})
