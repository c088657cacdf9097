// Mounts of a running container: more of them, or less.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Mount } from '../../src/spec/config.ts'
import { openSite, type Result, readText, type Site, setNamespaces, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

function change(site: Site, action: string, id: string, mounts: unknown): Result {
  return site.tsoci(['mounts', action, id, '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    input: JSON.stringify(mounts),
  })
}

/** Paths that are mounted in the container, of those under /tmp and /root. */
function mounted(site: Site, id: string): string[] {
  const text = readText(`/proc/${site.state(id).pid}/mountinfo`)!
  const paths = text.split('\n').map((line) => line.split(' ')[4] ?? '')
  return paths.filter((path) => /^\/(tmp|root)/.test(path)).sort()
}

/** A directory of the host with one file. */
function makeSource(site: Site): string {
  const source = join(site.dir, 'source')
  mkdirSync(source, { recursive: true })
  writeFileSync(join(source, 'file'), 'of the host')
  return source
}

const binds = (source: string): Mount[] => [
  { destination: '/root', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'size=64k'] },
  { destination: '/root/below', type: 'bind', source, options: ['bind', 'ro'] },
]

test('mounts add shows a directory of the host, mounts remove takes it away', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const list = binds(makeSource(site))
  assert.deepEqual(change(site, 'add', id, list), { code: 0, stdout: '', stderr: '' })
  assert.deepEqual(mounted(site, id), ['/root', '/root/below'])
  assert.equal(site.ok(['exec', id, 'cat', '/root/below/file']), 'of the host')
  assert.notEqual(site.tsoci(['exec', id, 'touch', '/root/below/new']).code, 0)
  assert.deepEqual(change(site, 'remove', id, { mounts: list }), {
    code: 0,
    stdout: '',
    stderr: '',
  })
  assert.deepEqual(mounted(site, id), [])
})

test('mounts add makes all mounts or none', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const before = viewHost(site)
  const bad = { destination: '/tmp', source: '/no/such', options: ['bind'] }
  const { code, stderr } = change(site, 'add', id, [...binds(makeSource(site)), bad])
  assert.notEqual(code, 0)
  assert.match(stderr, /\/no\/such.*\/mounts\/2/s)
  assert.deepEqual(mounted(site, id), [])
  assert.deepEqual(viewHost(site).mounts, before.mounts)
})

test('mounts add knows idmap, propagation and classic words', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const source = makeSource(site)
  const ids = [{ containerID: 0, hostID: 1000, size: 1 }]
  const list: Mount[] = [
    {
      destination: '/tmp',
      source,
      options: ['bind', 'idmap', 'rshared'],
      uidMappings: ids,
      gidMappings: ids,
    },
    { destination: '/root', type: 'tmpfs', source: 'x', options: ['iversion', 'nodev'] },
  ]
  assert.equal(change(site, 'add', id, list).stderr, '')
  assert.equal(site.ok(['exec', id, 'stat', '-c', '%u', '/tmp/file']), '1000\n')
  assert.deepEqual(mounted(site, id), ['/root', '/tmp'])
})

test('mounts add reaches a container in a user namespace', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    setNamespaces(config, { type: 'user' })
    config.linux.uidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
    config.linux.gidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
  })
  const mount = { destination: '/root', source: makeSource(site), options: ['bind', 'ro'] }
  assert.equal(change(site, 'add', id, [mount]).stderr, '')
  assert.equal(site.ok(['exec', id, 'cat', '/root/file']), 'of the host')
  assert.equal(change(site, 'remove', id, [mount]).stderr, '')
})

test('a mount on a symlink of the container stays in the container', { skip }, (t) => {
  const site = openSite(t)
  const canary = makeSource(site)
  const before = viewHost(site).mounts
  const id = site.start((config) => config.mounts.push({ destination: '/tmp', type: 'tmpfs' }))
  site.ok(['exec', id, 'ln', '-s', `/../../..${canary}`, '/tmp/link'])
  assert.equal(change(site, 'add', id, [{ destination: '/tmp/link', type: 'tmpfs' }]).stderr, '')
  assert.deepEqual(mounted(site, id), ['/tmp', canary])
  assert.deepEqual(viewHost(site).mounts, before)
})

