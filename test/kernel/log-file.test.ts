// --log to what can't take it: nothing hangs, and what was to be told is told.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { draft, FRONT, openSite, until, whyNot } from './container.ts'

const skip = whyNot('mkfifo')

test('--log on a fifo that nobody reads holds nothing up', { skip }, (t) => {
  const site = openSite(t)
  const fifo = join(site.dir, 'fifo')
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
  for (const words of [
    ['state', 'nosuch'],
    ['run', '-b', '/nowhere', 'x'],
    ['exec', 'nosuch', 'true'],
  ]) {
    const { code, stderr } = site.tsoci(['--log', fifo, ...words])
    assert.notEqual(code, null, words[0])
    assert.match(stderr, /error: /, words[0])
  }
})

test('--log on a full disk is told beside the error', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.tsoci(['--log', '/dev/full', 'state', 'nosuch'])
  assert.equal(code, 1)
  assert.match(stderr, /error: container does not exist/)
  assert.match(stderr, /warning: cannot write to the file "\/dev\/full" of --log: ENOSPC/)
})

test('a warning that --log does not take is on standard error', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.hooks = { poststop: [{ path: '/bin/false' }] }
  })
  const words = ['--log', '/dev/full', 'run', '-b', bundle, site.id()]
  const { code, stderr } = site.tsoci(words)
  assert.equal(code, 0)
  assert.match(stderr, /warning: poststop hook/)
})

test('a foreground run passes SIGPIPE on', { skip: whyNot() }, async (t) => {
  const site = openSite(t)
  const script = 'trap "exit 42" PIPE; echo ready > /tmp/ready; while :; do sleep 0.05; done'
  const bundle = site.bundle(
    ({ root }) => {
      root.readonly = false
    },
    draft(['sh', '-c', script]),
  )
  const id = site.id()
  const front = spawn(FRONT, ['--root', site.root, 'run', '-b', bundle, id], { stdio: 'ignore' })
  t.after(() => front.kill('SIGKILL'))
  const end = once(front, 'exit')
  await until('the trap', () => site.tsoci(['exec', id, 'cat', '/tmp/ready']).code === 0)
  front.kill('SIGPIPE')
  assert.deepEqual(await end, [42, null])
})
