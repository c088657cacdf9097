// No wait is for ever: --deadline.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { buildProgram, draft, FRONT, openSite, type Site, until, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const isV2 = readHostFacts().cgroups.layout === 'v2'

/** A bundle with a hook that never ends. */
function slow(site: Site, hook: 'createRuntime' | 'createContainer' | 'startContainer'): string {
  return site.bundle(
    (config) => {
      const path = '/bin/sleep'
      config.hooks = { [hook]: [{ path, args: ['sleep', '1000'] }] }
    },
    draft(['sleep', '1000']),
  )
}

for (const hook of ['createRuntime', 'createContainer'] as const) {
  test(`--deadline ends a create whose ${hook} hook hangs`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const words = ['--deadline', '1', 'create', '--bundle', slow(site, hook), site.id()]
    const { code, stderr } = site.tsoci(words)
    assert.equal(code, 1)
    assert.match(stderr, /did not end within 1 s|ETIMEDOUT/)
    assert.deepEqual(viewHost(site), before)
  })
}

test('--deadline ends a start whose hook hangs, and the container', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.id()
  site.ok(['create', '--bundle', slow(site, 'startContainer'), id], { stdio: 'ignore' })
  const { code, stderr } = site.tsoci(['--deadline', '1', 'start', id])
  assert.equal(code, 1)
  assert.match(stderr, /ETIMEDOUT|did not end within 1 s/)
  await until('its end', () => site.state(id).status === 'stopped')
})

test('--deadline ends the wait for another verb', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const dir = join(site.root, id)
  const holder = spawn('flock', [dir, 'sleep', '1000'], { stdio: 'ignore', detached: true })
  try {
    await until('the lock', () => spawnSync('flock', ['-n', dir, 'true']).status === 1)
    const { stderr } = site.tsoci(['--deadline', '1', 'pause', id])
    assert.match(
      stderr,
      /^error: cannot pause .*another verb holds its lock: .*ETIMEDOUT.*\nhint: gave up after 1 s: --deadline/,
    )
  } finally {
    process.kill(-holder.pid!, 'SIGKILL') // both of them hold the lock
  }
})

test('--deadline ends the wait for a systemd that does not answer', {
  skip: skip || whyNot('unshare'),
}, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const bundle = site.bundle((config) => {
    config.linux.cgroupsPath = 'system.slice:tsoci:silent'
  })
  const listen = "require('node:net').createServer().listen('/run/systemd/private')"
  const script = `
    mount -t tmpfs tmpfs /run && mkdir /run/systemd || exit 9
    "$0" -e "${listen}" & listener=$!
    until [ -S /run/systemd/private ]; do sleep 0.1; done
    "$@"; code=$?
    kill $listener; exit $code`
  const words = ['--root', site.root, '--systemd-cgroup', '--deadline', '1']
  const call = [FRONT, ...words, 'run', '--bundle', bundle, site.id()]
  const { status, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', script, process.execPath, ...call],
    {
      encoding: 'utf8',
      timeout: 20_000,
    },
  )
  assert.equal(status, 1, stderr)
  assert.match(stderr, /\(ETIMEDOUT\)/)
  assert.match(stderr, /\nhint: systemd does not answer: .*; gave up after 1 s: --deadline/)
  assert.deepEqual(viewHost(site), before)
})

test('start of a container whose init was killed fails at once', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.create()
  process.kill(site.state(id).pid, 'SIGKILL')
  await until('its end', () => site.state(id).status === 'stopped')
  const begin = Date.now()
  const { code, stderr } = site.tsoci(['start', id])
  assert.equal(code, 1)
  assert.match(stderr, /cannot start a container that has stopped/)
  assert.ok(Date.now() - begin < 5000)
})

/** Puts a process into the container's cgroup that no freezer holds. */
async function addStuck(t: TestContext, site: Site, id: string): Promise<void> {
  const stuck = spawn(buildProgram('stuck'), { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => stuck.kill('SIGKILL'))
  await new Promise((resolve) => stuck.stdout.once('data', resolve))
  await until('its fault', () => readWhere(stuck.pid!).includes('userfault'))
  writeFileSync(join(site.cgroup(id, 'freezer'), 'cgroup.procs'), String(stuck.pid))
}

const readWhere = (pid: number) => readFileSync(`/proc/${pid}/wchan`, 'utf8')

test('--deadline ends a pause that never is one', {
  skip: skip || whyNot('make', 'cc'),
}, async (t) => {
  const site = openSite(t)
  const id = site.start()
  await addStuck(t, site, id)
  const { code, stderr } = site.tsoci(['--deadline', '1', 'pause', id])
  assert.equal(code, 1)
  assert.match(stderr, /^error: cannot write .*(freezer\.state|cgroup\.events): .*\(ETIMEDOUT\)$/m)
  assert.match(stderr, /\nhint: .*gave up after 1 s: --deadline/)
  assert.equal(site.state(id).status, 'running')
  assert.equal(site.ok(['exec', id, 'echo', 'goes on']), 'goes on\n')
})

test('--deadline ends the wait for those that can not end', {
  skip: skip || (isV2 ? 'v2 ends what is frozen' : false),
}, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle(
    (config) => {
      config.linux.cgroupsPath = `/${id}-above/below`
    },
    draft(['sleep', '1000']),
  )
  site.ok(['run', '--detach', '--bundle', bundle, id], { stdio: 'ignore' })
  const above = site.stored(id).cgroups.map((dir) => dirname(dir))
  const freezer = join(dirname(site.cgroup(id, 'freezer')), 'freezer.state')
  site.atClose(() => {
    for (const dir of above) if (existsSync(dir)) rmdirSync(dir)
  })
  writeFileSync(freezer, 'FROZEN')
  t.after(() => existsSync(freezer) && writeFileSync(freezer, 'THAWED'))
  const begin = Date.now()
  const { code, stderr } = site.tsoci(['--deadline', '1', 'delete', '--force', id])
  assert.ok(Date.now() - begin < 9000, 'the usual 10 s were waited for')
  assert.equal(code, 1)
  assert.match(stderr, /process \d+ does not end; it is in the cgroup .*-above\/below/)
  assert.match(stderr, /gave up after 1 s: --deadline/)
  writeFileSync(freezer, 'THAWED')
  site.ok(['delete', '--force', id])
  assert.equal(existsSync(join(dirname(freezer), 'below')), false)
})
