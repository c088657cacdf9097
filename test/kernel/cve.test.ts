// Attacks on container runtimes that have a number: each tried again, and refused or harmless.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { DeviceRule, Mount } from '../../src/spec/config.ts'
import { makeCanary } from './canary.ts'
import { type Change, draft, FRONT, openSite, readText, until, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

interface Attack {
  readonly name: string
  /** Prepares the hostile bundle. */
  readonly arm: (rootfs: string, canary: string) => void
  readonly change?: Change
  readonly script?: string
  /** Refused with these words; without them it must run, harmlessly, and print the output. */
  readonly refusal?: RegExp
  readonly output?: string
}

const tmpfs = (destination: string): Mount => {
  return { destination, type: 'tmpfs', source: 'tmpfs' }
}

const replace = (rootfs: string, name: string, target: string) => {
  rmSync(join(rootfs, name), { recursive: true, force: true })
  symlinkSync(target, join(rootfs, name))
}

const attacks: Attack[] = [
  {
    name: 'CVE-2019-18837: a mount destination that is a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(canary, join(rootfs, 'mnt')),
    change: (config) => config.mounts.push(tmpfs('/mnt')),
    script: 'touch /mnt/file /mnt/sub; ls -d /mnt/*',
    output: '/mnt/file\n/mnt/sub\n',
  },
  {
    name: 'CVE-2021-30465: a mount destination below a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(`../../../../../../..${canary}`, join(rootfs, 'mnt')),
    change: (config) => config.mounts.push(tmpfs('/mnt/sub/deep')),
    script: 'touch /mnt/sub/deep/file && ls /mnt/sub/deep',
    output: 'file\n',
  },
  {
    name: 'CVE-2024-45310: a file to bind on, behind a dangling symlink to the host',
    arm: (rootfs, canary) => symlinkSync(`${canary}/sub/new`, join(rootfs, 'etc/hosts')),
    change: (config) =>
      config.mounts.push({ destination: '/etc/hosts', source: '/etc/passwd', options: ['bind'] }),
    script: 'test -s /etc/hosts',
    output: '',
  },
  {
    name: 'CVE-2024-45310: a directory to mount on, behind a dangling symlink to the host',
    arm: (rootfs, canary) => symlinkSync(`${canary}/sub/a`, join(rootfs, 'mnt')),
    change: (config) => config.mounts.push(tmpfs('/mnt/b/c')),
    script: 'touch /mnt/b/c/file && ls /mnt/b/c',
    output: 'file\n',
  },
  {
    name: 'a mount destination that is a circle of symlinks',
    arm: (rootfs) => symlinkSync('mnt', join(rootfs, 'mnt')),
    change: (config) => config.mounts.push(tmpfs('/mnt/x')),
    refusal: /ELOOP/,
  },
  {
    name: 'a mount destination with .. in it',
    arm: () => {},
    change: (config) => config.mounts.push(tmpfs('/tmp/../../../../mnt')),
    script: 'touch /mnt/file && ls /mnt',
    output: 'file\n',
  },
  {
    name: 'CVE-2025-54867, CVE-2019-19921, CVE-2023-27561, CVE-2023-28642: /proc is a symlink',
    arm: (rootfs, canary) => replace(rootfs, 'proc', canary),
    refusal: /symlink/,
  },
  {
    name: 'CVE-2019-16884, CVE-2023-28642, CVE-2025-52881: a directory is bound on /proc',
    arm: () => {},
    change: (config) =>
      config.mounts.push({ destination: '/proc', source: '/etc', options: ['bind'] }),
    // What is written for the process goes to a procfs of our own, and is not found there.
    script: 'test -e /proc/passwd && test ! -e /proc/self',
    output: '',
  },
  {
    name: 'CVE-2025-52881, CVE-2025-62596: a tmpfs on /proc/self/attr, where labels are written',
    arm: () => {},
    change: (config) => config.mounts.push(tmpfs('/proc/self/attr')),
    refusal: /\/proc\/self\/attr/,
  },
  {
    name: 'CVE-2025-62161: /dev/null of the rootfs is a file when paths are masked',
    arm: (rootfs) => writeFileSync(join(rootfs, 'dev/null'), 'secret'),
    change: (config) => {
      config.mounts = config.mounts.filter(({ destination }) => destination === '/proc')
      config.linux.maskedPaths = ['/etc/passwd']
    },
    refusal: /\/dev\/null/,
  },
  {
    name: 'CVE-2025-54867: /sys is a symlink',
    arm: (rootfs) => replace(rootfs, 'sys', '/tmp'),
    refusal: /symlink/,
  },
  {
    name: 'CVE-2026-41579, CVE-2026-47766: /dev is a symlink',
    arm: (rootfs, canary) => replace(rootfs, 'dev', canary),
    refusal: /symlink/,
  },
  {
    name: 'CVE-2026-41579: /dev is a symlink and nothing is mounted there',
    arm: (rootfs, canary) => replace(rootfs, 'dev', canary),
    change: (config) => {
      config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'))
    },
    script: 'ls -L /dev | head -n 1',
  },
  {
    name: 'a /dev/pts that is a symlink, without a /dev of its own',
    arm: (rootfs, canary) => symlinkSync(canary, join(rootfs, 'dev/pts')),
    change: (config) => {
      config.mounts = config.mounts.filter(
        ({ destination }) => destination === '/proc' || destination === '/dev/pts',
      )
    },
  },
  {
    name: 'CVE-2025-31133: /dev/null of the rootfs is a symlink when paths are masked',
    arm: (rootfs, canary) => symlinkSync(`${canary}/file`, join(rootfs, 'dev/null')),
    change: (config) => {
      config.mounts = config.mounts.filter(({ destination }) => destination === '/proc')
      config.linux.maskedPaths = ['/etc/passwd']
    },
    refusal: /\/dev\/null/,
  },
  {
    name: 'CVE-2025-31133: a masked path that is a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(`${canary}/file`, join(rootfs, 'etc/secret')),
    change: (config) => config.linux.maskedPaths!.push('/etc/secret'),
  },
  {
    name: 'a read-only path that is a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(canary, join(rootfs, 'etc/fixed')),
    change: (config) => config.linux.readonlyPaths!.push('/etc/fixed'),
  },
  {
    name: 'a default link of /dev that is there as a directory',
    arm: (rootfs) => mkdirSync(join(rootfs, 'dev/fd')),
    change: (config) => {
      config.mounts = config.mounts.filter(({ destination }) => destination === '/proc')
    },
  },
  {
    name: 'a device of the configuration that goes through a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(canary, join(rootfs, 'etc/nodes')),
    change: (config) => {
      config.linux.devices = [{ type: 'c', path: '/etc/nodes/null', major: 1, minor: 3 }]
    },
  },
  {
    name: 'cwd is a symlink to the host',
    arm: (rootfs, canary) => symlinkSync(canary, join(rootfs, 'srv')),
    change: (config) => {
      config.process.cwd = '/srv/sub'
      config.root.readonly = false
    },
  },
  {
    name: 'CVE-2019-16884, CVE-2025-52881: a /proc of the image that is no procfs is written to',
    arm: (rootfs, canary) => {
      mkdirSync(join(rootfs, 'proc/sys/net/ipv4'), { recursive: true })
      symlinkSync(join(canary, 'file'), join(rootfs, 'proc/sys/net/ipv4/ip_forward'))
      writeFileSync(join(rootfs, 'proc/sys/net/ipv4/ip_default_ttl'), 'fake')
    },
    change: (config) => {
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/proc')
      config.linux.maskedPaths = []
      config.linux.readonlyPaths = []
      config.linux.sysctl = { 'net.ipv4.ip_forward': '0', 'net.ipv4.ip_default_ttl': '63' }
    },
    script: 'cat /proc/sys/net/ipv4/ip_default_ttl',
    output: 'fake',
  },
  {
    name: 'CVE-2016-3697: a passwd file with a number for a name',
    arm: (rootfs) => writeFileSync(join(rootfs, 'etc/passwd'), '1000:x:0:0::/root:/bin/sh\n'),
    change: (config) => {
      config.process.user = { uid: 1000, gid: 1000 }
    },
    script: 'id -u; echo $HOME',
    output: '1000\n/\n',
  },
  {
    name: 'a passwd file that is a fifo',
    arm: (rootfs) => {
      rmSync(join(rootfs, 'etc/passwd'))
      assert.equal(spawnSync('mkfifo', [join(rootfs, 'etc/passwd')]).status, 0)
    },
    script: 'echo $HOME',
    output: '/\n',
  },
]

for (const { name, arm, change, script = 'true', refusal, output } of attacks) {
  test(name, { skip }, (t) => {
    const site = openSite(t)
    const canary = makeCanary(site)
    const bundle = site.bundle(change, draft(['sh', '-c', script]))
    arm(join(bundle, 'rootfs'), canary.dir)
    const before = viewHost(site)
    const { code, stdout, stderr } = site.tsoci(['run', '--bundle', bundle, site.id()])
    canary.check()
    assert.deepEqual(viewHost(site), before)
    assert.notEqual(code, null, 'it hangs')
    if (refusal !== undefined) {
      assert.equal(code, 1)
      assert.match(stderr, refusal)
    } else if (output !== undefined) {
      assert.equal(code, 0, stderr)
      assert.equal(stdout, output)
    }
  })
}

test('CVE-2021-30465: a destination that changes while it is mounted on', { skip }, async (t) => {
  const site = openSite(t)
  const canary = makeCanary(site)
  const bundle = site.bundle((config) => {
    config.mounts.push(tmpfs('/mnt/a'), tmpfs('/mnt/b'), tmpfs('/mnt/c'))
  })
  // A symlink to the canary and a directory change places, as fast as a shell can.
  const rootfs = join(bundle, 'rootfs')
  mkdirSync(join(rootfs, 'mnt'))
  symlinkSync(canary.dir, join(rootfs, 'link'))
  const swap = `cd ${rootfs} && while :; do mv -T mnt x; mv -T link mnt; mv -T mnt link; mv -T x mnt; done`
  const racer = spawn('sh', ['-c', swap], { stdio: 'ignore', detached: true })
  site.atClose(() => process.kill(-racer.pid!, 'SIGKILL'))
  for (let i = 0; i < 25; i++) {
    assert.notEqual(site.tsoci(['run', '--bundle', bundle, site.id()]).code, null)
    canary.check()
  }
})

for (const cwd of ['/proc/self/fd/7', '/proc/self/fd/7/../..', '/proc/1/fd/7', '/proc/self/fd/3']) {
  test(`CVE-2024-21626: cwd ${cwd} through a leaked descriptor`, { skip }, (t) => {
    const site = openSite(t)
    const host = openSync('/', 'r')
    const stdio = ['ignore', 'pipe', 'pipe', host, host, host, host, host, host] as const
    for (const preserve of ['0', '9']) {
      const bundle = site.bundle((config) => {
        config.process.cwd = cwd
        config.process.args = ['ls', '..']
      })
      const words = ['run', '--preserve-fds', preserve, '--bundle', bundle, site.id()]
      const { code, stdout } = site.tsoci(words, { stdio: [...stdio] })
      assert.notEqual(code, 0)
      assert.equal(stdout, '')
    }
  })
}

test('CVE-2022-24769, CVE-2022-27650, CVE-2022-29162, CVE-2016-8867: no inheritable and no ambient set', {
  skip,
}, (t) => {
  const show = "exec sed -n -e 's/^CapInh:\\s*//p' -e 's/^CapAmb:\\s*//p' /proc/self/status"
  // The default configuration asks for ambient ones that are not inheritable.
  assert.deepEqual(openSite(t).lines(show), ['0'.repeat(16), '0'.repeat(16)])
})

test('CVE-2022-29162, CVE-2025-27612: exec gives no inheritable set either', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const flags of [[], ['--cap', 'CAP_KILL']]) {
    const out = site.ok(['exec', ...flags, id, 'grep', 'CapInh', '/proc/self/status'])
    assert.match(out, /^CapInh:\s*0{16}\n$/)
  }
})

