import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'
import { parseSignal, signalName, signals } from '../../src/linux/signals.ts'

const cases: [text: string, signal: number][] = [
  ['KILL', 9],
  ['SIGKILL', 9],
  ['sigterm', 15],
  ['9', 9],
  ['0', 0],
  ['64', 64],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
  ['RTMAX', 64],
]
for (const [text, signal] of cases) {
  test(`parseSignal() reads ${text}`, () => assert.equal(parseSignal(text), signal))
}

for (const text of ['', '-1', '65', '9x', 'NOPE', 'SIG', 'RTMIN-1', 'RTMAX+1', 'toString']) {
  test(`parseSignal() refuses "${text}"`, () => {
    assert.throws(() => parseSignal(text), { code: 'BAD_USAGE' })
  })
}

test('signals has the numbers of this machine', () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    assert.equal(signals[name], number, name)
  }
})

test('signalName() gives the first name of a number', () => {
  assert.equal(signalName(6), 'SIGABRT')
  assert.equal(signalName(37), 'SIGRTMIN+3')
})
