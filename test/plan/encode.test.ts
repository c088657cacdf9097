import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeRequest, encodeBinding, encodePlan, encodeRequest } from '../../src/plan/encode.ts'
import { OPS } from '../../src/plan/layout.ts'
import { type Binding, type Plan, SECTIONS } from '../../src/plan/plan.ts'
import { SLOTS } from '../../src/plan/text.ts'
import { allSampleSteps, sampleSteps } from './samples.ts'

for (const op of OPS) {
  test(`decodeRequest() reads what encodeRequest() wrote of ${op}`, () => {
    const plan: Plan = { child: sampleSteps(op) }
    assert.deepEqual(decodeRequest(encodeRequest(plan, {})), { plan, binding: {} })
  })
}

test('decodeRequest() reads every section back', () => {
  const steps = allSampleSteps()
  const plan = Object.fromEntries(
    SECTIONS.map((section, i) => [section, steps.slice(i, i * 7 + 1)]),
  )
  assert.deepEqual(decodeRequest(encodeRequest(plan, {})).plan, plan)
})

test('decodeRequest() reads an empty plan back', () => {
  assert.deepEqual(decodeRequest(encodeRequest({}, {})), { plan: {}, binding: {} })
})

test('decodeRequest() reads every slot back', () => {
  const binding: Binding = Object.fromEntries(SLOTS.map((name, i) => [name, `${name}: ${i} é`]))
  assert.deepEqual(decodeRequest(encodeRequest({}, binding)).binding, binding)
})

test('encodePlan() writes a negative word as the kernel reads it', () => {
  const plan: Plan = { child: [{ op: 'umask', mask: -1 }] }
  const read = decodeRequest(encodeRequest(plan, {})).plan
  assert.deepEqual(read, { child: [{ op: 'umask', mask: 2n ** 64n - 1n }] })
})

test('encodePlan() writes equal strings once', () => {
  const path = 'a path that is long enough to be seen'
  const once = encodePlan({ child: [{ op: 'unlink', path }] })
  const twice = encodePlan({ child: [1, 2].map(() => ({ op: 'unlink', path }) as const) })
  assert.equal(twice.length, once.length + 16)
})

test('encodePlan() keeps a literal apart from a template of the same bytes', () => {
  const plan: Plan = {
    child: [
      { op: 'unlink', path: '\x01\x10' },
      { op: 'unlink', path: { parts: [{ slot: 'id' }] } },
    ],
  }
  assert.deepEqual(decodeRequest(encodeRequest(plan, {})).plan, plan)
})

test('encodePlan() aligns the whole to eight bytes', () => {
  for (let length = 0; length < 16; length++) {
    const bytes = encodePlan({ child: [{ op: 'unlink', path: 'x'.repeat(length) }] })
    assert.equal(bytes.length % 8, 0)
    assert.equal(bytes.readUInt32LE(8), bytes.length)
  }
})

test('encodeBinding() ends every value with a NUL that its length leaves out', () => {
  const bytes = encodeBinding({ id: 'c1' })
  assert.equal(bytes.readUInt32LE(0), 2)
  assert.equal(bytes.toString('latin1', 4, 7), 'c1\0')
  assert.equal(bytes.length, SLOTS.length * 5 + 2)
})

const damages: [why: string, damage: (bytes: Buffer) => Buffer][] = [
  ['nothing', () => Buffer.alloc(0)],
  ['a header cut short', (bytes) => bytes.subarray(0, 39)],
  ['another magic', (bytes) => changeWord(bytes, 0)],
  ['another ABI', (bytes) => changeWord(bytes, 1)],
  ['a plan cut short', (bytes) => bytes.subarray(0, bytes.readUInt32LE(8) - 8)],
  ['a binding cut short', (bytes) => bytes.subarray(0, -4)],
]
for (const [why, damage] of damages) {
  test(`decodeRequest() refuses ${why}`, () => {
    const bytes = encodeRequest({ child: allSampleSteps() }, { id: 'c1' })
    assert.throws(() => decodeRequest(damage(bytes)), RangeError)
  })
}

function changeWord(bytes: Buffer, word: number): Buffer {
  bytes.writeUInt32LE((bytes.readUInt32LE(word * 4) ^ 1) >>> 0, word * 4)
  return bytes
}