test('CVE-2026-30892: exec takes no user but a number, whole and in range', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const user of ['7x', '7:', ':7', '7:8x', '7:8:9', ' 7', '-1', '4294967296', '0x7', 'web']) {
    const { code, stdout } = site.tsoci(['exec', `--user=${user}`, id, 'id', '-u'])
    assert.notEqual(code, 0, user)
    assert.equal(stdout, '', user)
  }
  assert.equal(site.ok(['exec', '--user', '7:8', id, 'id', '-u']), '7\n')
})

test('CVE-2021-43784: more than the kernel takes is refused, and nothing wraps', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    const map = (i: number) => ({ containerID: i * 2, hostID: 100_000 + i * 2, size: 1 })
    const mappings = Array.from({ length: 3000 }, (_, i) => map(i))
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, { uidMappings: mappings, gidMappings: mappings })
  })
  assert.equal(code, 1)
  assert.match(stderr, /uidMappings|uid_map/)
  assert.deepEqual(site.ids(), [])
})

test('GHSA-g54h-m393-cpwq: an allow rule alone does not allow the rest', { skip }, (t) => {
  const { stderr } = openSite(t).run('head -c 1 /dev/a', (config) => {
    config.linux.devices = [{ type: 'c', path: '/dev/a', major: 239, minor: 11, fileMode: 0o666 }]
    config.linux.resources.devices = [
      { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
    ]
  })
  assert.match(stderr, /Operation not permitted/)
})

// cgroup v1 takes the letter a for everything, whatever numbers stand behind it. No driver has these
// devices: who may open them is told so.
const untyped: [rule: DeviceRule, refused: number][] = [
  [{ allow: true, major: 10, minor: 200, access: 'rwm' }, 2],
  [{ allow: true, access: 'm' }, 2],
  [{ allow: true, access: 'r' }, 1],
  [{ allow: true, minor: 11, access: 'rwm' }, 1],
  [{ allow: true, access: 'rwm' }, 0],
]
for (const [rule, refused] of untyped) {
  const name = JSON.stringify(rule)
  test(`GHSA-g54h-m393-cpwq: a rule of no type allows no more than it says: ${name}`, {
    skip,
  }, (t) => {
    const { stderr } = openSite(t).run('head -c 1 /dev/a; echo x > /dev/b', (config) => {
      config.linux.devices = [
        { type: 'c', path: '/dev/a', major: 239, minor: 11, fileMode: 0o666 },
        { type: 'b', path: '/dev/b', major: 239, minor: 12, fileMode: 0o666 },
      ]
      config.linux.resources.devices = [rule]
    })
    assert.equal(stderr.match(/not permitted/g)?.length ?? 0, refused, stderr)
    assert.equal(stderr.match(/No such device/g)?.length ?? 0, 2 - refused, stderr)
  })
}

test('CVE-2016-9962: the init can not be traced before exec', { skip }, (t) => {
  const site = openSite(t)
  const { pid } = site.state(site.create())
  // What is not dumpable belongs to root, whoever runs it, and can't be traced without privilege.
  const asUser = spawnSync('ls', [`/proc/${pid}/fd`], { uid: 54_321, gid: 54_321 })
  assert.notEqual(asUser.status, 0)
})

test('CVE-2016-9962: who joins a pid namespace shows its host descriptors to nobody', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const script =
    'while :; do for it in /proc/[0-9]*/root /proc/[0-9]*/exe; do readlink $it; done; done'
  const watch: Change = (config) => {
    config.process.args = ['sh', '-c', `(${script}) > /log/seen 2> /dev/null`]
    config.mounts.push({ destination: '/log', source: join(site.dir, 'log'), options: ['bind'] })
  }
  mkdirSync(join(site.dir, 'log'))
  const first = site.state(site.start(watch)).pid
  await until('the watch', () => readText(join(site.dir, 'log/seen')))
  for (let i = 0; i < 10; i++) {
    site.run('true', (config) => {
      config.linux.namespaces = config.linux.namespaces.map((namespace) =>
        namespace.type === 'pid' ? { type: 'pid', path: `/proc/${first}/ns/pid` } : namespace,
      )
    })
  }
  const seen = new Set(readFileSync(join(site.dir, 'log/seen'), 'utf8').split('\n'))
  assert.ok(![...seen].some((link) => link.startsWith(site.dir)), [...seen].join())
  assert.ok(![...seen].some((link) => link.includes('memfd')), [...seen].join())
})

