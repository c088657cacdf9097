import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deriveStatus, readStoredState } from '../../src/state/container.ts'
import type { Status } from '../../src/state/transitions.ts'
import { type Change, draft, FRONT, openSite, type Site, until, whyNot } from './container.ts'
import { listProcesses, viewHost } from './host-view.ts'

const skip = whyNot()

type Start = Exclude<Status, 'creating'> | 'missing'

/** Freezes by the cgroup file, as an engine that knows nothing of tsoci would. */
async function freeze(site: Site, id: string): Promise<void> {
  const dir = site.cgroup(id, 'freezer')
  const v1 = join(dir, 'freezer.state')
  if (existsSync(v1)) writeFileSync(v1, 'FROZEN')
  else writeFileSync(join(dir, 'cgroup.freeze'), '1')
  await until('paused', () => site.state(id).status === 'paused')
}

async function makeContainer(site: Site, status: Start): Promise<string> {
  if (status === 'missing') return site.id()
  const id = site.create()
  if (status === 'created') return id
  site.ok(['start', id])
  if (status === 'paused') await freeze(site, id)
  if (status === 'stopped') {
    site.ok(['kill', id, 'KILL'])
    await until('stopped', () => site.state(id).status === 'stopped')
  }
  return id
}

/** The status as the library derives it. */
function libraryStatus(site: Site, id: string): Status {
  return deriveStatus(site.root, readStoredState(site.root, id), id)
}

/** What is refused with these words, or the status that it leads to. */
type Outcome = RegExp | Start

const MISSING = /container does not exist/
const TAKEN = /container with given ID already exists/

const table: Record<string, Partial<Record<Start, Outcome>>> = {
  state: {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: 'stopped',
    missing: MISSING,
  },
  start: {
    created: 'running',
    running: /cannot start an already running container/,
    paused: /cannot start a container in the paused state/,
    stopped: /cannot start a container that has stopped/,
    missing: MISSING,
  },
  'kill ID KILL': {
    created: 'stopped',
    running: 'stopped',
    paused: 'stopped',
    stopped: /container not running/,
    missing: MISSING,
  },
  'kill --all ID KILL': {
    created: 'stopped',
    running: 'stopped',
    paused: 'stopped',
    stopped: 'stopped',
    missing: MISSING,
  },
  pause: {
    created: 'paused',
    running: 'paused',
    paused: /paused/,
    stopped: /not running/,
    missing: MISSING,
  },
  resume: {
    created: /not paused/,
    running: /not paused/,
    paused: 'running',
    stopped: /not paused|not running/,
    missing: MISSING,
  },
  'exec ID true': {
    created: 'created',
    running: 'running',
    paused: /cannot exec in a paused container/,
    stopped: /cannot exec in a stopped container|container not running/,
    missing: MISSING,
  },
  'update --pids-limit 100': {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: /container not running/,
    missing: MISSING,
  },
  'ps --format json': {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: 'stopped',
    missing: MISSING,
  },
  'enter ID --net -- true': {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: /cannot enter a stopped container/,
    missing: MISSING,
  },
  // In a paused one it waits until resume.
  'exec --ignore-paused ID true': {
    created: 'created',
    running: 'running',
    stopped: /cannot exec in a stopped container/,
    missing: MISSING,
  },
  'events --stats': {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: /container not running/,
    missing: MISSING,
  },
  ns: {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: /container not running/,
    missing: MISSING,
  },
  'mounts add ID FILE': {
    created: 'created',
    running: 'running',
    paused: 'paused',
    stopped: /container not running/,
    missing: MISSING,
  },
  'create --bundle BUNDLE ID': { created: TAKEN, running: TAKEN, paused: TAKEN, stopped: TAKEN },
  'run --bundle BUNDLE ID': { created: TAKEN, running: TAKEN, paused: TAKEN, stopped: TAKEN },
  // Of a running and of a paused one: checkpoint.test.ts, which has CRIU.
  'checkpoint --image-path /nowhere/at/all': {
    created: /cannot checkpoint a created container/,
    stopped: /cannot checkpoint a stopped container/,
    missing: MISSING,
  },
  delete: {
    created: 'missing',
    running: /cannot delete container \S+ that is not stopped: running/,
    paused: /cannot delete container \S+ that is not stopped: paused/,
    stopped: 'missing',
    missing: MISSING,
  },
  'delete --force': {
    created: 'missing',
    running: 'missing',
    paused: 'missing',
    stopped: 'missing',
    missing: 'missing',
  },
}

