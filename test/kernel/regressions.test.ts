// What other runtimes got wrong once, by behaviour; the comments have their issues.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { FRONT, openSite, readText, setNamespaces, until, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const { layout } = readHostFacts().cgroups
const v1 = skip || (layout === 'v2' ? 'its freezer is of cgroup v1' : false)

// crun NEWS 1.29, 1.29.1
test('a mode from the directory is for a tmpfs alone: /proc and mqueue keep theirs', {
  skip,
}, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['stat', '-c', '%a', '/proc', '/sys', '/dev/mqueue', '/tmp']
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
  })
  const rootfs = join(bundle, 'rootfs')
  for (const name of ['proc', 'sys', 'tmp']) mkdirSync(join(rootfs, name), { recursive: true })
  const [proc, sys, mqueue, tmp] = site.ok(['run', '--bundle', bundle, site.id()]).split('\n')
  assert.deepEqual([proc, sys, mqueue, tmp], ['555', '555', '1777', '1777'])
})

// crun NEWS 1.29.1
test('a sysfs that stands for the host of a user namespace is read-only', { skip }, (t) => {
  const site = openSite(t)
  const [options] = site.lines("grep ' /sys ' /proc/self/mountinfo | cut -d ' ' -f 6", (config) => {
    const map = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
    setNamespaces(config, { type: 'user' })
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network')
    Object.assign(config.linux, { uidMappings: map, gidMappings: map })
  })
  assert.ok(options!.split(',').includes('ro'), options)
})

// crun 1.29.1: the kill of a frozen container left it frozen for ever
for (const verb of ['kill', 'delete'] as const) {
  test(`${verb} of a paused container ends it, and nothing stays frozen`, { skip }, async (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.start()
    const { pid } = site.state(id)
    site.ok(['pause', id])
    site.ok(verb === 'kill' ? ['kill', id, 'KILL'] : ['delete', '--force', id])
    await until('the end', () => {
      const stat = readText(`/proc/${pid}/stat`)
      return stat === undefined || /\) [ZX] /.test(stat)
    })
    site.ok(['delete', '--force', id])
    assert.deepEqual(viewHost(site), before)
  })
}

// crun#2193, crun#2197, crun#2225
test('exec goes on when the container has moved to a cgroup of its own making', {
  skip: v1,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const below = join(site.cgroup(id, 'freezer'), 'inner')
  mkdirSync(below)
  writeFileSync(join(below, 'cgroup.procs'), String(site.state(id).pid))
  assert.equal(site.ok(['exec', id, 'echo', 'here']), 'here\n')
  site.ok(['pause', id])
  site.ok(['resume', id])
  site.ok(['delete', '--force', id])
})

// runc#5208, runc#4790
test('start of an init that has died is an error at once', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.create()
  const { pid } = site.state(id)
  process.kill(pid, 'SIGKILL')
  await until('its end', () => site.state(id).status === 'stopped')
  const { code, stderr } = site.tsoci(['start', id], { timeout: 5000 })
  assert.equal(code, 1, stderr)
  assert.match(stderr, /stopped/)
})

// runc#5208
for (const verb of ['run', 'exec'] as const) {
  test(`${verb} ends at once when the init is killed from outside`, { skip }, async (t) => {
    const site = openSite(t)
    const sleep = ['sh', '-c', 'echo here; exec sleep 1000']
    const bundle = site.bundle((config) => void Object.assign(config.process, { args: sleep }))
    const id = verb === 'run' ? site.id() : site.start()
    const more = verb === 'run' ? ['--bundle', bundle, id] : [id, ...sleep]
    const child = spawn(FRONT, ['--root', site.root, verb, ...more], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    process.kill(site.state(id).pid, 'SIGKILL')
    const [code] = await once(child, 'exit', { signal: AbortSignal.timeout(5000) })
    assert.equal(code, 137)
  })
}

// runc 1.5, crun#1943
test('poststart hooks run after the process of the user began', { skip }, (t) => {
  const site = openSite(t)
  const log = join(site.dir, 'log')
  const id = site.create((config) => {
    const args = [
      'sh',
      '-c',
      `pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/'); tr '\\0' ' ' < /proc/$pid/cmdline > ${log}`,
    ]
    config.hooks = { poststart: [{ path: '/bin/sh', args }] }
  })
  site.ok(['start', id])
  assert.equal(readFileSync(log, 'utf8'), 'sleep 1000 ')
})

// youki#3347, youki#3437 are in test/vm/lifecycle.ts: they take cgroup v2.

// youki#3479
test('a second container, and an exec, may have the same filter and its listener path', {
  skip,
}, (t) => {
  const site = openSite(t)
  const seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    listenerPath: '/run/nobody.sock',
    syscalls: [
      { names: ['mkdir', 'mkdirat', 'mkdir'], action: 'SCMP_ACT_ERRNO' },
      { names: ['mkdir'], action: 'SCMP_ACT_ERRNO' },
    ],
  }
  for (let i = 0; i < 2; i++) {
    const id = site.start((config) => Object.assign(config.linux, { seccomp }))
    assert.match(site.tsoci(['exec', id, 'mkdir', '/dev/shm/x']).stderr, /not permitted/)
  }
})

// crun#1664
test('a program whose name begins with dots is found', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['..odd.sh']
    config.process.env = ['PATH=/tmp']
  })
  writeFileSync(join(bundle, 'rootfs/tmp/..odd.sh'), '#!/bin/sh\necho odd\n', { mode: 0o755 })
  assert.equal(site.ok(['run', '--bundle', bundle, site.id()]), 'odd\n')
})

// crun 1.29.1
test('a memory policy with no nodes in its text is refused, and nothing stays', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    Object.assign(config.linux, { memoryPolicy: { mode: 'MPOL_BIND', nodes: '' } })
  })
  assert.equal(code, 1)
  assert.match(stderr, /\/linux\/memoryPolicy/)
  assert.deepEqual(site.ids(), [])
})