const terminalAttacks: [name: string, arm: (rootfs: string, canary: string) => void][] = [
  [
    'CVE-2026-88264, CVE-2025-52565: /dev/console is a symlink to the host',
    (rootfs, canary) => symlinkSync(`${canary}/sub/console`, join(rootfs, 'dev/console')),
  ],
  [
    'CVE-2025-52565: /dev/console is a symlink to a file of the host',
    (rootfs, canary) => symlinkSync(`${canary}/file`, join(rootfs, 'dev/console')),
  ],
  [
    'CVE-2025-52565: /dev/pts/ptmx is a file of the image',
    (rootfs) => {
      mkdirSync(join(rootfs, 'dev/pts'))
      writeFileSync(join(rootfs, 'dev/pts/ptmx'), '')
    },
  ],
]

for (const [name, arm] of terminalAttacks) {
  test(name, { skip: whyNot('script') }, (t) => {
    const site = openSite(t)
    const canary = makeCanary(site)
    const bundle = site.bundle((config) => {
      config.process.terminal = true
      const withPts = !name.includes('ptmx')
      config.mounts = config.mounts.filter(
        ({ destination }) => destination === '/proc' || (withPts && destination === '/dev/pts'),
      )
    })
    arm(join(bundle, 'rootfs'), canary.dir)
    const before = viewHost(site)
    const command = `${FRONT} --root ${site.root} run --bundle ${bundle} ${site.id()}`
    const { status } = spawnSync('script', ['-qec', command, '/dev/null'], { timeout: 20_000 })
    assert.equal(status, 1)
    canary.check()
    assert.deepEqual(viewHost(site), before)
  })
}

