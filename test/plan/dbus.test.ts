import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DbusProperty, marshalProperties, splitTypes } from '../../src/plan/dbus.ts'
import { parseGvariant } from '../../src/plan/gvariant.ts'

const hex = (properties: readonly DbusProperty[]) =>
  Buffer.from(marshalProperties(properties)).toString('hex')

// name "A": length, bytes, NUL; then the type: length, bytes, NUL.
const NAME = '01000000 4100'

const marshalled: [why: string, value: DbusProperty[1], bytes: string][] = [
  ['a boolean as four bytes', { type: 'b', value: true }, `${NAME} 016200 000000 01000000`],
  ['a text', { type: 's', value: 'hi' }, `${NAME} 017300 000000 02000000 686900`],
  [
    'a large number, aligned to eight',
    { type: 't', value: 0xffff_ffff_ffff_ffffn },
    `${NAME} 017400 00000000000000 ffffffffffffffff`,
  ],
  ['a negative number', { type: 'i', value: -2 }, `${NAME} 016900 000000 feffffff`],
  ['bytes', { type: 'ay', value: [3, 1] }, `${NAME} 02617900 0000 02000000 0301`],
]

test('marshalProperties() writes nothing for nothing', () => {
  assert.equal(hex([]), '')
})

for (const [why, value, bytes] of marshalled) {
  test(`marshalProperties() writes ${why}`, () => {
    assert.equal(hex([['A', value]]), bytes.replaceAll(' ', ''))
  })
}

// systemd refuses padding behind the last.
test('marshalProperties() counts an array without the padding in front of its elements', () => {
  const bytes = Buffer.from(marshalProperties([['A', { type: 'a(ss)', value: [['c', 'r']] }]]))
  // Name 6 bytes, type 7: the length stands at 16, the element at 24.
  assert.equal(bytes.readUInt32LE(16), 14)
  assert.equal(bytes.readUInt32LE(24), 1)
  assert.equal(bytes.toString('latin1', 28, 30), 'c\0')
  assert.equal(bytes.readUInt32LE(32), 1)
  assert.equal(bytes.toString('latin1', 36, 38), 'r\0')
  assert.equal(bytes.length, 38)
})

test('marshalProperties() begins each property at a multiple of eight', () => {
  const one = Buffer.from(hex([['A', { type: 'b', value: true }]]), 'hex')
  const two = Buffer.from(
    hex([
      ['A', { type: 'b', value: true }],
      ['A', { type: 'b', value: true }],
    ]),
    'hex',
  )
  assert.deepEqual(two, Buffer.concat([one, one]))
})

test('splitTypes() finds the complete types', () => {
  assert.deepEqual(splitTypes('sa(ss)uaay(i(tb))'), ['s', 'a(ss)', 'u', 'aay', '(i(tb))'])
})

const texts: [text: string, type: string, value: unknown][] = [
  ['true', 'b', true],
  ['-5', 'i', -5n],
  ['0x10', 'i', 16n],
  ['uint64 5', 't', 5n],
  ['@t 18446744073709551615', 't', 18446744073709551615n],
  ['1.5', 'd', 1.5],
  ['double 2', 'd', 2],
  ["'a \\' b'", 's', "a ' b"],
  ['"two\\nlines"', 's', 'two\nlines'],
  ["['a', 'b']", 'as', ['a', 'b']],
  ['[uint32 1, 2]', 'au', [1n, 2n]],
  ['@as []', 'as', []],
  ["[('/dev/null', 'rwm')]", 'a(ss)', [['/dev/null', 'rwm']]],
  ["@a(st) [('a', 1)]", 'a(st)', [['a', 1n]]],
  ['byte 0xff', 'y', 255n],
  [" ( true , 'x' ) ", '(bs)', [true, 'x']],
]
for (const [text, type, value] of texts) {
  test(`parseGvariant() reads ${text}`, () => {
    assert.deepEqual(parseGvariant(text), { type, value })
  })
}

const bad = [
  ...['', 'mixed', "'open", '[1', '[1,, 2]', "[1, 'a']", '[]', '()', '1 2', ']', '@t'],
  ...['5000000000', 'byte 256', 'uint32 -1', "uint32 'a'", '@as [1]', '<1>', '{}', 'nothing'],
]
for (const text of bad) {
  test(`parseGvariant() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseGvariant(text), Error)
  })
}
