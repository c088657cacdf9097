// File systems with other ids that need no power over the host: those of the container, or of the caller.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { IdMapping, Mount } from '../../src/spec/config.ts'
import {
  type Change,
  FRONT,
  ORDINARY_USER,
  openSite,
  setNamespaces,
  whyNot,
  whyNotRootless,
} from './container.ts'
import { listProcesses } from './host-view.ts'
import { openOrdinarySite, rootlessDraft, runRootless } from './rootless.ts'

/** tmpfs takes maps since Linux 6.3. */
function whyNotMapped(reason: string | false): string | false {
  if (reason !== false) return reason
  const script = 'mount -t tmpfs tmpfs /tmp && mount --bind -o X-mount.idmap=b:0:1000:10 /tmp /tmp'
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' })
  return status !== 0 && /wrong fs type|not supported/.test(stderr) ? 'tmpfs takes no maps' : false
}

const skip = whyNotMapped(whyNot())
const skipRootless = whyNotMapped(whyNotRootless())

const map = (containerID: number, hostID: number, size = 1): IdMapping[] => {
  return [{ containerID, hostID, size }]
}
const maps = (containerID: number, hostID: number, size = 1) => {
  const ids = map(containerID, hostID, size)
  return { uidMappings: ids, gidMappings: ids }
}
const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  Object.assign(config.linux, maps(0, 200_000, 65_536))
}
const tmpfs = (more: Partial<Mount>): Mount => {
  return { destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['idmap'], ...more }
}
const SHOW = "stat -c %u:%g /tmp; grep ' /tmp ' /proc/self/mountinfo | grep -o idmapped"

for (const [name, change, hostID] of [
  ['', () => {}, 5],
  [' in a user namespace, by ids of the host', mapped, 200_005],
] as const) {
  test(`a new tmpfs has the ids of its mappings${name}`, { skip }, (t) => {
    const site = openSite(t)
    const lines = site.lines(SHOW, (config) => {
      change(config)
      config.mounts.push(tmpfs(maps(0, hostID)))
    })
    assert.deepEqual(lines, ['5:5', 'idmapped'])
    assert.deepEqual(listProcesses(site), [])
  })
}

test('the map of a new tmpfs lets nobody trace the init', { skip }, (t) => {
  const site = openSite(t)
  const id = site.create((config) => {
    mapped(config)
    config.mounts.push(tmpfs(maps(0, 200_000, 65_536)))
  })
  // What is not dumpable belongs to root of the host.
  const { stdout } = spawnSync('stat', ['-c', '%u', `/proc/${site.state(id).pid}/environ`])
  assert.equal(String(stdout), '0\n')
})

const refused: [why: string, mount: Mount, change: Change, message: RegExp][] = [
  ['ids that the container has not', tmpfs(maps(0, 5)), mapped, /not all of the ids/],
  ['the ids that it has anyway', tmpfs({}), mapped, /has the ids of the container already/],
  [
    'ids of cgroups',
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['idmap'] },
    mapped,
    /cannot map the ids of cgroups/,
  ],
  [
    'ids of what stands already',
    { destination: '/dev', options: ['remount', 'ridmap', 'ro'], ...maps(0, 5) },
    () => {},
    /stands already/,
  ],
  [
    'ids beside a pid namespace that is shared',
    tmpfs(maps(0, 200_000)),
    (config) => {
      mapped(config)
      setNamespaces(config, { type: 'pid', path: '/proc/self/ns/pid' })
    },
    /shares namespaces/,
  ],
]
for (const [why, mount, change, message] of refused) {
  test(`create refuses to map ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const { code, stderr } = site.run('true', (config) => {
      change(config)
      config.mounts.push(mount)
    })
    assert.equal(code, 1, stderr)
    assert.match(stderr, message)
    assert.match(stderr, /\[\/mounts\/7\]/)
    assert.deepEqual(site.ids(), [])
  })
}

test('an ordinary user has a new tmpfs with other ids', { skip: skipRootless }, (t) => {
  const { code, stdout, stderr } = runRootless(openOrdinarySite(t), SHOW, (config) => {
    config.mounts.push(tmpfs(maps(0, ORDINARY_USER)))
  })
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '0:0\nidmapped\n')
})

test('an ordinary user is refused the ids of a mount of the host, with its place', {
  skip: skipRootless,
}, (t) => {
  const site = openOrdinarySite(t)
  const { code, stderr } = runRootless(site, 'true', (config) => {
    const bind = { source: '/etc', options: ['rbind', 'idmap'], type: 'none' }
    config.mounts.push(tmpfs({ ...bind, ...maps(0, ORDINARY_USER) }))
  })
  assert.equal(code, 1)
  assert.match(stderr, /cannot map the ids of the bind mount on "\/tmp" \[\/mounts\/\d+\]\nhint: /)
})

/** Runs as root of a user namespace of an ordinary user, who has mounted a tmpfs at `fs` in it. */
function runInOwnNamespace(fs: string, words: readonly string[], cwd: string) {
  const script = `mount -t tmpfs tmpfs ${fs} && touch ${fs}/a && exec "$@"`
  const args = ['-Urm', 'sh', '-c', script, 'sh', ...words]
  const env = { ...process.env, XDG_RUNTIME_DIR: cwd }
  const id = { uid: ORDINARY_USER, gid: ORDINARY_USER }
  return spawnSync('unshare', args, { encoding: 'utf8', cwd, env, ...id, timeout: 20_000 })
}

for (const [what, source, output, message] of [
  ['what he has mounted', 'fs', '65534:65534\n', /^$/],
  [
    'what the host has mounted',
    '/etc',
    '',
    /with mapped ids .*EPERM.*\[\/mounts\/\d+\]\nhint: .*root of the user namespace/s,
  ],
] as const) {
  test(`an ordinary user who is root of a namespace maps ids of ${what}, as the kernel lets him`, {
    skip: skipRootless,
  }, (t) => {
    const site = openOrdinarySite(t)
    const fs = join(site.dir, 'fs')
    mkdirSync(fs)
    const bundle = site.bundle(
      (config) => {
        // In his namespace he is 0, and nobody else is there.
        Object.assign(config.linux, maps(0, 0))
        config.mounts.push({
          destination: '/mnt',
          source: source === 'fs' ? fs : source,
          options: ['bind', 'idmap'],
          ...maps(7, 0),
        })
      },
      rootlessDraft(['stat', '-c', '%u:%g', source === 'fs' ? '/mnt/a' : '/mnt']),
    )
    spawnSync('chown', ['-hR', `${ORDINARY_USER}:${ORDINARY_USER}`, site.dir])
    const words = [FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
    const { stdout, stderr } = runInOwnNamespace(fs, words, site.dir)
    assert.equal(stdout, output, stderr)
    assert.match(stderr, message)
  })
}