test('CVE-2026-88265: a /dev/null for stdio is not given to the user', { skip }, (t) => {
  const site = openSite(t)
  const before = lstatSync('/dev/null')
  const change: Change = (config) => {
    config.process.user = { uid: 1000, gid: 1000 }
  }
  const bundle = site.bundle(change)
  site.ok(['run', '--bundle', bundle, site.id()], { stdio: 'ignore' })
  assert.equal(lstatSync('/dev/null').uid, before.uid)
  assert.ok(existsSync('/dev/null'))
})

test('CVE-2023-25809: the cgroups of the host can not be written to', { skip }, (t) => {
  const { stdout } = openSite(t).run(
    'find /sys/fs/cgroup -type d -maxdepth 2 | while read it; do mkdir $it/x 2> /dev/null && echo $it; done; true',
  )
  assert.equal(stdout, '')
})

test('a container without a pid namespace can not signal what it may not', { skip }, (t) => {
  const victim = spawn('sleep', ['1000'], { stdio: 'ignore' })
  t.after(() => victim.kill('SIGKILL'))
  const { stderr } = openSite(t).run(`kill -9 ${victim.pid}`, (config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid')
    config.process.user = { uid: 1000, gid: 1000 }
  })
  assert.match(stderr, /not permitted/)
})