function wordsOf(site: Site, verb: string, id: string): string[] {
  const words = verb.split(' ')
  if (!words.includes('ID')) return [...words, id]
  return words.map((word) => {
    if (word === 'BUNDLE') return site.bundle()
    if (word === 'FILE') return writeMounts(site)
    return word === 'ID' ? id : word
  })
}

function writeMounts(site: Site): string {
  const file = join(site.dir, 'mounts.json')
  writeFileSync(file, JSON.stringify([{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }]))
  return file
}

function statusNow(site: Site, id: string): Start | 'creating' {
  return existsSync(join(site.root, id)) ? (site.state(id).status as Status) : 'missing'
}

for (const [verb, outcomes] of Object.entries(table)) {
  for (const [status, outcome] of Object.entries(outcomes) as [Start, Outcome][]) {
    const what = outcome instanceof RegExp ? 'is refused' : `leads to ${outcome}`
    test(`${verb} of a ${status} container ${what}`, { skip }, async (t) => {
      const site = openSite(t)
      const id = await makeContainer(site, status)
      const { code, stderr } = site.tsoci(wordsOf(site, verb, id))
      if (outcome instanceof RegExp) {
        // 1 may be what the program of an exec ends with.
        assert.equal(code, verb.startsWith('exec') ? 255 : 1)
        assert.match(stderr, outcome)
        assert.match(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/)
      } else {
        assert.equal(code, 0, stderr)
      }
      const then = outcome instanceof RegExp ? status : outcome
      await until(`the status ${then}`, () => statusNow(site, id) === then)
      if (then === 'missing') await until('no process', () => listProcesses(site).length === 0)
      else assert.equal(libraryStatus(site, id), then)
    })
  }
}

test('a created container that is paused can not start before it is resumed', { skip }, (t) => {
  const site = openSite(t)
  const id = site.create()
  site.ok(['pause', id])
  assert.equal(libraryStatus(site, id), 'paused')
  const { code, stderr } = site.tsoci(['start', id])
  assert.equal(code, 1)
  assert.match(stderr, /in the paused state.*\nhint: .*resume/)
  site.ok(['resume', id])
  assert.equal(site.state(id).status, 'created')
  site.ok(['start', id])
  assert.equal(site.state(id).status, 'running')
})

/** A create that waits in a hook until the file is there. */
function beginCreate(site: Site, go: string) {
  const id = site.id()
  const wait: Change = (config) => {
    const script = `while [ ! -e ${go} ]; do sleep 0.02; done`
    config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script] }] }
  }
  const bundle = site.bundle(wait, draft(['sleep', '1000']))
  const child = spawn(FRONT, ['--root', site.root, 'create', '--bundle', bundle, id], {
    stdio: 'ignore',
    env: { ...process.env, TSOCI_TEST_SITE: site.dir },
  })
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve))
  return { id, exit }
}

const whileCreating: [words: string[], message: RegExp][] = [
  [['start'], /still being created/],
  [['delete'], /that is not stopped: creating/],
]

test('a container that is being created is creating, and can not be used', { skip }, async (t) => {
  const site = openSite(t)
  const go = join(site.dir, 'go')
  const { id, exit } = beginCreate(site, go)
  await until('state.json', () => existsSync(join(site.root, id, 'state.json')))
  assert.equal(site.state(id).status, 'creating')
  assert.equal(libraryStatus(site, id), 'creating')
  // start and delete take turns with create: they are answered once it has ended or failed.
  const answers = whileCreating.map(([words]) => {
    const child = spawn(FRONT, ['--root', site.root, ...words, id], { stdio: 'ignore' })
    return new Promise<number | null>((resolve) => child.on('exit', resolve))
  })
  writeFileSync(go, '')
  assert.equal(await exit, 0)
  await Promise.all(answers)
  assert.notEqual(statusNow(site, id), 'creating')
})

