// Names in other letters, nulls and missing ids: run as peers do, and refused by validate.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../src/spec/parse.ts'
import { changed } from './sample.ts'

const tell = (text: string, strict: boolean): string[] =>
  parseConfig(text, 'config.json', { strict }).problems.map(
    ({ severity, pointer, line }) => `${severity} ${pointer} ${line}`,
  )

const renamed = changed(() => {}).replace('"path": "rootfs"', '"Path": "rootfs"')
const inner =
  '{"ociVersion":"1.3.0","root":{"path":"/"},\n"Linux":{\n"Namespaces":[{"type":"pid"}]}}'

const cases: [why: string, text: string, run: string[], strict: string[]][] = [
  ['a required name in other letters', renamed, ['warning /root/Path 49'], ['error /root/Path 49']],
  [
    'names in other letters within one another',
    inner,
    ['warning /Linux 2', 'warning /linux/Namespaces 3'],
    ['warning /Linux 2', 'warning /linux/Namespaces 3'],
  ],
  [
    'a null',
    '{"ociVersion":"1.3.0","root":{"path":"/"},\n"process":null}',
    [],
    ['warning /process 2'],
  ],
  [
    'a null in a map',
    '{"ociVersion":"1.3.0","root":{"path":"/"},\n"annotations":{"a.b":\nnull}}',
    [],
    ['warning /annotations/a.b 3'],
  ],
  [
    'a user without ids',
    changed((config) => (config.process.user = { umask: 18 })),
    ['warning /process/user 5', 'warning /process/user 5'],
    ['error /process/user 5', 'error /process/user 5'],
  ],
]

for (const [why, text, run, strict] of cases) {
  test(`parseConfig() tells of ${why}`, () => {
    const told: [string[], string[]] = [tell(text, false), tell(text, true)]
    assert.deepEqual(told, [run, strict])
    const { config } = parseConfig(text, 'config.json')
    assert.ok(config.root.path.length > 0)
  })
}

test('parseConfig() reads names in other letters all the way down', () => {
  const { config } = parseConfig(inner, 'config.json')
  assert.deepEqual(config.linux?.namespaces, [{ type: 'pid' }])
})

const numbers: [what: string, pointer: string, expected: string, change: string][] = [
  [
    'above 64 bits',
    '/linux/resources/memory/limit',
    'at most 9223372036854775807',
    '{"limit":18446744073709551615}',
  ],
  [
    'of another type',
    '/linux/resources/memory/swap',
    'an integer',
    '{"swap":"18446744073709551615"}',
  ],
]
for (const [what, pointer, expected, memory] of numbers) {
  test(`parseConfig() shows a number ${what} as it stands in the file, once`, () => {
    const text = `{"ociVersion":"1.3.0","root":{"path":"/"},"linux":{"resources":{"memory":${memory}}}}`
    const { problems } = parseConfig(text, 'config.json')
    assert.equal(problems.length, 1)
    assert.equal(problems[0]!.pointer, pointer)
    assert.equal(problems[0]!.expected, expected)
    assert.match(problems[0]!.message, /18446744073709551615/)
  })
}

test('parseConfig() shows a large number that is no integer type exactly', () => {
  const text = '{"ociVersion":18446744073709551615,"root":{"path":"/"}}'
  const { problems } = parseConfig(text, 'config.json')
  assert.deepEqual(
    problems.map(({ message }) => message),
    ['found the number 18446744073709551615'],
  )
})
