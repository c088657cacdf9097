// Callers whose / is not the one mount at the bottom of their mount namespace: more lies over it,
// under it, or around it. Nothing of that may be left in the container.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { isAtLeast } from '../../src/host/kernel.ts'
import { draft, FRONT, openSite, readText, type Site, until, whyNot } from './container.ts'

const skip = whyNot('mount', 'chroot', 'nsenter')

/**
 * In a mount namespace that `before` makes: what an exec sees of a container that was run there.
 * Whoever joins the namespace of its mounts begins at the topmost / of it.
 */
function look(site: Site, before: string, prefix: string, flags = '') {
  const id = site.id()
  const bundle = site.bundle(
    ({ root }) => {
      root.readonly = false
    },
    draft(['sleep', '1000']),
  )
  const dir = join(site.dir, 'dir')
  mkdirSync(dir)
  const script = `${before}
    ${prefix} "$@" run --detach ${flags} --bundle ${bundle} ${id} >${bundle}/output 2>&1 ||
      { cat ${bundle}/output; exit 1; }
    ${prefix} "$@" exec ${id} sh -c 'ls -d /bin /boot /home /usr /var; cat /proc/self/mountinfo'
    ${prefix} "$@" delete --force ${id}`
  const words = ['-m', 'sh', '-c', script, 'sh', FRONT, '--root', site.root]
  const { stdout, stderr } = spawnSync('unshare', words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, dir, TSOCI_TEST_SITE: site.dir },
    timeout: 20_000,
  })
  const [first = '', ...lines] = stdout.split('\n')
  const roots = lines.map((line) => line.split(' ')).filter((words) => words[4] === '/')
  return { first, stderr, roots: roots.map(([, , , root]) => root), rootfs: `${bundle}/rootfs` }
}

const cases: [where: string, before: string, prefix: string, flags?: string][] = [
  ['under a mount', 'mount --bind / /', ''],
  ['under two mounts', 'mount --bind / /; mount --rbind / /', ''],
  ['in a chroot that is a mount', 'mount --rbind / $dir', 'chroot $dir'],
  ['under a mount, with --no-pivot', 'mount --bind / /', '', '--no-pivot'],
]
for (const [where, before, prefix, flags] of cases) {
  test(`a container made ${where} has no root but its own`, { skip }, (t) => {
    const site = openSite(t)
    const { first, stderr, roots, rootfs } = look(site, before, prefix, flags)
    assert.equal(first, '/bin', stderr)
    const last = rootfs.split('/').slice(-3).join('/') // the host's root may be a part itself
    assert.deepEqual(
      roots.map((root) => root!.endsWith(last)),
      [true],
    )
  })
}

const isOld = !isAtLeast(readHostFacts().kernel, 6, 8) && 'before Linux 6.8 nobody can tell'

const refused: [where: string, skip: string | false, before: string, prefix: string, f?: string][] =
  [
    ['over a mount', isOld, 'mount --rbind / /', 'nsenter --mount=/proc/self/ns/mnt'],
    ['in a chroot, with --no-pivot', false, 'mount --rbind / $dir', 'chroot $dir', '--no-pivot'],
  ]
for (const [where, why, before, prefix, flags] of refused) {
  test(`a container ${where} is refused, for what would stay in it`, { skip: skip || why }, (t) => {
    const site = openSite(t)
    assert.match(look(site, before, prefix, flags).first, /EBUSY.*\/root\/path/)
    assert.deepEqual(site.ids(), [])
  })
}

test('--no-pivot leaves no procfs of the host that is under another mount', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const dir = join(site.dir, 'dir')
  mkdirSync(dir)
  for (const type of ['proc', 'tmpfs']) {
    assert.equal(spawnSync('mount', ['-t', type, type, dir]).status, 0)
    site.atClose(() => spawnSync('umount', [dir]))
  }
  const id = site.id()
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  site.ok(['run', '--no-pivot', '--detach', '--bundle', bundle, id], { stdio: 'ignore' })
  const enter = ['-t', `${site.state(id).pid}`, '-m']
  // Without the container's root whoever comes next sees what is under it.
  assert.equal(spawnSync('nsenter', [...enter, 'umount', '-l', '/']).status, 0)
  const visitor = spawn('nsenter', [...enter, 'sleep', '1000'], { stdio: 'ignore' })
  t.after(() => visitor.kill())
  const mounts = await until('the visitor', () => {
    const text = readText(`/proc/${visitor.pid}/mountinfo`)
    return readText(`/proc/${visitor.pid}/comm`) === 'sleep\n' && text
  })
  const types = mounts.split('\n').map((line) => / - (\S+)/.exec(line)?.[1])
  assert.ok(types.length > 1)
  assert.deepEqual(
    types.filter((type) => type === 'proc' || type === 'sysfs'),
    [],
  )
})
