// Masked and read-only paths on the file systems that the kernel has below /sys and /proc.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Change, type Draft, openSite, type Site, setNamespaces, whyNot } from './container.ts'

const skip = whyNot('mount')

/** File systems, where they belong, and a file of each that is always there. */
const known: [type: string, place: string, file: string][] = [
  ['debugfs', '/sys/kernel/debug', ''],
  ['tracefs', '/sys/kernel/tracing', 'README'],
  ['securityfs', '/sys/kernel/security', ''],
  ['configfs', '/sys/kernel/config', ''],
  ['selinuxfs', '/sys/fs/selinux', 'enforce'],
  ['bpf', '/sys/fs/bpf', ''],
  ['pstore', '/sys/fs/pstore', ''],
  ['efivarfs', '/sys/firmware/efi/efivars', ''],
  ['fusectl', '/sys/fs/fuse/connections', ''],
  ['hugetlbfs', '/sys/kernel/mm', ''],
  ['ramfs', '/sys/power', ''],
  ['binfmt_misc', '/proc/sys/fs/binfmt_misc', 'status'],
  ['nfsd', '/proc/fs/nfsd', 'versions'],
]

/** Those of this machine. */
function listFileSystems(): typeof known {
  const types = readFileSync('/proc/filesystems', 'utf8')
  return known.filter(([type, place]) => types.includes(`\t${type}\n`) && existsSync(place))
}

/** Mounts them on the host, in the mount namespace of the test, until it ends. */
function mountOnHost(site: Site): typeof known {
  const mounted = listFileSystems().filter(
    ([type, place]) => spawnSync('mount', ['-t', type, type, place]).status === 0,
  )
  site.atClose(() => {
    for (const [, place] of mounted) spawnSync('umount', [place])
  })
  return mounted
}

const bindAll = (config: Draft) => {
  for (const mount of config.mounts) {
    if (mount.destination !== '/sys' && mount.destination !== '/proc') continue
    Object.assign(mount, { type: 'none', source: mount.destination, options: ['rbind'] })
  }
}

const inUserNamespace = (config: Draft) => {
  setNamespaces(config, { type: 'user' })
  const range = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
  config.linux.uidMappings = range
  config.linux.gidMappings = range
}

const ways: [way: string, change: Change, fresh: boolean][] = [
  ['mounted there', () => {}, true],
  ['by an rbind', bindAll, false],
  [
    'by an rbind in a user namespace',
    (config) => {
      bindAll(config)
      inUserNamespace(config)
    },
    false,
  ],
]

for (const [way, change, fresh] of ways) {
  test(`what the kernel has below /sys and /proc is covered, ${way}`, { skip }, (t) => {
    const site = openSite(t)
    const all = fresh ? listFileSystems() : mountOnHost(site)
    assert.ok(all.length > 0, 'no such file system')
    const files = all.flatMap(([, place, file]) => (file === '' ? [] : [`${place}/${file}`]))
    const places = all.map(([, place]) => place)
    const script =
      `for it in ${places.join(' ')} ${files.join(' ')}; do ls $it >/dev/null 2>&1 || echo closed $it; done; ` +
      'cat /proc/self/mountinfo'
    const lines = site.lines(script, (config) => {
      change(config)
      if (fresh) {
        const mounts = all.map(([type, destination]) => ({ type, source: type, destination }))
        config.mounts.push(...mounts)
      }
      config.linux.readonlyPaths = places
      config.linux.maskedPaths = files
    })
    // The last mount at a path is the topmost.
    const topOf = (path: string) =>
      lines.findLast((line) => line.split(' ')[4] === path)?.split(' ') ?? []
    const isClosed = (path: string) => lines.includes(`closed ${path}`)
    // To root of a user namespace directories of root are closed: debugfs, tracefs.
    assert.equal(
      places.some(isClosed),
      way.includes('user') && places.some((it) => it.includes('debug')),
    )
    for (const place of places) {
      if (!isClosed(place)) assert.match(topOf(place)[5] ?? '', /^ro,/, place)
    }
    for (const file of files) if (!isClosed(file)) assert.equal(topOf(file)[3], '/null', file)
  })
}

test('a file of cgroup v1 below a bind is masked, as podman --systemd=always does', {
  skip: skip || (existsSync('/sys/fs/cgroup/systemd') ? false : 'no cgroup v1 of systemd'),
}, (t) => {
  const place = '/sys/fs/cgroup/systemd'
  const script = `stat -c %t:%T ${place}/release_agent; test -f ${place}/cgroup.procs`
  const [device] = openSite(t).lines(script, (config) => {
    config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup')
    config.mounts.push(
      { destination: '/sys/fs/cgroup', type: 'tmpfs', source: 'tmpfs' },
      { destination: place, source: place, options: ['rbind', 'nodev'] },
    )
    config.linux.maskedPaths!.push(`${place}/release_agent`)
  })
  assert.equal(device, '1:3')
})

test('a file of a volume that is bound below /sys is masked', { skip }, (t) => {
  const site = openSite(t)
  const volume = join(site.dir, 'volume')
  mkdirSync(volume)
  writeFileSync(join(volume, 'secret'), 'secret')
  const lines = site.lines('stat -c %t:%T /sys/power/secret', (config) => {
    config.mounts.push({ destination: '/sys/power', source: volume, options: ['bind'] })
    config.linux.maskedPaths!.push('/sys/power/secret')
  })
  assert.deepEqual(lines, ['1:3'])
})

test('a symlink of the kernel is covered where it leads', { skip }, (t) => {
  const { stderr } = openSite(t).run('echo 1 >/proc/net/dev_snmp6', (config) => {
    config.linux.readonlyPaths!.push('/proc/net')
  })
  assert.doesNotMatch(stderr, /ELOOP/)
})

test('no cover goes where /sys is another directory in the end', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.mounts.push({ destination: '/alias', type: 'tmpfs', source: 'tmpfs' })
    config.linux.maskedPaths = ['/sys/firmware']
  })
  symlinkSync('/sys', join(bundle, 'rootfs/alias'))
  const { code, stderr } = site.tsoci(['run', '--bundle', bundle, site.id()])
  assert.equal(code, 1)
  assert.match(stderr, /mask \/sys\/firmware: .*EXDEV.*maskedPaths\/0/)
})
