// Containers that another version of tsoci made: every verb goes on with them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { kill, remove, state } from '../../src/runtime/index.ts'
import {
  type Change,
  dropNamespace,
  ORDINARY_USER,
  openSite,
  readText,
  type Site,
  until,
  whyNot,
  whyNotRootless,
} from './container.ts'
import { viewHost } from './host-view.ts'
import { openOrdinarySite, rootlessDraft } from './rootless.ts'

const skip = whyNot()

/** Gives a container the plan of a version whose steps are not ours. */
function age(site: Site, id: string): void {
  const file = join(site.root, id, 'plan')
  const bytes = readFileSync(file)
  bytes[4]! ^= 1 // of the ABI word
  bytes.fill(0xff, 40)
  writeFileSync(file, bytes)
}

function startOld(t: TestContext, change: Change = () => {}): { site: Site; id: string } {
  const site = openSite(t)
  const id = site.start(change)
  age(site, id)
  return { site, id }
}

test('state tells of a container of another version what its own would', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.annotations = { 'org.example': 'one "two"' }
  })
  const before = site.ok(['state', id])
  age(site, id)
  assert.deepEqual(JSON.parse(site.ok(['state', id])), JSON.parse(before))
})

test('a created container of another version starts, with its hooks', { skip }, async (t) => {
  const site = openSite(t)
  const log = join(site.dir, 'log')
  const hook = { path: '/bin/sh', args: ['sh', '-c', `cat >>${log}; echo >>${log}`] }
  const before = viewHost(site)
  const id = site.create((config) => {
    config.hooks = { poststart: [hook], poststop: [hook] }
  })
  age(site, id)
  site.ok(['start', id])
  assert.equal(site.state(id).status, 'running')
  age(site, id)
  site.ok(['kill', id, 'KILL'])
  await until('its end', () => site.state(id).status === 'stopped')
  age(site, id)
  site.ok(['delete', id])
  const told = readFileSync(log, 'utf8').split('\n').filter(Boolean)
  assert.deepEqual(
    told.map((line) => {
      const { id: own, status, bundle } = JSON.parse(line)
      return [own, status, bundle.startsWith(site.dir)]
    }),
    [
      [id, 'running', true],
      [id, 'stopped', true],
    ],
  )
  assert.deepEqual(viewHost(site), before)
})

test('pause, resume, exec, ps and update of another version', { skip }, (t) => {
  const { site, id } = startOld(t)
  site.ok(['pause', id])
  assert.equal(site.state(id).status, 'paused')
  age(site, id)
  site.ok(['resume', id])
  assert.equal(site.state(id).status, 'running')
  age(site, id)
  assert.equal(site.ok(['exec', id, 'echo', 'inside']), 'inside\n')
  assert.match(site.ok(['ps', id]), /sleep 1000/)
  site.ok(['update', '--pids-limit', '30', id])
})

test('kill sends the stop signal of the image', { skip }, async (t) => {
  const { site, id } = startOld(t, (config) => {
    config.annotations = { 'org.opencontainers.image.stopSignal': 'SIGUSR1' }
    config.process.args = ['sh', '-c', 'trap "exit 0" USR1; while :; do sleep 0.05; done']
  })
  site.ok(['kill', id])
  await until('its end', () => site.state(id).status === 'stopped')
})

test('kill --all and delete end what shares the pid namespace', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.start((config) => dropNamespace(config, 'pid'))
  site.ok(['exec', '--detach', id, 'sleep', '1000'], { stdio: 'ignore' })
  age(site, id)
  site.ok(['kill', '--all', id, 'KILL'])
  await until('their end', () => viewHost(site).processes.length === 0)
  age(site, id)
  site.ok(['delete', id])
  assert.deepEqual(viewHost(site), before)
})

test('verbs refuse what the status does not allow', { skip }, (t) => {
  const { site, id } = startOld(t)
  assert.match(site.tsoci(['delete', id]).stderr, /cannot delete .* not stopped: running\nhint: /)
  age(site, id)
  assert.match(site.tsoci(['start', id]).stderr, /cannot start an already running container/)
  assert.equal(site.state(id).status, 'running')
})

