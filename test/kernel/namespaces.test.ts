import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { NAMESPACE_FILES } from '../../src/linux/namespaces.ts'
import type { Namespace, NamespaceType } from '../../src/spec/config.ts'
import {
  type Draft,
  dropNamespace,
  openSite,
  readText,
  setNamespaces,
  until,
  whyNot,
} from './container.ts'

const skip = whyNot()

test('a hostname set inside is not seen outside', { skip }, (t) => {
  const before = hostname()
  const lines = openSite(t).lines('hostname; hostname inside; hostname', (config) => {
    config.hostname = 'web'
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      config.process.capabilities![set] = ['CAP_SYS_ADMIN']
    }
  })
  assert.deepEqual(lines, ['web', 'inside'])
  assert.equal(hostname(), before)
})

test('without a uts namespace the hostname is the one of the host', { skip }, (t) => {
  const lines = openSite(t).lines('hostname', (config) => dropNamespace(config, 'uts'))
  assert.deepEqual(lines, [hostname()])
})

test('the domain name is set in the uts namespace', { skip }, (t) => {
  const before = readFileSync('/proc/sys/kernel/domainname', 'utf8')
  const lines = openSite(t).lines('cat /proc/sys/kernel/domainname', (config) => {
    config.domainname = 'example.org'
  })
  assert.deepEqual(lines, ['example.org'])
  assert.equal(readFileSync('/proc/sys/kernel/domainname', 'utf8'), before)
})

test('a System V queue is not seen inside, and is without an ipc namespace', {
  skip: whyNot('ipcmk', 'ipcrm'),
}, (t) => {
  const made = spawnSync('ipcmk', ['-Q'], { encoding: 'utf8' })
  const queue = /\d+/.exec(made.stdout)?.[0]
  assert.ok(queue, made.stderr)
  t.after(() => spawnSync('ipcrm', ['-q', queue]))
  const site = openSite(t)
  assert.equal(site.lines('cat /proc/sysvipc/msg').length, 1)
  const shared = site.lines('cat /proc/sysvipc/msg', (config) => {
    dropNamespace(config, 'ipc')
    // The mqueue file system belongs to the ipc namespace.
    config.mounts = config.mounts.filter(({ type }) => type !== 'mqueue')
  })
  assert.ok(shared.some((line) => line.trim().split(/\s+/)[1] === queue))
})

test('the process is pid 1 and ps sees only its own', { skip }, (t) => {
  const lines = openSite(t).lines('echo $$; ps -o pid,comm; true')
  assert.equal(lines[0], '1')
  assert.deepEqual(
    lines.slice(2).map((line) => line.trim().split(/\s+/)),
    [
      ['1', 'sh'],
      ['2', 'ps'],
    ],
  )
})

test('without a pid namespace the process has a pid of the host', { skip }, (t) => {
  const [pid] = openSite(t).lines('echo $$', (config) => dropNamespace(config, 'pid'))
  assert.ok(Number(pid) > 1)
})

test('a tmpfs mounted inside is not among the mounts of the host', { skip }, (t) => {
  const site = openSite(t)
  const before = readFileSync('/proc/self/mountinfo', 'utf8')
  const id = site.start((config) => {
    config.process.args = ['sh', '-c', 'mount -t tmpfs inside /tmp && exec sleep 1000']
    for (const set of ['bounding', 'effective', 'permitted'] as const) {
      config.process.capabilities![set] = ['CAP_SYS_ADMIN']
    }
  })
  const { pid } = site.state(id)
  return until('the mount inside', () =>
    readText(`/proc/${pid}/mountinfo`)?.includes(' - tmpfs inside '),
  ).then(() => assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), before))
})

test('only lo is there, and up', { skip }, (t) => {
  const lines = openSite(t).lines('ip -o addr; cat /sys/class/net/*/operstate; ls /sys/class/net')
  const links = lines.filter((line) => /^\d+: /.test(line))
  assert.ok(links.length > 0)
  for (const line of links) assert.match(line, /^1: lo /)
  assert.ok(lines.some((line) => line.includes('127.0.0.1/8')))
  assert.equal(lines.at(-1), 'lo')
})

test('without a network namespace the links are those of the host', { skip }, (t) => {
  const lines = openSite(t).lines('cut -d : -f 1 /proc/net/dev | tr -d " "', (config) =>
    dropNamespace(config, 'network'),
  )
  const host = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2, -1)
  assert.deepEqual(
    lines.slice(2),
    host.map((line) => line.split(':')[0]!.trim()),
  )
})

/** Inode of each namespace of a process. */
function namespacesOf(pid: number | 'self'): Record<string, string> {
  const files = Object.entries(NAMESPACE_FILES)
  return Object.fromEntries(
    files.map(([type, file]) => [type, readlinkSync(`/proc/${pid}/ns/${file}`)]),
  )
}

function differing(a: Record<string, string>, b: Record<string, string>): string[] {
  return Object.keys(a)
    .filter((type) => a[type] !== b[type])
    .sort()
}