const refused: [why: string, mount: unknown, words: RegExp][] = [
  ['a file system in /proc', { destination: '/proc/sys', type: 'tmpfs' }, /lxcfs/],
  ['the root', { destination: '/tmp/..', type: 'tmpfs' }, /over the root in a running container/],
  [
    'a destination that is to be made in a read-only rootfs',
    { destination: '/new', type: 'tmpfs' },
    /\(EROFS\) .*\nhint: .*have the destination in the rootfs/,
  ],
  ['cgroups', { destination: '/tmp', type: 'cgroup' }, /cgroups in a running container/],
  ['what has no type', { destination: '/tmp' }, /without a type/],
  ['text that is no list', 'text', /array|list/],
]
for (const [why, mount, words] of refused) {
  test(`mounts add refuses ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { code, stderr } = change(site, 'add', id, why.startsWith('text') ? mount : [mount])
    assert.notEqual(code, 0)
    assert.match(stderr, words)
  })
}

test('mounts remove needs no more than a destination', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  assert.equal(change(site, 'add', id, binds(makeSource(site))).stderr, '')
  const list = ['/root', '/root/below'].map((destination) => ({ destination }))
  assert.equal(change(site, 'remove', id, list).stderr, '')
  assert.deepEqual(mounted(site, id), [])
})

test('mounts remove refuses the root, by whatever name', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.root.readonly = false
  })
  site.ok(['exec', id, 'ln', '-s', '/', '/tmp/link'])
  for (const destination of ['/', '/..', '/tmp/link']) {
    const { code, stderr } = change(site, 'remove', id, [{ destination }])
    assert.equal(code, 1)
    assert.match(stderr, /\(EBUSY\) \[\/mounts\/0\]\nhint: it is the root of the container/)
  }
  site.ok(['exec', id, 'true'])
})

test('mounts add warns of a property that means nothing', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const mount = { destination: '/root', type: 'tmpfs', option: ['ro'] }
  const { code, stderr } = change(site, 'add', id, [mount])
  assert.equal(code, 0)
  assert.match(stderr, /^warning: mounts:.*"option" is ignored .*"options"/)
})

test('mounts remove refuses what is no mount', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { code, stderr } = change(site, 'remove', id, [{ destination: '/etc', type: 'tmpfs' }])
  assert.notEqual(code, 0)
  assert.match(stderr, /nothing is mounted there/)
})

test('mounts add refuses a container that does not run', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = change(site, 'add', 'none', [{ destination: '/tmp', type: 'tmpfs' }])
  assert.notEqual(code, 0)
  assert.match(stderr, /not exist|not running/)
})

test('a destination with the path of the rootfs in front is one inside it', { skip }, (t) => {
  const site = openSite(t)
  const source = makeSource(site)
  const bundle = site.bundle((config) => {
    config.process.args = ['cat', '/tmp/file']
    config.mounts.push({ destination: 'ROOTFS/tmp', source, options: ['bind'] })
  })
  const file = join(bundle, 'config.json')
  writeFileSync(file, readText(file)!.replace('ROOTFS', join(bundle, 'rootfs')))
  assert.equal(site.ok(['run', '-b', bundle, site.id()]), 'of the host')
})

test('--no-pivot leaves no procfs or sysfs of the host to mount anew', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site).mounts
  const bundle = site.bundle((config) => {
    config.process.args = ['cat', '/proc/self/mountinfo']
    config.linux.rootfsPropagation = 'rshared'
  })
  const lines = site.ok(['run', '--no-pivot', '-b', bundle, site.id()]).split('\n')
  const whole = lines.map((line) => line.split(' ')).filter((it) => it[3] === '/')
  const kinds = whole.map((it) => `${it[it.indexOf('-') + 1]} ${it[4]}`)
  assert.deepEqual(kinds.filter((it) => /^(proc|sysfs) /.test(it)).sort(), [
    'proc /proc',
    'sysfs /sys',
  ])
  assert.deepEqual(viewHost(site).mounts, before)
})

test('the host’s mounts are untouched by a mount that a container adds', { skip }, (t) => {
  const site = openSite(t)
  const source = makeSource(site)
  spawnSync('mount', ['--bind', source, source])
  spawnSync('mount', ['--make-shared', source])
  site.atClose(() => spawnSync('umount', [source]))
  mkdirSync(join(source, 'point'))
  symlinkSync('point', join(source, 'link'))
  const id = site.start()
  const before = viewHost(site).mounts
  const list = [
    { destination: '/tmp', source, options: ['bind'] },
    { destination: '/tmp/link', type: 'tmpfs', source: 'tmpfs' },
  ]
  assert.equal(change(site, 'add', id, list).stderr, '')
  assert.deepEqual(mounted(site, id), ['/tmp', '/tmp/point'])
  assert.deepEqual(viewHost(site).mounts, before)
})
