import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { explainFailure } from '../../src/launch/explain.ts'
import { ERROR_KINDS, FAILURE_SIZE, type Failure, parseFailure } from '../../src/launch/failure.ts'
import { type Plan, SECTIONS } from '../../src/plan/plan.ts'
import type { Step } from '../../src/plan/step.ts'

const ENOENT = 2
const EPERM = 1
const EACCES = 13

/** A record as native/launch.h lays it out. */
function record(failure: Partial<Failure>): Buffer {
  const bytes = Buffer.alloc(FAILURE_SIZE)
  const { kind = 'step', section = 0, index = 0, errno = 0, status = 0 } = failure
  const detail = Buffer.from(failure.detail ?? '')
  bytes.writeUInt32LE(0x4c494146, 0)
  bytes.writeUInt32LE(ERROR_KINDS.indexOf(kind), 4)
  bytes.writeUInt32LE(section, 8)
  bytes.writeUInt32LE(index, 12)
  bytes.writeInt32LE(errno, 16)
  bytes.writeInt32LE(status, 20)
  bytes.writeUInt32LE(detail.length, 24)
  bytes.write(failure.call ?? '', 32)
  detail.copy(bytes, 64)
  return bytes
}

test('parseFailure() reads every field', () => {
  const failure: Failure = {
    kind: 'hook',
    section: 3,
    index: 7,
    errno: 5,
    status: 256,
    call: 'pivot_root',
    detail: 'what the hook said: é',
  }
  assert.deepEqual(parseFailure(record(failure)), failure)
})

test('parseFailure() keeps to the record when a length or a text has no end', () => {
  const bytes = Buffer.alloc(FAILURE_SIZE, 'x')
  bytes.writeUInt32LE(0x4c494146, 0)
  bytes.writeUInt32LE(0xffffffff, 24)
  const { kind, call, detail } = parseFailure(bytes)
  assert.deepEqual([kind, call.length], ['bad-plan', 32])
  assert.equal(detail.length, FAILURE_SIZE - 64)
})

for (const size of [0, 4, FAILURE_SIZE - 1, FAILURE_SIZE + 1]) {
  test(`parseFailure() refuses ${size} bytes`, () => {
    assert.throws(() => parseFailure(Buffer.alloc(size)), RangeError)
  })
}

test('parseFailure() refuses a record without its magic', () => {
  assert.throws(() => parseFailure(Buffer.alloc(FAILURE_SIZE)), RangeError)
})

const plan: Plan = {
  child: [
    { op: 'sethostname', at: '/hostname', name: 'web' },
    { op: 'find-executable', args: ['web'], env: [] },
    {
      op: 'hook',
      at: '/hooks/prestart/0',
      path: '/h',
      args: ['h'],
      env: [],
      timeout: 2,
      state: '',
      output: '',
      errors: '',
      flags: 0,
    },
  ],
}
const child = { section: SECTIONS.indexOf('child') }

const sentences: [failure: Partial<Failure>, code: string, message: string][] = [
  [
    { ...child, errno: EPERM, call: 'sethostname' },
    'LAUNCH_FAILED',
    'cannot set hostname "web": operation not permitted (EPERM) [/hostname]',
  ],
  [
    { ...child, errno: ENOENT, call: 'open', detail: '/x' },
    'LAUNCH_FAILED',
    'cannot set hostname "web": no such path (ENOENT): /x [/hostname]',
  ],
  [
    { ...child, index: 1, errno: ENOENT },
    'LAUNCH_FAILED',
    'exec: "web": executable file not found in $PATH',
  ],
  [{ ...child, index: 1, errno: EACCES }, 'LAUNCH_FAILED', 'exec: "web": permission denied'],
  [
    { ...child, kind: 'hook', index: 2, status: 3 << 8, detail: 'oh no\n' },
    'LAUNCH_FAILED',
    'error running prestart hook #0: hook "/h" failed: exit status 3: oh no [/hooks/prestart/0]',
  ],
  [
    { ...child, kind: 'hook', index: 2, status: 9 },
    'LAUNCH_FAILED',
    'error running prestart hook #0: hook "/h" failed: signal 9 (SIGKILL) [/hooks/prestart/0]',
  ],
  [
    { ...child, kind: 'hook', index: 2, status: 2, errno: 110 },
    'LAUNCH_FAILED',
    'error running prestart hook #0: hook "/h" did not end within 2 s [/hooks/prestart/0]',
  ],
  [{ kind: 'not-found' }, 'NOT_FOUND', 'container does not exist: "c1"'],
  [{ kind: 'not-running' }, 'NOT_RUNNING', 'container not running: "c1"'],
]
for (const [failure, code, message] of sentences) {
  test(`explainFailure() says: ${message}`, () => {
    const error = explainFailure(parseFailure(record(failure)), { plan, binding: { id: 'c1' } })
    assert.deepEqual([error.code, error.message], [code, message])
  })
}