const ALL = Object.keys(NAMESPACE_FILES) as NamespaceType[]
const MAPS = [{ containerID: 0, hostID: 100_000, size: 65_536 }]

/** Exactly these namespaces, and a configuration that can do with them. */
function only(config: Draft, namespaces: readonly Namespace[]): void {
  config.linux.namespaces = [...namespaces]
  const has = (type: NamespaceType) => namespaces.some((it) => it.type === type)
  if (!has('uts')) delete config.hostname
  if (has('user') && namespaces.some((it) => it.type === 'user' && !it.path)) {
    config.linux.uidMappings = MAPS
    config.linux.gidMappings = MAPS
  }
  if (has('mount')) return
  config.mounts = []
  config.root.readonly = false
  delete config.linux.maskedPaths
  delete config.linux.readonlyPaths
}

const asked: NamespaceType[][] = [
  ['mount'],
  ['mount', 'pid'],
  ['mount', 'network', 'ipc'],
  ['mount', 'uts', 'cgroup'],
  ['mount', 'time'],
  ['mount', 'user', 'pid', 'network', 'ipc'],
  ['mount', 'user', 'pid', 'time'],
  ['uts'],
  [],
  ALL,
]

for (const types of asked) {
  test(`exactly the namespaces asked for are new: ${types.join(' ') || 'none'}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start((config) => {
      only(
        config,
        types.map((type) => ({ type })),
      )
      if (!types.includes('ipc')) {
        config.mounts = config.mounts.filter(({ type }) => type !== 'mqueue')
      }
      if (!types.includes('network')) {
        config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs' && type !== 'cgroup')
      }
    })
    const { pid } = site.state(id)
    assert.deepEqual(differing(namespacesOf('self'), namespacesOf(pid)), [...types].sort())
  })
}

const joined: NamespaceType[][] = [
  ['network'],
  ['pid'],
  ['ipc', 'uts'],
  ['network', 'ipc', 'uts', 'pid'],
  ['time'],
  ['user', 'network', 'ipc'],
  ['user', 'network', 'ipc', 'uts', 'pid', 'cgroup', 'time'],
]

for (const types of joined) {
  test(`a second container shares exactly what it joins: ${types.join(' ')}`, { skip }, (t) => {
    const site = openSite(t)
    const all = ALL.map((type) => ({ type }))
    const first = site.state(site.start((config) => only(config, all))).pid
    const second = site.start((config) => {
      only(
        config,
        ALL.filter((type) => types.includes('user') || type !== 'user').map((type) =>
          types.includes(type)
            ? { type, path: `/proc/${first}/ns/${NAMESPACE_FILES[type]}` }
            : { type },
        ),
      )
      if (types.includes('uts')) delete config.hostname
    })
    const found = differing(namespacesOf(first), namespacesOf(site.state(second).pid))
    assert.deepEqual(found, ALL.filter((type) => !types.includes(type)).sort())
  })
}

test('a namespace vanishes with its last process', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const namespaces = namespacesOf(site.state(id).pid)
  const isThere = (link: string) =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .some((pid) => {
        try {
          // One that has ended and waits for its parent holds no namespace any more.
          if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return false
          return Object.values(NAMESPACE_FILES).some(
            (file) => readlinkSync(`/proc/${pid}/ns/${file}`) === link,
          )
        } catch {
          return false
        }
      })
  assert.ok(isThere(namespaces.uts!))
  site.ok(['delete', '--force', id])
  for (const type of ['uts', 'ipc', 'network', 'pid', 'mount']) {
    await until(`the end of ${type}`, () => !isThere(namespaces[type]!))
  }
})

test('the clocks of a time namespace have their offsets', { skip }, (t) => {
  const [uptime] = openSite(t).lines('cat /proc/uptime', (config) => {
    setNamespaces(config, { type: 'time' })
    config.linux.timeOffsets = { boottime: { secs: 1_000_000 }, monotonic: { secs: 5 } }
  })
  const host = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  assert.ok(Math.abs(Number(uptime!.split(' ')[0]) - host - 1_000_000) < 60)
})

test('the cgroup namespace shows the own cgroup as the root', { skip }, (t) => {
  const lines = openSite(t).lines('cat /proc/self/cgroup', (config) => {
    setNamespaces(config, { type: 'cgroup' })
  })
  for (const line of lines) assert.match(line, /^\d+:[^:]*:\/$/)
})

test('a fifo in the place of a namespace is refused, and not waited for', { skip }, (t) => {
  const site = openSite(t)
  const path = join(site.dir, 'fifo')
  assert.equal(spawnSync('mkfifo', [path]).status, 0)
  const { code, stderr } = site.run('true', (config) => {
    setNamespaces(config, { type: 'network', path })
  })
  assert.equal(code, 1)
  assert.match(stderr, /not a namespace/)
  assert.deepEqual(site.ids(), [])
})
