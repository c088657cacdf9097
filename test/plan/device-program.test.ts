// The device program is run by a small interpreter, against the rules read plainly.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDeviceProgram } from '../../src/plan/device-program.ts'
import { type DeviceAccess, listDeviceRules } from '../../src/plan/device-rules.ts'
import { withResources } from './facts.ts'

interface Access {
  readonly type: 'b' | 'c'
  readonly major: number
  readonly minor: number
  /** Some of `rwm`. */
  readonly access: string
}

const BITS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 }
const bitsOf = (access: string) => [...access].reduce((sum, letter) => sum | BITS[letter]!, 0)

/** Runs the program on struct bpf_cgroup_dev_ctx: may the process do that? */
function interpret(program: Uint8Array, { type, major, minor, access }: Access): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength)
  const input = [(bitsOf(access) << 16) | (type === 'b' ? 1 : 2), major, minor]
  const registers: (number | undefined)[] = []
  const read = (number: number) => {
    const value = registers[number]
    if (value === undefined) throw new Error(`register ${number} is not set`)
    return value
  }
  for (let at = 0, steps = 0; steps < 100_000; at++, steps++) {
    const code = view.getUint8(at * 8)
    const dst = view.getUint8(at * 8 + 1) & 15
    const off = view.getInt16(at * 8 + 2, true)
    const imm = view.getInt32(at * 8 + 4, true)
    if (code === 0x95) return read(0) === 1
    // The input is only in r1 as long as nothing else is.
    if (code === 0x61) registers[dst] = input[off / 4]!
    else if (code === 0xb7) registers[dst] = imm
    else if (code === 0x54) registers[dst] = (read(dst) & imm) >>> 0
    else if (code === 0x74) registers[dst] = read(dst) >>> imm
    else if (code === 0x15) at += read(dst) === imm ? off : 0
    else if (code === 0x55) at += read(dst) !== imm ? off : 0
    else if (code === 0x45) at += (read(dst) & imm) !== 0 ? off : 0
    else if (code === 0x05) at += off
    else throw new Error(`unknown instruction 0x${code.toString(16)}`)
  }
  throw new Error('the program does not end')
}

/** Of each letter of the access the last rule that names it decides; all must be allowed. */
function isAllowed(rules: readonly DeviceAccess[], asked: Access): boolean {
  return [...asked.access].every((access) => isOneAllowed(rules, { ...asked, access }))
}

function isOneAllowed(rules: readonly DeviceAccess[], asked: Access): boolean {
  for (const rule of rules.toReversed()) {
    if (rule.type !== 'a' && rule.type !== asked.type) continue
    if (rule.major !== undefined && rule.major !== asked.major) continue
    if (rule.minor !== undefined && rule.minor !== asked.minor) continue
    if (rule.access.includes(asked.access)) return rule.allow
  }
  return false
}

/** Numbers from a seed, the same each time (mulberry32). */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let z = Math.imul(state ^ (state >>> 15), 1 | state)
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) % limit
  }
}

const accesses = ['r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm']

function randomRule(random: (limit: number) => number): DeviceAccess {
  return {
    allow: random(2) === 1,
    type: (['a', 'b', 'c'] as const)[random(3)]!,
    access: accesses[random(7)]!,
    ...(random(3) === 0 ? {} : { major: random(3) }),
    ...(random(3) === 0 ? {} : { minor: random(3) }),
  }
}

const everyAccess: Access[] = (['b', 'c'] as const).flatMap((type) =>
  [0, 1, 2].flatMap((major) =>
    [0, 1, 2].flatMap((minor) => accesses.map((access) => ({ type, major, minor, access }))),
  ),
)

test('compileDeviceProgram() decides as its rules do', () => {
  const random = makeRandom(1)
  for (let i = 0; i < 500; i++) {
    const rules = Array.from({ length: random(12) }, () => randomRule(random))
    const program = compileDeviceProgram(rules)
    for (const asked of everyAccess) {
      const what = `${JSON.stringify(asked)} by ${JSON.stringify(rules)}`
      assert.equal(interpret(program, asked), isAllowed(rules, asked), what)
    }
  }
})

test('compileDeviceProgram() denies what no rule names', () => {
  assert.equal(interpret(compileDeviceProgram([]), everyAccess[0]!), false)
})

