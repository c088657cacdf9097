// Mounts that show other ids than the file system has.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { IdMapping, Mount } from '../../src/spec/config.ts'
import { type Change, openSite, type Site, setNamespaces, whyNot } from './container.ts'
import { listProcesses } from './host-view.ts'

const RANGE = [{ containerID: 0, hostID: 200_000, size: 65_536 }]

/** Can the file system of the test's directory be idmapped? The kernel says so for each type. */
function whyNotMapped(): string | false {
  const reason = whyNot()
  if (reason !== false) return reason
  const script = 'mount --bind -o X-mount.idmap=b:0:1000:10 /tmp /tmp'
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' })
  if (status === 0) return false
  // An old mount(8) does not know the option: then the tests themselves tell.
  return /wrong fs type|not supported/.test(stderr)
    ? 'the file system of /tmp takes no maps'
    : false
}

const skip = whyNotMapped()

const userNamespace: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = RANGE
  config.linux.gidMappings = RANGE
}

/** A directory with files of several owners, and one more mounted below. */
function makeSource(site: Site): string {
  const source = join(site.dir, 'source')
  mkdirSync(join(source, 'below'), { recursive: true })
  writeFileSync(join(source, 'a'), '')
  writeFileSync(join(source, 'b'), '')
  chownSync(join(source, 'a'), 100, 211)
  chownSync(join(source, 'b'), 101, 212)
  const below = join(site.dir, 'below')
  mkdirSync(below)
  writeFileSync(join(below, 'c'), '')
  chownSync(join(below, 'c'), 102, 213)
  assert.equal(spawnSync('mount', ['--bind', below, join(source, 'below')]).status, 0)
  site.atClose(() => spawnSync('umount', [join(source, 'below')]))
  return source
}

const map = (containerID: number, hostID: number, size: number): IdMapping[] => {
  return [{ containerID, hostID, size }]
}

interface Case {
  readonly name: string
  readonly mount: Partial<Mount>
  readonly change?: Change
  /** Owners of a, b and below/c. */
  readonly owners: readonly string[]
}

const own = { uidMappings: map(100, 1000, 3), gidMappings: map(211, 2000, 3) }
const ownInside = { uidMappings: map(100, 201_000, 3), gidMappings: map(211, 202_000, 3) }

const cases: Case[] = [
  {
    name: 'a mount has the ids of its mappings',
    mount: { ...own, options: ['rbind', 'idmap'] },
    owners: ['1000:2000', '1001:2001', '102:213'],
  },
  {
    name: 'ridmap maps what is mounted below',
    mount: { ...own, options: ['rbind', 'ridmap'] },
    owners: ['1000:2000', '1001:2001', '1002:2002'],
  },
  {
    name: 'mappings alone are enough',
    mount: { ...own, options: ['rbind'] },
    owners: ['1000:2000', '1001:2001', '102:213'],
  },
  {
    name: 'ids without a mapping are 65534',
    mount: {
      uidMappings: map(100, 1000, 1),
      gidMappings: map(211, 0, 1),
      options: ['rbind', 'idmap'],
    },
    owners: ['1000:0', '65534:65534', '102:213'],
  },
  {
    name: 'ranges may stand in the word',
    mount: { options: ['rbind', 'idmap=uids=100-7-1#101-9-1;gids=211-5-2'] },
    owners: ['7:5', '9:6', '102:213'],
  },
  {
    name: 'a user namespace sees the ids of the mappings as its own',
    mount: { ...ownInside, options: ['rbind', 'idmap'] },
    change: userNamespace,
    owners: ['1000:2000', '1001:2001', '65534:65534'],
  },
  {
    name: 'without mappings they are those of the user namespace',
    mount: { options: ['rbind', 'idmap'] },
    change: userNamespace,
    owners: ['100:211', '101:212', '65534:65534'],
  },
  {
    name: 'without mappings ridmap takes those of the user namespace, too',
    mount: { options: ['rbind', 'ridmap', 'ro'] },
    change: userNamespace,
    owners: ['100:211', '101:212', '102:213'],
  },
  {
    name: 'ranges in the word may count from the ids of the container',
    mount: { options: ['rbind', 'idmap=uids=@100-3-2;gids=@211-4-2'] },
    change: userNamespace,
    owners: ['3:4', '4:5', '65534:65534'],
  },
]

for (const { name, mount, change, owners } of cases) {
  test(name, { skip }, (t) => {
    const site = openSite(t)
    const source = makeSource(site)
    const script = 'cd /root; stat -c %u:%g a b below/c'
    const lines = site.lines(script, (config) => {
      change?.(config)
      config.mounts.push({ destination: '/root', source, ...mount })
    })
    assert.deepEqual(lines, owners)
  })
}

test('what is written through an idmapped mount belongs to the mapped owner', { skip }, (t) => {
  const site = openSite(t)
  const source = makeSource(site)
  chmodSync(source, 0o777)
  site.lines('touch /root/new', (config) => {
    userNamespace(config)
    config.mounts.push({ destination: '/root', source, options: ['rbind', 'idmap'] })
  })
  const { stdout } = spawnSync('stat', ['-c', '%u:%g', join(source, 'new')], { encoding: 'utf8' })
  assert.equal(stdout, '0:0\n')
})

test('a user namespace that is joined has its maps used', { skip }, async (t) => {
  const site = openSite(t)
  const source = makeSource(site)
  const id = site.start(userNamespace)
  const { pid } = site.state(id)
  const [owner] = site.lines('stat -c %u:%g /root/a', (config) => {
    setNamespaces(config, { type: 'user', path: `/proc/${pid}/ns/user` })
    config.mounts.push({ destination: '/root', source, options: ['rbind', 'idmap'] })
  })
  assert.equal(owner, '100:211')
})

for (const [name, change] of [
  ['', () => {}],
  [' in a user namespace', userNamespace],
] as const) {
  test(`an idmapped source may be a mount of the container${name}`, { skip }, (t) => {
    const site = openSite(t)
    const source = makeSource(site)
    chmodSync(site.dir, 0o755)
    const bundle = site.bundle((config) => {
      change(config)
      config.process.args = ['stat', '-c', '%u:%g', '/tmp/a']
      config.mounts.push(
        { destination: '/root', source, options: ['rbind'] },
        {
          destination: '/tmp',
          source: 'rootfs/root',
          options: ['rbind', 'idmap'],
          uidMappings: map(100, 200_001, 1),
          gidMappings: map(211, 200_002, 1),
        },
      )
    })
    const owner = site.ok(['run', '-b', bundle, site.id()]).trim()
    assert.equal(owner, name === '' ? '200001:200002' : '1:2')
  })
}

test('no process and no descriptor is left of an id map', { skip }, (t) => {
  const site = openSite(t)
  const source = makeSource(site)
  const lines = site.lines('ls -l /proc/self/fd', (config) => {
    config.mounts.push({ destination: '/root', source, ...own, options: ['bind', 'idmap'] })
  })
  assert.ok(!lines.some((line) => line.includes('user:[')), lines.join('\n'))
  assert.deepEqual(listProcesses(site), [])
})

test('a file system that takes no map is refused, and nothing is left', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.mounts.push({ destination: '/mnt', source: '/proc', ...own, options: ['bind', 'idmap'] })
  })
  assert.notEqual(code, 0)
  assert.match(stderr, /with mapped ids .*EINVAL.*\/mounts\/\d+/s)
  assert.deepEqual(site.ids(), [])
})
