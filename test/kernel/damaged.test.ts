// Containers of which something is missing, or that somebody holds: told, and not taken for others.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { openSite, until, whyNot } from './container.ts'

const skip = whyNot()

test('list shows a container that runs without its plan, and says so', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const plan = join(site.root, id, 'plan')
  renameSync(plan, `${plan}.away`)
  const { code, stdout, stderr } = site.tsoci(['list'])
  assert.equal(code, 0)
  assert.match(stdout, new RegExp(`^${id} .* running `, 'm'))
  assert.match(stderr, new RegExp(`warning: .*"${id}".*plan" is missing`))
  assert.equal(site.ok(['list', '--quiet']), `${id}\n`)
  renameSync(`${plan}.away`, plan)
})

test('a container without state.json is damaged, and not stopped', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.root, id, 'state.json')
  renameSync(file, `${file}.away`)
  for (const words of [
    ['exec', id, 'true'],
    ['exec', '--no-new-privs', id, 'true'],
    ['state', id],
    ['kill', id, 'KILL'],
    ['delete', id],
  ]) {
    const { code, stderr } = site.tsoci(words)
    assert.notEqual(code, 0, words[0])
    assert.match(stderr, /cannot read the state of container .*state\.json/, words[0])
  }
  renameSync(`${file}.away`, file)
  assert.equal(site.state(id).status, 'running')
})

const freezer = readHostFacts().cgroups.v1.find(({ controllers }) =>
  controllers.includes('freezer'),
)

test('delete --force names who holds an init that does not end', {
  skip: skip || (freezer === undefined ? 'no freezer of cgroup v1' : false),
}, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const { pid } = site.state(id)
  const dir = join(freezer!.ownDir, `t${process.pid}-others`)
  mkdirSync(dir)
  t.after(() => rmdirSync(dir))
  writeFileSync(join(dir, 'cgroup.procs'), String(pid))
  writeFileSync(join(dir, 'freezer.state'), 'FROZEN')
  await until('frozen', () => readFileSync(join(dir, 'freezer.state'), 'utf8') === 'FROZEN\n')
  const { code, stderr } = site.tsoci(['--deadline', '1', 'delete', '--force', id])
  writeFileSync(join(dir, 'freezer.state'), 'THAWED')
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(`process ${pid} does not end; it is in the cgroup .*-others`))
  await until('its end', () => !existsSync(`/proc/${pid}`))
  site.ok(['delete', '--force', id])
  assert.deepEqual(site.ids(), [])
})
