import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSize } from '../../src/cli/size.ts'

const sizes: [text: string, bytes: string][] = [
  ['-1', '-1'],
  ['0', '0'],
  ['4096', '4096'],
  ['1b', '1'],
  ['64m', '67108864'],
  ['64M', '67108864'],
  ['64mb', '67108864'],
  ['64MiB', '67108864'],
  ['64 m', '67108864'],
  ['0.5g', '536870912'],
  ['.5k', '512'],
  ['1.0001k', '1024'],
  ['1t', '1099511627776'],
  ['1p', '1125899906842624'],
  ['9223372036854771712', '9223372036854771712'],
]
for (const [text, bytes] of sizes) {
  test(`parseSize() reads ${text}`, () => assert.equal(parseSize('memory', text), bytes))
}

for (const text of [
  'lots',
  '64x',
  'm',
  '.',
  '',
  '-2',
  '-1m',
  '1,5g',
  '0x10',
  '64m ',
  '1 2m',
  '1e3',
]) {
  test(`parseSize() refuses ${JSON.stringify(text)}`, () => {
    const message = `--memory ${JSON.stringify(text)}: not a size`
    assert.throws(() => parseSize('memory', text), { code: 'BAD_USAGE', message })
  })
}