const VERBS_WHILE_CREATING = [
  'pause',
  'resume',
  'kill ID 0',
  'kill --all ID 0',
  'exec ID true',
  'exec --ignore-paused ID true',
  'update --pids-limit 50',
  'ps --format json',
  'events --stats',
  'ns',
  'enter ID --net -- true',
  'mounts add ID FILE',
  'mounts remove ID FILE',
  'checkpoint --image-path /dev/null/images',
  'create --bundle BUNDLE ID',
]
for (const verb of VERBS_WHILE_CREATING) {
  test(`${verb} of a container that is being created ends, and spoils nothing`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const go = join(site.dir, 'go')
    const { id, exit } = beginCreate(site, go)
    await until('state.json', () => existsSync(join(site.root, id, 'state.json')))
    const words = ['--root', site.root, ...wordsOf(site, verb, id)]
    const child = spawn(FRONT, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 })
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    const answer = new Promise<number | null>((resolve) => child.on('close', resolve))
    writeFileSync(go, '')
    assert.equal(await exit, 0)
    const code = await answer
    assert.notEqual(code, null, 'hangs')
    assert.match(stderr, code === 0 ? /^$/ : /^error: [^\n]+\n(hint: [^\n]+\n)?$/)
    assert.match(site.state(id).status, /^(created|paused)$/)
    if (site.state(id).status === 'paused') site.ok(['resume', id])
    site.ok(['start', id])
    assert.equal(site.state(id).status, 'running')
  })
}

test('delete --force ends a create that hangs', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const { id, exit } = beginCreate(site, join(site.dir, 'never'))
  await until('state.json', () => existsSync(join(site.root, id, 'state.json')))
  const forced = spawn(FRONT, ['--root', site.root, 'delete', '--force', id], { stdio: 'ignore' })
  const end = new Promise<number | null>((resolve) => forced.on('exit', resolve))
  writeFileSync(join(site.dir, 'never'), '')
  assert.equal(await end, 0)
  assert.equal(await exit, 1)
  await until('no process', () => listProcesses(site).length === 0)
  assert.deepEqual(viewHost(site), before)
})

const VERBS_OF_THE_LIVING = [
  'pause',
  'exec ID true',
  'exec --ignore-paused ID true',
  'update --pids-limit 50',
  'events --stats',
  'ns',
  'enter ID --net -- true',
  'mounts add ID FILE',
  'checkpoint --image-path /dev/null/images',
]

test('another process with the pid of the init is not the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.root, id, 'state.json')
  const text = readFileSync(file, 'utf8')
  const other = { ...JSON.parse(text), startTime: 1 }
  writeFileSync(file, `${JSON.stringify(other)}\n`)
  assert.equal(site.state(id).status, 'stopped')
  assert.equal(libraryStatus(site, id), 'stopped')
  assert.match(site.tsoci(['kill', id, 'KILL']).stderr, /container not running/)
  for (const verb of VERBS_OF_THE_LIVING) {
    const { code, stderr } = site.tsoci(wordsOf(site, verb, id))
    assert.notEqual(code, 0, verb)
    assert.match(stderr, /not running|stopped/, verb)
  }
  writeFileSync(file, text)
  assert.equal(site.state(id).status, 'running')
})

test('start tells why the program could not become the process', { skip }, async (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['/tmp/text']
  })
  writeFileSync(join(bundle, 'rootfs/tmp/text'), 'no program', { mode: 0o755 })
  const id = site.id()
  site.ok(['create', '--bundle', bundle, id], { stdio: 'ignore' })
  const { code, stderr } = site.tsoci(['start', id])
  assert.equal(code, 1)
  assert.match(stderr, /\/tmp\/text.*exec format error \(ENOEXEC\) \[\/process\/args\]\nhint: /)
  await until('stopped', () => site.state(id).status === 'stopped')
})

test('two creates of one id: one wins', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const codes = await Promise.all(
    [1, 2, 3].map(() => {
      const words = ['--root', site.root, 'create', '--bundle', bundle, id]
      const env = { ...process.env, TSOCI_TEST_SITE: site.dir }
      const child = spawn(FRONT, words, { stdio: 'ignore', env })
      return new Promise<number | null>((resolve) => child.on('exit', resolve))
    }),
  )
  assert.deepEqual(codes.sort(), [0, 1, 1])
  assert.equal(site.state(id).status, 'created')
  assert.equal(listProcesses(site).length, 1)
})
