import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { CAPABILITIES } from '../../src/linux/capabilities.ts'
import { type Change, draft, FRONT, hasProgram, openSite, whyNot } from './container.ts'

const skip = whyNot()

/** One line of /proc/self/status, of a program that the shell becomes. */
const status = (name: string) => `exec sed -n 's/^${name}:\\s*//p' /proc/self/status`

const cases: [why: string, script: string, change: Change, lines: string[]][] = [
  ['runs as the user and group', 'id -u; id -g', (c) => user(c, { uid: 7, gid: 8 }), ['7', '8']],
  [
    'has the additional groups and no others',
    status('Groups'),
    (c) => user(c, { uid: 7, gid: 8, additionalGids: [20, 30] }),
    ['20 30 '],
  ],
  ['has no group of the caller', status('Groups'), () => {}, ['']],
  ['has the umask', 'umask', (c) => user(c, { uid: 0, gid: 0, umask: 0o27 }), ['0027']],
  ['has umask 0022 when none is given', 'umask', () => {}, ['0022']],
  ['starts in cwd', 'pwd', (c) => set(c, 'cwd', '/tmp'), ['/tmp']],
  [
    'gets a cwd that was missing',
    'pwd; stat -c %a .',
    (c) => {
      c.process.cwd = '/srv/new/deep'
      c.root.readonly = false
    },
    ['/srv/new/deep', '755'],
  ],
  [
    'gets exactly the environment that is asked for, and HOME',
    'env | grep -v -e ^TSOCI_TEST -e ^PWD -e ^SHLVL | sort',
    (c) => {
      c.process.env = ['PATH=/bin', 'A=1', 'EMPTY=']
    },
    ['A=1', 'EMPTY=', 'HOME=/root', 'PATH=/bin'],
  ],
  [
    'has the home of its user',
    'echo $HOME',
    (c) => user(c, { uid: 1000, gid: 1000 }),
    ['/home/web'],
  ],
  ['has / as HOME without a passwd line', 'echo $HOME', (c) => user(c, { uid: 9, gid: 9 }), ['/']],
  ['keeps HOME of the config', 'echo $HOME', (c) => c.process.env.push('HOME=/srv'), ['/srv']],
  ['has no new privileges', status('NoNewPrivs'), () => {}, ['1']],
  [
    'may get new privileges where the config says so',
    status('NoNewPrivs'),
    (c) => set(c, 'noNewPrivileges', false),
    ['0'],
  ],
  [
    'has the limits',
    "sed -n -e 's/^Max open files *//p' -e 's/^Max core file size *//p' /proc/self/limits | tr -s ' '",
    (c) => {
      c.process.rlimits = [
        { type: 'RLIMIT_NOFILE', soft: 77, hard: 99 },
        { type: 'RLIMIT_CORE', soft: 0, hard: 4096 },
      ]
    },
    ['0 4096 bytes ', '77 99 files '],
  ],
  [
    'has the OOM score adjustment',
    'cat /proc/self/oom_score_adj',
    (c) => set(c, 'oomScoreAdj', 500),
    ['500'],
  ],
  [
    'keeps the OOM score adjustment of the caller',
    'cat /proc/self/oom_score_adj',
    () => {},
    [readFileSync('/proc/self/oom_score_adj', 'utf8').trim()],
  ],
  [
    'has the program of PATH and its arguments',
    '',
    (c) => {
      c.process.args = [
        'sh',
        '-c',
        'for it in "$@"; do echo "[$it]"; done',
        '0',
        'one two',
        '',
        '*',
      ]
    },
    ['[one two]', '[]', '[*]'],
  ],
  [
    'is not stopped by a signal that the caller ignores',
    status('SigIgn'),
    () => {},
    ['0'.repeat(16)],
  ],
  ['has no signal blocked', status('SigBlk'), () => {}, ['0'.repeat(16)]],
]

function user(config: Parameters<Change>[0], value: NonNullable<Process['user']>): void {
  config.process.user = value
}

type Process = Parameters<Change>[0]['process']

function set<K extends keyof Process>(config: Parameters<Change>[0], key: K, value: Process[K]) {
  config.process[key] = value
}

for (const [why, script, change, lines] of cases) {
  test(`the process ${why}`, { skip }, (t) => {
    assert.deepEqual(openSite(t).lines(script, change), lines)
  })
}

const bit = (...names: (keyof typeof CAPABILITIES)[]) =>
  names.reduce((bits, name) => bits | (1n << BigInt(CAPABILITIES[name])), 0n)

const CAPS = "exec sed -n 's/^Cap[A-Z][a-z]*:\\s*//p' /proc/self/status"

