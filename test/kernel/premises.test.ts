// What the runtime relies on while it makes and looks at a container: the host's procfs, the clock by
// which it tells when a process has begun, and that a child ends with its parent.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot('mount', 'unshare')
const clocks = spawnSync('unshare', ['--time', '--boottime', '100000', 'true']).status === 0
const skipClocks = skip || (!clocks && 'unshare makes no time namespaces here')

/** Calls tsoci, its words at "$@", by a script in namespaces of its own. */
function callIn(site: Site, namespaces: string[], script: string, ...words: string[]) {
  const shell = ['sh', '-c', script, 'sh', FRONT, '--root', site.root, ...words]
  return spawnSync('unshare', [...namespaces, ...shell], { encoding: 'utf8' })
}

test('who calls from a time namespace sees a container that lives', { skip: skipClocks }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const offset of ['100000', '7']) {
    const clock = ['--time', '--boottime', offset]
    const { stdout, stderr } = callIn(site, clock, '"$@"', 'state', id)
    assert.equal(JSON.parse(stdout || stderr).status, 'running')
    assert.equal(callIn(site, clock, '"$@"', 'exec', id, 'echo', 'there').stdout, 'there\n')
    assert.match(callIn(site, clock, '"$@"', 'list').stdout, / running /)
  }
})

test('a container made in a time namespace lives outside of it', { skip: skipClocks }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
  })
  const words = ['run', '--detach', '--bundle', bundle, id]
  const clock = ['--time', '--boottime', '100000']
  const { status } = callIn(site, clock, '"$@" </dev/null >/dev/null 2>&1', ...words)
  assert.equal(status, 0)
  assert.equal(site.state(id).status, 'running')
})

test('a part of procfs at /proc is not taken for the whole', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  // It has the files of one process where those of all should be.
  const script = 'mount --bind /proc/self/task /proc && "$@"'
  const { status, stdout } = callIn(site, ['--mount'], script, 'state', id)
  assert.notEqual(status, 0, stdout)
  assert.equal(stdout, '')
})

test('a create that can not bind the life of its init to its own fails', {
  skip: whyNot('strace'),
}, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle()
  const words = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'trace=prctl',
    '-e',
    'inject=prctl:error=EPERM',
  ]
  const call = [FRONT, '--root', site.root, 'create', '--bundle', bundle, id]
  const { status, stderr } = spawnSync('strace', [...words, ...call], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 20_000,
  })
  assert.notEqual(status, 0)
  assert.match(stderr, /EPERM/)
  assert.deepEqual(site.ids(), [])
})
