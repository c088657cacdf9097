import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSite, readText, type Site, whyNot } from './container.ts'

const skip = whyNot('mount', 'umount')

/** A mount of the host that is shared, with a directory to mount on. */
function makeShared(site: Site): string {
  const dir = join(site.dir, 'shared')
  mkdirSync(dir)
  for (const words of [
    ['-t', 'tmpfs', 'shared', dir],
    ['--make-shared', dir],
  ]) {
    assert.equal(spawnSync('mount', words).status, 0)
  }
  site.atClose(() => spawnSync('umount', ['-R', dir]))
  mkdirSync(join(dir, 'point'))
  return dir
}

const hasMount = (pid: number | 'self', path: string) =>
  readText(`/proc/${pid}/mountinfo`)!.includes(` ${path} `)

const cases: [word: string, inward: boolean, outward: boolean][] = [
  ['rprivate', false, false],
  ['rslave', true, false],
  ['rshared', true, true],
]

for (const [word, inward, outward] of cases) {
  const what = outward ? 'both ways' : inward ? 'from the host' : 'not at all'
  test(`mounts below a bind with ${word} travel ${what}`, { skip }, (t) => {
    const site = openSite(t)
    const dir = makeShared(site)
    const { pid } = site.state(
      site.start((config) => {
        config.mounts.push({ destination: '/mnt', source: dir, options: ['rbind', word] })
        // Without this the container's whole tree is a slave of the host's.
        if (outward) config.linux.rootfsPropagation = 'rshared' as 'shared'
      }),
    )
    const point = join(dir, 'point')
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'outer', point]).status, 0)
    assert.equal(hasMount(pid, '/mnt/point'), inward)
    assert.equal(spawnSync('umount', [point]).status, 0)
    const words = ['-t', `${pid}`, '-m', 'mount', '-t', 'tmpfs', 'inner', '/mnt/point']
    assert.equal(spawnSync('nsenter', words).status, 0)
    assert.equal(hasMount('self', point), outward)
  })
}

for (const word of ['slave', 'rslave'] as const) {
  test(`with rootfsPropagation ${word} what the host mounts in the rootfs arrives`, {
    skip,
  }, (t) => {
    const site = openSite(t)
    const dir = makeShared(site)
    const bundle = site.bundle((config) => {
      config.linux.rootfsPropagation = word
      config.process.args = ['sleep', '1000']
    })
    const copy = join(dir, 'bundle')
    assert.equal(spawnSync('cp', ['-a', bundle, copy]).status, 0)
    const id = site.id()
    site.ok(['run', '--detach', '--bundle', copy, id], { stdio: 'ignore' })
    const point = join(copy, 'rootfs/tmp')
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'outer', point]).status, 0)
    assert.ok(hasMount(site.state(id).pid, '/tmp'))
    assert.equal(spawnSync('umount', [point]).status, 0)
  })
}

test('--no-pivot runs without pivot_root', { skip }, (t) => {
  const site = openSite(t)
  const before = readFileSync('/proc/self/mountinfo', 'utf8')
  const bundle = site.bundle((config) => {
    config.process.args = ['sh', '-c', 'ls /; test ! -e /../etc/debian_version; touch /x']
  })
  const { stdout, stderr } = site.tsoci(['run', '--no-pivot', '--bundle', bundle, site.id()])
  assert.equal(stdout, 'bin\ndev\netc\nproc\nroot\nsys\ntmp\n')
  assert.match(stderr, /Read-only file system/)
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), before)
})

test('--no-new-keyring keeps the keyring of the caller', { skip }, (t) => {
  const site = openSite(t)
  for (const flags of [[], ['--no-new-keyring']]) {
    const id = site.id()
    const bundle = site.bundle((config) => {
      config.linux.maskedPaths = []
      config.process.args = ['sh', '-c', `grep -c "_ses\\.${id}" /proc/keys; true`]
    })
    const out = site.ok(['run', ...flags, '--bundle', bundle, id])
    assert.equal(out, flags.length === 0 ? '1\n' : '0\n')
  }
})

test('a rootfs on a shared mount of the host lets nothing out', { skip }, (t) => {
  const site = openSite(t)
  const dir = makeShared(site)
  const bundle = site.bundle((config) => {
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'inside' })
  })
  assert.equal(spawnSync('cp', ['-a', bundle, join(dir, 'bundle')]).status, 0)
  const before = readFileSync('/proc/self/mountinfo', 'utf8')
  for (const word of [undefined, 'private', 'rprivate', 'slave', 'rslave'] as const) {
    const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
    config.linux.rootfsPropagation = word
    writeFileSync(join(dir, 'bundle/config.json'), JSON.stringify(config))
    site.ok(['run', '--bundle', join(dir, 'bundle'), site.id()])
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), before, word)
  }
})