test('the process has exactly the capabilities, set by set', { skip }, (t) => {
  const lines = openSite(t).lines(CAPS, (config) => {
    config.process.user = { uid: 7, gid: 7 }
    config.process.capabilities = {
      inheritable: ['CAP_KILL', 'CAP_CHOWN'],
      permitted: ['CAP_KILL', 'CAP_CHOWN', 'CAP_SETUID'],
      effective: ['CAP_KILL'],
      bounding: ['CAP_KILL', 'CAP_CHOWN', 'CAP_SETUID', 'CAP_NET_RAW'],
      ambient: ['CAP_KILL'],
    }
  })
  const sets = lines.map((line) => BigInt(`0x${line}`))
  // An ordinary user keeps over exec what is ambient; what is inheritable and bounding stays.
  assert.deepEqual(sets, [
    bit('CAP_KILL', 'CAP_CHOWN'),
    bit('CAP_KILL'),
    bit('CAP_KILL'),
    bit('CAP_KILL', 'CAP_CHOWN', 'CAP_SETUID', 'CAP_NET_RAW'),
    bit('CAP_KILL'),
  ])
})

test('root has what is bounding and no more', { skip }, (t) => {
  const names = ['CAP_KILL', 'CAP_CHOWN'] as const
  const lines = openSite(t).lines(CAPS, (config) => {
    const list = [...names]
    config.process.capabilities = { permitted: list, effective: list, bounding: list }
  })
  const all = bit(...names)
  assert.deepEqual(
    lines.map((line) => BigInt(`0x${line}`)),
    [0n, all, all, all, 0n],
  )
})

test('a container without capabilities has none, and neither has what exec runs in it', {
  skip,
}, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    delete config.process.capabilities
  })
  const all = ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((name) => `Cap${name}:\t${'0'.repeat(16)}\n`)
  const script = "grep '^Cap' /proc/$1/status"
  assert.equal(site.ok(['exec', id, 'sh', '-c', script, 'sh', '1']), all.join(''))
  assert.equal(site.ok(['exec', id, 'sh', '-c', script, 'sh', 'self']), all.join(''))
  const file = join(site.dir, 'process.json')
  const args = ['sh', '-c', script, 'sh', 'self']
  writeFileSync(file, JSON.stringify({ cwd: '/', env: ['PATH=/bin'], args }))
  assert.equal(site.ok(['exec', '--process', file, id]), all.join(''))
})

test('an unknown capability is warned of and left out', { skip }, (t) => {
  const { code, stdout, stderr } = openSite(t).run(CAPS, (config) => {
    const names = ['CAP_KILL', 'CAP_FLY'] as 'CAP_KILL'[]
    config.process.capabilities = { permitted: names, effective: names, bounding: names }
  })
  assert.equal(code, 0)
  assert.match(stderr, /^warning: .*CAP_FLY/m)
  assert.equal(BigInt(`0x${stdout.split('\n')[3]}`), bit('CAP_KILL'))
})

const setpriv = skip || (hasProgram('setpriv') ? false : 'setpriv is not installed')
test('a capability that the caller lacks is warned of and left out', { skip: setpriv }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    const names = ['CAP_KILL', 'CAP_SYS_CHROOT'] as const
    config.process.args = ['sh', '-c', CAPS]
    config.process.capabilities = {
      permitted: [...names],
      effective: [...names],
      bounding: [...names],
    }
  })
  const words = ['--bounding-set', '-sys_chroot', FRONT, '--root', site.root, 'run']
  const options = { encoding: 'utf8' } as const
  const result = spawnSync('setpriv', [...words, '--bundle', bundle, site.id()], options)
  assert.equal(result.status, 0, result.stderr)
  assert.match(result.stderr, /^warning: .*not granted: CAP_SYS_CHROOT/m)
  assert.equal(BigInt(`0x${result.stdout.split('\n')[2]}`), bit('CAP_KILL'))
})

test('the process holds no descriptor but its three', { skip }, (t) => {
  const fd = openSync('/', 'r')
  t.after(() => closeSync(fd))
  const stdio = ['ignore', 'pipe', 'pipe', fd, fd, fd] as const
  const { stdout } = openSite(t).run('ls /proc/self/fd', () => {}, { stdio: [...stdio] })
  // The fourth is the directory that ls reads.
  assert.deepEqual(stdout.trim().split(/\s+/), ['0', '1', '2', '3'])
})

