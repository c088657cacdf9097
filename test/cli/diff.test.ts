import assert from 'node:assert/strict'
import { test } from 'node:test'
import { diffLines } from '../../src/cli/diff.ts'

const cases: [before: string, after: string, diff: string[]][] = [
  ['', '', []],
  ['a b c', 'a b c', []],
  ['a b c', 'a c', ['- b']],
  ['a c', 'a b c', ['+ b']],
  ['a b c', 'a x c', ['- b', '+ x']],
  ['a b', 'c', ['- a', '- b', '+ c']],
  ['a b a', 'b a', ['- a']],
]
for (const [before, after, diff] of cases) {
  test(`diffLines() of "${before}" and "${after}"`, () => {
    const split = (text: string) => text.split(' ').filter((it) => it !== '')
    assert.deepEqual(diffLines(split(before), split(after)), diff)
  })
}