test('delete --force of another version runs the poststop hooks', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.start((config) => {
    config.hooks = { poststop: [{ path: '/bin/touch', args: ['touch', join(site.dir, 'told')] }] }
  })
  age(site, id)
  site.ok(['delete', '--force', id])
  assert.ok(existsSync(join(site.dir, 'told')))
  assert.deepEqual(viewHost(site), before)
})

for (const file of ['config.json', 'state.json']) {
  test(`without its ${file} it can be removed by force only`, { skip }, async (t) => {
    const { site, id } = startOld(t)
    const { cgroups } = site.stored(id)
    const saved = readFileSync(join(site.root, id, file))
    rmSync(join(site.root, id, file))
    for (const words of [['start'], ['kill'], ['pause'], ['resume'], ['delete']]) {
      const { code, stderr } = site.tsoci([...words, id])
      assert.equal(code, 1, words[0])
      assert.match(stderr, /^error: cannot read the state .*\nhint: .*delete --force/, words[0])
    }
    // Only there the processes and cgroups are named.
    if (file === 'state.json') writeFileSync(join(site.root, id, file), saved)
    site.ok(['delete', '--force', id])
    await until('its end', () => viewHost(site).processes.length === 0)
    assert.deepEqual(cgroups.filter(existsSync), [])
    assert.deepEqual(site.ids(), [])
  })
}

test('several verbs at once renew it once', { skip }, async (t) => {
  const { site, id } = startOld(t)
  const calls = Array.from({ length: 4 }, () => kill(id, 0, { root: site.root }))
  await Promise.all([...calls, state(id, { root: site.root })])
  assert.deepEqual(
    spawnSync('ls', ['-A', join(site.root, id)], { encoding: 'utf8' }).stdout.match(/^\..*/gm),
    null,
  )
  assert.equal(site.state(id).status, 'running')
})

test('the library goes on with it, too', { skip }, async (t) => {
  const { site, id } = startOld(t)
  const options = { root: site.root }
  await kill(id, 9, options)
  await until('its end', () => site.state(id).status === 'stopped')
  age(site, id)
  await remove(id, options)
  await assert.rejects(state(id, options), { code: 'NOT_FOUND' })
})

test('delete --force by the library takes nothing from a directory that is none of ours', {
  skip,
}, async (t) => {
  const { site, id } = startOld(t)
  const other = join(site.dir, 'other')
  mkdirSync(other)
  const plan = join(other, 'plan')
  writeFileSync(plan, readFileSync(join(site.root, id, 'plan')))
  symlinkSync(other, join(site.root, 'link'))
  const removal = remove('link', { root: site.root, force: true })
  await assert.rejects(removal, { code: 'BAD_STATE' })
  assert.ok(existsSync(plan))
  rmSync(join(site.root, 'link'))
})

test('a container of an ordinary user', { skip: skip || whyNotRootless() }, async (t) => {
  const site = openOrdinarySite(t)
  const user = { user: ORDINARY_USER, cwd: site.dir }
  const bundle = site.bundle(() => {}, rootlessDraft(['sleep', '1000']))
  spawnSync('chown', ['-hR', `${ORDINARY_USER}:${ORDINARY_USER}`, bundle])
  mkdirSync(site.root)
  spawnSync('chown', [`${ORDINARY_USER}:${ORDINARY_USER}`, site.root])
  const id = site.id()
  site.ok(['run', '--detach', '--bundle', bundle, id], { ...user, stdio: 'ignore' })
  age(site, id)
  const status = () => JSON.parse(site.ok(['state', id], user)).status
  site.ok(['kill', id, 'KILL'], user)
  await until('its end', () => status() === 'stopped')
  age(site, id)
  site.ok(['delete', id], user)
  assert.equal(readText(join(site.root, id, 'plan')), undefined)
})
