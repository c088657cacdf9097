import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TsociError } from '../../src/errors.ts'
import {
  deriveStatus,
  listIds,
  readStoredState,
  type StoredState,
} from '../../src/state/container.ts'
import type { Status } from '../../src/state/transitions.ts'

/** Field 22 of our own /proc/PID/stat. */
function ownStartTime(): number {
  const text = readFileSync('/proc/self/stat', 'utf8')
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19])
}

function makeRoot(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'tsoci-state-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  return root
}

const alive: StoredState = {
  pid: process.pid,
  startTime: ownStartTime(),
  id: 'c1',
  bundle: '/b',
  rootfs: '/b/rootfs',
  created: '2026-01-01T00:00:00Z',
  owner: 'root',
  cgroups: [],
  annotations: {},
  noNewKeyring: false,
}

interface Case {
  readonly why: string
  readonly stored?: Partial<StoredState>
  readonly files: readonly string[]
  /** Text of the file that freezes. */
  readonly frozen?: [file: string, text: string]
  readonly status: Status
}

const cases: Case[] = [
  { why: 'nothing but a gate', files: ['creating.fifo'], status: 'creating' },
  { why: 'nothing at all', files: [], status: 'stopped' },
  { why: 'an init and no gate', stored: {}, files: [], status: 'running' },
  { why: 'an init at its gate', stored: {}, files: ['exec.fifo'], status: 'created' },
  { why: 'an init that is being made', stored: {}, files: ['creating.fifo'], status: 'creating' },
  {
    why: 'a process that began at another time',
    stored: { startTime: 1 },
    files: ['exec.fifo'],
    status: 'stopped',
  },
  { why: 'a pid without a process', stored: { pid: 2 ** 22 + 1 }, files: [], status: 'stopped' },
  {
    why: 'a frozen v1 cgroup',
    stored: {},
    files: [],
    frozen: ['freezer.state', 'FROZEN\n'],
    status: 'paused',
  },
  {
    why: 'a v1 cgroup that freezes',
    stored: {},
    files: [],
    frozen: ['freezer.state', 'FREEZING\n'],
    status: 'paused',
  },
  {
    why: 'a thawed v1 cgroup',
    stored: {},
    files: [],
    frozen: ['freezer.state', 'THAWED\n'],
    status: 'running',
  },
  {
    why: 'a frozen v2 cgroup',
    stored: {},
    files: [],
    frozen: ['cgroup.freeze', '1\n'],
    status: 'paused',
  },
  {
    why: 'a v2 cgroup that is not frozen',
    stored: {},
    files: [],
    frozen: ['cgroup.freeze', '0\n'],
    status: 'running',
  },
  {
    why: 'a frozen cgroup and a gate',
    stored: {},
    files: ['exec.fifo'],
    frozen: ['cgroup.freeze', '1\n'],
    status: 'paused',
  },
]

for (const { why, stored, files, frozen, status } of cases) {
  test(`deriveStatus() of ${why} is ${status}`, (t) => {
    const root = makeRoot(t)
    mkdirSync(join(root, 'c1'))
    for (const name of files) writeFileSync(join(root, 'c1', name), '')
    const cgroup = join(root, 'cgroup')
    mkdirSync(cgroup)
    if (frozen !== undefined) writeFileSync(join(cgroup, frozen[0]), frozen[1])
    const full = stored === undefined ? undefined : { ...alive, cgroups: [cgroup], ...stored }
    assert.equal(deriveStatus(root, full, 'c1'), status)
  })
}

test('listIds() lists the directories with a plan, and none of a root that is not there', (t) => {
  const root = makeRoot(t)
  for (const id of ['b', 'a', 'empty']) mkdirSync(join(root, id))
  for (const id of ['b', 'a']) writeFileSync(join(root, id, 'plan'), '')
  assert.deepEqual(listIds(root), ['a', 'b'])
  assert.deepEqual(listIds(join(root, 'not-there')), [])
})

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return error instanceof TsociError ? error.code : 'other'
  }
  return 'none'
}

test('readStoredState() tells no container, no state yet, and a damaged one', (t) => {
  const root = makeRoot(t)
  assert.equal(
    codeOf(() => readStoredState(root, 'c1')),
    'NOT_FOUND',
  )
  mkdirSync(join(root, 'c1'))
  assert.equal(readStoredState(root, 'c1'), undefined)
  writeFileSync(join(root, 'c1/state.json'), '{"pid":')
  assert.equal(
    codeOf(() => readStoredState(root, 'c1')),
    'BAD_STATE',
  )
  writeFileSync(join(root, 'c1/state.json'), JSON.stringify(alive))
  assert.deepEqual(readStoredState(root, 'c1'), alive)
})
