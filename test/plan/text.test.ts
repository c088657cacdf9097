import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concat, describeText, slot, type Text, text } from '../../src/plan/text.ts'

const id = slot('id')
const cases: [why: string, value: Text, expected: Text][] = [
  ['a literal as a string', text`/run`, '/run'],
  ['nothing as the empty string', text``, ''],
  ['a string inside as part of the literal', text`/run/${'x'}/y`, '/run/x/y'],
  ['a slot alone', text`${id}`, { parts: [id] }],
  ['a slot between literals', text`a${id}b`, { parts: ['a', id, 'b'] }],
  ['a template inside a template flat', text`a${text`b${id}c`}d`, { parts: ['ab', id, 'cd'] }],
  ['slots side by side', text`${id}${slot('root')}`, { parts: [id, slot('root')] }],
  ['no text of none', concat(), ''],
  ['literals joined', concat('a', '', 'b'), 'ab'],
  ['texts joined', concat('a', text`${id}`, 'b'), { parts: ['a', id, 'b'] }],
]
for (const [why, value, expected] of cases) {
  test(`text keeps ${why}`, () => {
    assert.deepEqual(value, expected)
  })
}

test('describeText() names the slots', () => {
  assert.equal(describeText(text`${slot('root')}/${id}`), '<root>/<id>')
})

test('describeText() shows the values that are known', () => {
  assert.equal(describeText(text`${slot('root')}/${id}`, { id: 'c1' }), '<root>/c1')
})