test('the process gets the descriptors that --preserve-fds names', { skip }, (t) => {
  const site = openSite(t)
  const files = ['one', 'two', 'three'].map((name) => {
    writeFileSync(join(site.dir, name), name)
    return openSync(join(site.dir, name), 'r')
  })
  t.after(() => {
    for (const fd of files) closeSync(fd)
  })
  const bundle = site.bundle((config) => {
    config.process.args = ['sh', '-c', 'cat <&3; cat <&4; ls /proc/self/fd; true <&5']
  })
  const words = ['run', '--preserve-fds', '2', '--bundle', bundle, site.id()]
  const stdio = ['ignore', 'pipe', 'pipe', ...files] as const
  const { stdout, stderr } = site.tsoci(words, { stdio: [...stdio] })
  assert.match(stdout, /^onetwo0\n1\n2\n3\n4\n5\n$/)
  assert.match(stderr, /\b5: Bad file descriptor/)
})

// podman's --preserve-fd=5 counts those below, too.
test('what --preserve-fds counts and is closed is skipped, and nothing of ours is there', {
  skip,
}, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'five')
  writeFileSync(file, 'five')
  // As the init waits: it is not exec that closes ours.
  const bundle = site.bundle(() => {}, draft(['sh', '-c', 'cat <&5; ls /proc/self/fd']))
  const closed = `exec 3>&- 4>&- 5<${file} 6>&- 7>&- 8>&-; exec "$0" "$@"`
  const call = (...words: string[]) =>
    spawnSync('sh', ['-c', closed, FRONT, '--root', site.root, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const flags = ['--preserve-fds', '6', '--bundle', bundle]
  const ran = call('run', ...flags, site.id())
  assert.equal(ran.stdout, 'five0\n1\n2\n3\n5\n', ran.stderr) // 3 is the directory that ls reads
  const id = site.id()
  spawnSync('sh', ['-c', closed, FRONT, '--root', site.root, 'create', ...flags, id], {
    stdio: 'ignore',
  })
  const { pid } = site.state(id)
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => [
    fd,
    readlinkSync(`/proc/${pid}/fd/${fd}`),
  ])
  const ours = open.filter(
    ([fd, to]) => Number(fd) > 2 && to !== file && !to!.endsWith('exec.fifo'),
  )
  assert.deepEqual(
    ours.map(([, to]) => to).filter((to) => !to!.startsWith('socket:')),
    [],
  )
})

test('the variables of the caller do not reach the process', { skip }, (t) => {
  const env = { ...process.env, SECRET: 'mine', LD_PRELOAD: '/nowhere.so', NODE_OPTIONS: '--bad' }
  const { code, stdout } = openSite(t).run('env', () => {}, { env })
  assert.equal(code, 0)
  assert.doesNotMatch(stdout, /SECRET|LD_PRELOAD|NODE_|TSOCI_(?!TEST)/)
})

test('the process runs in a session keyring of its own', { skip: whyNot('perl') }, (t) => {
  const rings = (lines: string[]) => lines.filter((line) => line.includes('_ses'))
  const site = openSite(t)
  const show: Change = (config) => {
    config.linux.maskedPaths = []
  }
  const own = rings(site.lines('cat /proc/keys', show))
  assert.ok(own.some((line) => line.includes('_ses.t')))
})

for (const [field, module] of [
  ['apparmorProfile', 'apparmor'],
  ['selinuxLabel', 'selinux'],
] as const) {
  const isOn = readHostFacts().lsm[module]
  const why = skip || (isOn ? `${module} is on: see test/vm/labels.test.ts` : false)
  test(`a ${field} is refused where ${module} is off, and nothing stays`, { skip: why }, (t) => {
    const site = openSite(t)
    const { code, stderr } = site.run('true', (config) => set(config, field, 'web'))
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`not enabled on this host[^]*process/${field}`))
    assert.deepEqual(site.ids(), [])
    const id = site.start()
    const flag = module === 'apparmor' ? '--apparmor' : '--process-label'
    assert.match(site.tsoci(['exec', flag, 'web', id, 'true']).stderr, /not enabled on this host/)
  })
}

test('a working directory that is missing is made, though the root is read-only', { skip }, (t) => {
  const lines = openSite(t).lines('pwd; stat -c "%u %a" .; touch x 2>&1', (config) => {
    config.root.readonly = true
    config.process.cwd = '/new/dir'
    config.process.args[2] += '; true'
  })
  assert.deepEqual(lines.slice(0, 2), ['/new/dir', '0 755'])
  assert.match(lines[2] ?? '', /Read-only file system/)
})

test('the process works in a directory that only its user may enter', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.user = { uid: 1000, gid: 1000 }
    config.process.cwd = '/private'
    config.process.args = ['pwd']
  })
  mkdirSync(join(bundle, 'rootfs/private'), { mode: 0o700 })
  const owned = spawnSync('chown', ['1000:1000', join(bundle, 'rootfs/private')])
  assert.equal(owned.status, 0)
  assert.equal(site.ok(['run', '--bundle', bundle, site.id()]), '/private\n')
})