test('compileDeviceProgram() ends at the rule that fits always', () => {
  const all = { allow: false, type: 'a', access: 'rwm' } as const
  const long = compileDeviceProgram([...Array(100).fill(randomRule(makeRandom(2))), all])
  assert.equal(long.length, compileDeviceProgram([all]).length)
})

test('compileDeviceProgram() tells large numbers apart', () => {
  const rules = [{ allow: true, type: 'b', major: 4095, minor: 0xfffff, access: 'rwm' }] as const
  const program = compileDeviceProgram(rules)
  const asked = { type: 'b', major: 4095, minor: 0xfffff, access: 'rw' } as const
  assert.equal(interpret(program, asked), true)
  assert.equal(interpret(program, { ...asked, minor: 0xffffe }), false)
})

const lists: [why: string, devices: object[], asked: Access, allowed: boolean][] = [
  ['denies a disk without a rule', [], disk('r'), false],
  ['lets any node be made without a rule', [], disk('m'), true],
  ['lets null be used without a rule', [], { ...character(1, 3), access: 'rw' }, true],
  ['lets terminals be used without a rule', [], { ...character(136, 7), access: 'rw' }, true],
  ['lets null be used in spite of a denial', [{ allow: false, access: 'rwm' }], nullRw(), true],
  [
    'allows what a rule allows',
    [{ allow: true, type: 'b', major: 8, access: 'r' }],
    disk('r'),
    true,
  ],
  ['allows no more', [{ allow: true, type: 'b', major: 8, access: 'r' }], disk('rw'), false],
  [
    'adds up what rules allow',
    [
      { allow: true, type: 'b', major: 8, minor: 0, access: 'r' },
      { allow: true, type: 'b', major: 8, access: 'w' },
    ],
    disk('rw'),
    true,
  ],
  [
    'takes -1 for all',
    [{ allow: true, type: 'b', major: -1, minor: -1, access: 'r' }],
    disk('r'),
    true,
  ],
  ['takes no type for all', [{ allow: true, access: 'rwm' }], disk('rw'), true],
  [
    'takes no type for both types, and not for all devices',
    [{ allow: true, major: 10, minor: 200, access: 'rwm' }],
    disk('r'),
    false,
  ],
  ['takes no type for no more than the access', [{ allow: true, access: 'r' }], disk('w'), false],
  [
    'keeps what a denial of one access leaves',
    [
      { allow: true, access: 'rwm' },
      { allow: false, access: 'm' },
    ],
    disk('rw'),
    true,
  ],
  [
    'forgets what stands before a denial of all',
    [
      { allow: true, access: 'rwm' },
      { allow: false, access: 'rwm' },
    ],
    disk('r'),
    false,
  ],
  [
    'lets the last rule win',
    [
      { allow: true, type: 'b', major: 8, access: 'rwm' },
      { allow: false, type: 'b', major: 8, minor: 0, access: 'w' },
    ],
    disk('w'),
    false,
  ],
]
for (const [why, devices, asked, allowed] of lists) {
  test(`listDeviceRules() ${why}`, () => {
    const rules = listDeviceRules(withResources({ devices: devices as never }))
    assert.equal(isAllowed(rules, asked), allowed)
    assert.equal(interpret(compileDeviceProgram(rules), asked), allowed)
  })
}

test('listDeviceRules() has no rule of all types but for every access to every device', () => {
  const devices = [
    { allow: true, major: 10, minor: 200, access: 'rwm' },
    { allow: true, access: 'r' },
    { allow: false, type: 'a', minor: 3 },
  ]
  const rules = listDeviceRules(withResources({ devices: devices as never }))
  const all = rules.filter(({ type }) => type === 'a')
  assert.deepEqual(all, [{ allow: false, type: 'a', access: 'rwm' }])
})

test('listDeviceRules() denies all first', () => {
  const [first] = listDeviceRules(withResources({}))
  assert.deepEqual(first, { allow: false, type: 'a', access: 'rwm' })
})

function disk(access: string): Access {
  return { type: 'b', major: 8, minor: 0, access }
}

function character(major: number, minor: number) {
  return { type: 'c', major, minor } as const
}

function nullRw(): Access {
  return { ...character(1, 3), access: 'rw' }
}
