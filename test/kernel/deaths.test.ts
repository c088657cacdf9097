// Whatever kills a process of ours is told, with the signal; for SIGKILL with the likely reason.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Change, FRONT, ORDINARY_USER, openSite, setNamespaces, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const WHY = /\nhint: .*: see the kernel log/

const small: Change = (config) => {
  config.linux.resources.memory = { limit: 8 << 20 }
}

for (const name of ['createRuntime', 'createContainer', 'startContainer'] as const) {
  test(`a ${name} hook that is killed`, { skip }, (t) => {
    const { code, stderr } = openSite(t).run('true', (config) => {
      small(config)
      config.hooks = { [name]: [{ path: '/bin/sh', args: ['sh', '-c', 'kill -9 $$'] }] }
    })
    assert.equal(code, 1)
    assert.match(stderr, /^error: error running .* failed: signal 9 \(SIGKILL\)/)
    assert.match(stderr, WHY)
    // Only what is in the container's cgroups has its limit.
    assert.equal(stderr.includes('limit is 8388608 bytes'), name !== 'createRuntime')
  })
}

test('an init that is killed while hooks run', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const script = `kill -9 $(sed 's/.*"pid":\\([0-9]*\\).*/\\1/')`
  const bundle = site.bundle((config) => {
    config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script] }] }
  })
  const id = site.id()
  const { code, stderr } = site.tsoci(['create', '--bundle', bundle, id])
  assert.equal(code, 1)
  const words = `error: the init of container "${id}" ended before it was ready: signal 9 (SIGKILL)\n`
  assert.ok(stderr.startsWith(words), stderr)
  assert.match(stderr, WHY)
  assert.deepEqual(viewHost(site), before)
})

/** Has the first process that makes this system call killed there. */
const killAt = (call: string, words: readonly string[]) =>
  spawnSync(
    'strace',
    [
      '-f',
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:signal=KILL`,
      ...words,
    ],
    { encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'pipe'] },
  )

const joined: Change = (config) => setNamespaces(config, { type: 'ipc', path: '/proc/self/ns/ipc' })

const places: [where: string, verb: 'run' | 'exec', call: string, change?: Change][] = [
  ['the child', 'run', 'setsid'],
  ['the process between, which joins namespaces,', 'run', 'setns', joined],
  ['the child of an exec', 'exec', 'setsid'],
]

for (const [where, verb, call, change = () => {}] of places) {
  test(`${where} that is killed before exec`, { skip: whyNot('strace') }, (t) => {
    const site = openSite(t)
    const id = verb === 'exec' ? site.start(change) : site.id()
    const before = viewHost(site)
    const words = verb === 'exec' ? [id, 'true'] : ['--bundle', site.bundle(change), id]
    const { status, stderr } = killAt(call, [FRONT, '--root', site.root, verb, ...words])
    assert.equal(status, verb === 'exec' ? 255 : 1, stderr)
    const what = verb === 'exec' ? 'new process in' : 'init of'
    const message = `error: the ${what} container "${id}" ended before it was ready: signal 9 (SIGKILL)\n`
    assert.ok(stderr.startsWith(message), stderr)
    assert.match(stderr, WHY)
    assert.deepEqual(viewHost(site), before)
  })
}

test('a CRIU that is killed', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const criu = join(site.dir, 'criu')
  writeFileSync(criu, '#!/bin/sh\n[ "$1" != swrk ] || kill -9 $$\necho Version: 4.1\n', {
    mode: 0o755,
  })
  const images = join(site.dir, 'images')
  const { code, stderr } = site.tsoci(['--criu', criu, 'checkpoint', '--image-path', images, id])
  assert.equal(code, 1)
  assert.match(stderr, /^error: criu ended before it answered to checkpoint: signal 9 \(SIGKILL\)/)
  assert.match(stderr, WHY)
  assert.equal(site.state(id).status, 'running')
})

test('a newuidmap that is killed', { skip: whyNot('newuidmap', 'setpriv') }, (t) => {
  const site = openSite(t)
  const tool = join(site.dir, 'tool')
  writeFileSync(tool, '#!/bin/sh\nkill -9 $$\n', { mode: 0o755 })
  const ranges = join(site.dir, 'ranges')
  writeFileSync(ranges, `${ORDINARY_USER}:100000:65536\n`)
  chmodSync(site.dir, 0o777)
  const bundle = site.bundle((config) => {
    setNamespaces(config, { type: 'user' })
    const maps = [
      { containerID: 0, hostID: ORDINARY_USER, size: 1 },
      { containerID: 1, hostID: 100_000, size: 10 },
    ]
    config.linux.uidMappings = maps
    config.linux.gidMappings = maps
    config.linux.resources = {}
    config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup' && type !== 'sysfs')
  })
  const mounts = `for it in newuidmap newgidmap; do mount --bind ${tool} $(command -v $it); done
    for it in subuid subgid; do mount --bind ${ranges} /etc/$it; done`
  const user = `setpriv --reuid ${ORDINARY_USER} --regid ${ORDINARY_USER} --clear-groups`
  const call = `${FRONT} --root ${site.dir}/own run --bundle ${bundle} ${site.id()}`
  const { status, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${mounts}\nexec ${user} ${call}`],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(status, 1)
  assert.match(
    stderr,
    /^error: cannot map uids.* with \S*\/newuidmap: failed: signal 9 \(SIGKILL\)/,
  )
  assert.match(stderr, WHY)
})