const secret = 'hunter2'
const programs: [call: string, name: string, shown: string][] = [
  ['execve', '/bin/login', '/bin/login'],
  ['execve', 'x'.repeat(200_000), `${'x'.repeat(77)}...`],
]
for (const op of ['exec', 'find-executable'] as const) {
  for (const [call, name, shown] of programs) {
    for (const errno of [ENOENT, EACCES, 7, 12]) {
      test(`explainFailure() names ${shown.slice(0, 10)} alone when ${op} fails with ${errno}`, () => {
        const step = { op, args: [name, `--password=${secret}`], env: [`A=${secret}`] }
        const failure = parseFailure(record({ ...child, errno, call }))
        const error = explainFailure(failure, { plan: { child: [step] }, binding: {} })
        assert.ok(error.message.includes(shown), error.message.slice(0, 300))
        assert.ok(error.message.length < 250)
        assert.ok(!`${error.message}${error.bare}${error.hint}`.includes(secret))
      })
    }
  }
}
test('explainFailure() has a remedy for every errno and every kind', () => {
  const explain = (failure: Partial<Failure>) =>
    explainFailure(parseFailure(record(failure)), { plan, binding: { id: 'c1' } })
  for (let errno = 1; errno < 134; errno++) {
    const { hint = '' } = explain({ ...child, errno, call: 'x' })
    assert.notEqual(hint, '', `errno ${errno}`)
  }
  for (const kind of ERROR_KINDS) assert.notEqual(explain({ ...child, kind }).hint ?? '', '', kind)
})

const SECTION = { section: SECTIONS.indexOf('child') }

test('explainFailure() looks into the rootfs for what to change', (t) => {
  const rootfs = mkdtempSync(join(tmpdir(), 'tsoci-test-'))
  t.after(() => rmSync(rootfs, { recursive: true }))
  mkdirSync(join(rootfs, 'usr/bin'), { recursive: true })
  // An absolute link leads to the root of the container, not of the host.
  symlinkSync('/usr/bin', join(rootfs, 'bin'))
  writeFileSync(join(rootfs, 'usr/bin/server'), '#!/bin/nosuch -x\n')
  writeFileSync(join(rootfs, 'usr/bin/dos'), '#!/bin/sh\r\n')
  const env = ['PATH=/nowhere:/bin']
  const at: Step = { op: 'rootfs', path: rootfs, flags: 0 }
  const cases: [step: Step, errno: number, hint: RegExp][] = [
    [{ op: 'find-executable', args: ['servre'], env }, ENOENT, /^did you mean "server"\?$/],
    [{ op: 'find-executable', args: ['/bin/servr'], env }, ENOENT, /^did you mean "\/bin\/server"/],
    [{ op: 'find-executable', args: ['xyz'], env }, ENOENT, /\(\/nowhere:\/bin\)/],
    [{ op: 'find-executable', args: ['/x'], env }, EACCES, /chmod \+x \/x/],
    [
      { op: 'exec', args: ['server'], env },
      ENOENT,
      /^the interpreter of the script, "\/bin\/nosuch", /,
    ],
    [
      { op: 'exec', args: ['/bin/dos'], env },
      ENOENT,
      /carriage return, so it asks for "\/bin\/sh\\r"/,
    ],
    [
      { op: 'chdir', path: '/bin/dos/x/y', flags: 0 },
      20,
      /^"\/bin\/dos" in the rootfs is no directory/,
    ],
    [
      { op: 'store', path: 'plan', content: '', mode: 0 } as unknown as Step,
      28,
      /choose another --root$/,
    ],
  ]
  for (const [step, errno, hint] of cases) {
    const subject = { plan: { child: [at, step] }, binding: { id: 'c1' } }
    const failure = parseFailure(record({ ...SECTION, index: 1, errno }))
    assert.match(explainFailure(failure, subject).hint ?? '', hint)
  }
})

for (const kind of ERROR_KINDS) {
  test(`explainFailure() has words for ${kind}, even without the plan`, () => {
    const { message } = explainFailure(parseFailure(record({ kind })), { binding: {} })
    assert.doesNotMatch(message, /undefined/)
  })
}
