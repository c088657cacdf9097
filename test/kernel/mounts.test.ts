import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Mount } from '../../src/spec/config.ts'
import { type Draft, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

/** Options, propagation and the rest of what stands last at a path, of a line of mountinfo. */
function findMount(lines: readonly string[], path: string) {
  const words = lines.map((line) => line.split(' ')).findLast((it) => it[4] === path)
  assert.ok(words, `nothing is mounted on ${path}`)
  const hyphen = words.indexOf('-')
  return {
    options: words[5]!.split(','),
    propagation: words.slice(6, hyphen).map((word) => word.split(':')[0]),
    type: words[hyphen + 1],
    source: words[hyphen + 2],
    superOptions: words[hyphen + 3]!.split(','),
  }
}

/** A tmpfs of the host with these flags, as the source of binds. */
function mountSource(site: Site, flags: string): string {
  const source = join(site.dir, 'source')
  mkdirSync(source)
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', source]).status, 0)
  site.atClose(() => spawnSync('umount', [source]))
  const change = ['-o', `remount,bind,${flags}`, source]
  assert.equal(spawnSync('mount', change).status, 0)
  return source
}

function mountOne(site: Site, mount: Mount, change: (config: Draft) => void = () => {}) {
  const lines = site.lines('cat /proc/self/mountinfo', (config) => {
    config.mounts.push(mount)
    change(config)
  })
  return findMount(lines, mount.destination)
}

test('an option may be longer than fsconfig(2) takes: layers of an overlay', { skip }, (t) => {
  const site = openSite(t)
  const layers = ['one', 'two'].map((name) => {
    const dir = join(site.dir, name.padEnd(200, '-'))
    mkdirSync(dir)
    writeFileSync(join(dir, name), '')
    return dir
  })
  const overlay = { type: 'overlay', source: 'overlay', options: [`lowerdir=${layers.join(':')}`] }
  const lines = site.lines('ls /mnt', (config) => {
    config.mounts.push({ destination: '/mnt', ...overlay })
  })
  assert.deepEqual(lines, ['one', 'two'])
})

const tmpfs = (options: string[]): Mount => {
  return { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options }
}

/** Words of one tmpfs, and what must and what must not be among its options. */
const flags: [words: string[], present: string[], absent: string[]][] = [
  [['ro'], ['ro'], ['rw']],
  [['rw'], ['rw'], ['ro']],
  [['ro', 'rw'], ['rw'], ['ro']],
  [['nosuid'], ['nosuid'], []],
  [['nosuid', 'suid'], [], ['nosuid']],
  [['nodev'], ['nodev'], []],
  [['nodev', 'dev'], [], ['nodev']],
  [['noexec'], ['noexec'], []],
  [['noexec', 'exec'], [], ['noexec']],
  [['noatime'], ['noatime'], ['relatime']],
  [['noatime', 'atime'], ['relatime'], ['noatime']],
  [['relatime'], ['relatime'], ['noatime']],
  [['strictatime'], [], ['noatime', 'relatime']],
  [['strictatime', 'nostrictatime'], ['relatime'], []],
  [['nodiratime'], ['nodiratime'], []],
  [['nodiratime', 'diratime'], [], ['nodiratime']],
  [['nosymfollow'], ['nosymfollow'], []],
  [['nosymfollow', 'symfollow'], [], ['nosymfollow']],
  [['defaults'], ['rw', 'relatime'], ['nosuid', 'nodev', 'noexec']],
  [['ro', 'nosuid', 'nodev', 'noexec'], ['ro', 'nosuid', 'nodev', 'noexec'], []],
]

for (const [words, present, absent] of flags) {
  test(`a mount with ${words.join(',')} shows ${present.join(',') || 'no flag'}`, { skip }, (t) => {
    const { options } = mountOne(openSite(t), tmpfs(words))
    for (const word of present) assert.ok(options.includes(word), options.join())
    for (const word of absent) assert.ok(!options.includes(word), options.join())
  })
}

for (const word of ['sync', 'dirsync', 'lazytime', 'mand']) {
  test(`a mount takes ${word}, and ${word === 'sync' ? 'a' : 'no'}${word}`, { skip }, (t) => {
    const { superOptions } = mountOne(openSite(t), tmpfs([word]))
    if (word !== 'mand') assert.ok(superOptions.includes(word), superOptions.join())
    const off = word === 'sync' ? 'async' : word === 'dirsync' ? 'defaults' : `no${word}`
    assert.ok(!mountOne(openSite(t), tmpfs([off])).superOptions.includes(word))
  })
}

test('iversion and silent are handed to mount(2), with all the rest', { skip }, (t) => {
  for (const words of [['iversion'], ['silent'], ['iversion', 'silent']]) {
    const options = [...words, 'size=64k', 'nosuid', 'noexec', 'sync', 'rshared']
    const found = mountOne(openSite(t), tmpfs(options))
    assert.ok(found.superOptions.includes('size=64k'), found.superOptions.join())
    assert.ok(found.superOptions.includes('sync'), found.superOptions.join())
    assert.equal(found.superOptions.includes('iversion'), false)
    for (const word of ['nosuid', 'noexec', 'relatime']) {
      assert.ok(found.options.includes(word), found.options.join())
    }
    assert.deepEqual(found.propagation, ['shared'])
  }
})

test('noiversion and loud are what a mount is without them', { skip }, (t) => {
  const plain = mountOne(openSite(t), tmpfs([]))
  for (const words of [['noiversion'], ['loud'], ['silent', 'loud', 'iversion', 'noiversion']]) {
    assert.deepEqual(mountOne(openSite(t), tmpfs(words)), plain)
  }
})

test('a tmpfs by mount(2) takes the mode of its directory, too', { skip }, (t) => {
  const [mode] = openSite(t).lines('stat -c %a /tmp', (config) => {
    config.mounts.push({ ...tmpfs(['silent']), destination: '/tmp' })
  })
  assert.equal(mode, '1777')
})

for (const [options, present, absent] of [
  [['bind'], ['ro', 'nosuid', 'nodev', 'noexec', 'noatime'], []],
  [
    ['bind', 'rw'],
    ['rw', 'noatime'],
    ['nosuid', 'nodev', 'noexec'],
  ],
  [
    ['bind', 'noexec'],
    ['rw', 'noexec', 'noatime'],
    ['nosuid', 'nodev'],
  ],
  [['bind', 'atime'], ['rw', 'noatime'], ['nosuid']],
  [['bind', 'relatime'], ['relatime'], ['noatime']],
  [['bind', 'nodiratime'], ['nodiratime', 'relatime'], ['noatime']],
  [['bind', 'nodiratime', 'strictatime'], ['nodiratime'], ['noatime', 'relatime']],
] as const) {
  test(`flags of the source with ${options.join()} are ${present.join()}`, { skip }, (t) => {
    const site = openSite(t)
    const source = mountSource(site, 'ro,nosuid,nodev,noexec,noatime')
    const found = mountOne(site, { destination: '/mnt', source, options: [...options] })
    for (const word of present) assert.ok(found.options.includes(word), found.options.join())
    for (const word of absent) assert.ok(!found.options.includes(word), found.options.join())
  })
}

for (const [words, shown] of [
  [['remount', 'nosuid'], ['nosuid']],
  [['remount', 'bind', 'ro'], ['ro']],
  [['rslave'], []],
] as const) {
  test(`${words.join()} changes the mount that is there`, { skip }, (t) => {
    const lines = openSite(t).lines('cat /proc/self/mountinfo', (config) => {
      config.mounts.push(tmpfs(['shared']), { destination: '/mnt', options: [...words] })
    })
    const ours = lines.filter((line) => line.split(' ')[4] === '/mnt')
    assert.equal(ours.length, 1)
    const { options, propagation } = findMount(lines, '/mnt')
    for (const word of shown) assert.ok(options.includes(word), options.join())
    assert.deepEqual(propagation, shown.length === 0 ? [] : ['shared'])
  })
}

test('remount hands options to the file system', { skip }, (t) => {
  const lines = openSite(t).lines('cat /proc/self/mountinfo', (config) => {
    config.mounts.push(tmpfs([]), { destination: '/mnt', options: ['remount', 'size=64k', 'ro'] })
  })
  const found = findMount(lines, '/mnt')
  assert.ok(found.superOptions.includes('size=64k') && found.superOptions.includes('ro'))
})

test('remount of what is no mount is refused', { skip }, (t) => {
  const { code, stderr } = openSite(t).run('true', (config) => {
    config.mounts.push({ destination: '/etc', options: ['remount', 'nosuid'] })
  })
  assert.notEqual(code, 0)
  assert.match(stderr, /nothing is mounted there/)
})

test('copy-symlink makes the symlink again, and binds what is none', { skip }, (t) => {
  const site = openSite(t)
  symlinkSync('../no/where', join(site.dir, 'link'))
  writeFileSync(join(site.dir, 'file'), 'text')
  const options = ['bind', 'copy-symlink']
  const lines = site.lines('readlink /new/link; cat /new/file', (config) => {
    config.mounts.push(
      { destination: '/new/link', source: join(site.dir, 'link'), options },
      { destination: '/new/file', source: join(site.dir, 'file'), options },
    )
  })
  assert.deepEqual(lines, ['../no/where', 'text'])
})

test('src-nofollow binds a symlink itself, dest-nofollow mounts on one', { skip }, (t) => {
  const site = openSite(t)
  symlinkSync('/from', join(site.dir, 'link'))
  const bundle = site.bundle((config) => {
    config.process.args = ['readlink', '/etc/link']
    const options = ['bind', 'src-nofollow', 'dest-nofollow']
    config.mounts.push({ destination: '/etc/link', source: join(site.dir, 'link'), options })
  })
  symlinkSync('/to', join(bundle, 'rootfs/etc/link'))
  assert.equal(site.ok(['run', '-b', bundle, site.id()]), '/from\n')
})

const propagations: [word: string, shown: string[]][] = [
  ['private', []],
  ['rprivate', []],
  ['shared', ['shared']],
  ['rshared', ['shared']],
  ['slave', []],
  ['rslave', []],
  ['unbindable', ['unbindable']],
  ['runbindable', ['unbindable']],
]

for (const [word, shown] of propagations) {
  test(`a mount with ${word} is ${shown.join() || 'private'}`, { skip }, (t) => {
    const { propagation } = mountOne(openSite(t), tmpfs([word]))
    assert.deepEqual(propagation, shown)
  })
}

test('a bind mount has the flags that are asked for, over those of its source', { skip }, (t) => {
  const site = openSite(t)
  const options = ['bind', 'ro', 'nosuid', 'nodev', 'noexec', 'noatime']
  const found = mountOne(site, { destination: '/mnt', source: site.dir, options })
  for (const word of options.slice(1)) assert.ok(found.options.includes(word), word)
})

test('rbind brings what is mounted below, rro makes all of it read-only', { skip }, (t) => {
  const site = openSite(t)
  const source = join(site.dir, 'source')
  mkdirSync(join(source, 'below'), { recursive: true })
  assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'below', join(source, 'below')]).status, 0)
  site.atClose(() => spawnSync('umount', [join(source, 'below')]))
  for (const [words, below] of [
    [['bind'], undefined],
    [['rbind'], 'rw'],
    [['rbind', 'ro'], 'rw'],
    [['rbind', 'rro'], 'ro'],
  ] as const) {
    const lines = site.lines('cat /proc/self/mountinfo', (config) => {
      config.mounts.push({ destination: '/mnt', source, options: [...words] })
    })
    const inner = lines.some((line) => line.includes(' /mnt/below '))
    assert.equal(inner, below !== undefined, words.join())
    if (below) assert.ok(findMount(lines, '/mnt/below').options.includes(below), words.join())
  }
})

test('a file is bound on a file that is made for it', { skip }, (t) => {
  const site = openSite(t)
  writeFileSync(join(site.dir, 'hosts'), 'from the host')
  const [text] = site.lines('cat /etc/deep/hosts', (config) => {
    const source = join(site.dir, 'hosts')
    config.mounts.push({ destination: '/etc/deep/hosts', source, options: ['bind', 'ro'] })
  })
  assert.equal(text, 'from the host')
})

test('a relative bind source is taken from the bundle', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.mounts.push({ destination: '/mnt', source: 'data', options: ['bind'] })
    config.process.args = ['cat', '/mnt/file']
  })
  mkdirSync(join(bundle, 'data'))
  writeFileSync(join(bundle, 'data/file'), 'of the bundle')
  assert.equal(site.ok(['run', '-b', bundle, site.id()]), 'of the bundle')
})

test('file system options reach the file system', { skip }, (t) => {
  const found = mountOne(openSite(t), tmpfs(['size=64k', 'mode=750', 'uid=7']))
  for (const word of ['size=64k', 'mode=750', 'uid=7']) {
    assert.ok(found.superOptions.includes(word), found.superOptions.join())
  }
})

test('a tmpfs without a mode takes the one of the directory', { skip }, (t) => {
  const [mode] = openSite(t).lines('stat -c %a /tmp', (config) => {
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
  })
  assert.equal(mode, '1777')
})

test('mounts are made in the order of the list', { skip }, (t) => {
  const lines = openSite(t).lines('ls /mnt; ls /mnt/b', (config) => {
    config.mounts.push(
      tmpfs([]),
      { ...tmpfs([]), destination: '/mnt/b/c' },
      {
        ...tmpfs([]),
        destination: '/mnt/b',
      },
    )
  })
  assert.deepEqual(lines, ['b'])
})

test('the default mounts are what the configuration says', { skip }, (t) => {
  const lines = openSite(t).lines('cat /proc/self/mountinfo')
  const types = ['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/sys'].map(
    (path) => findMount(lines, path).type,
  )
  assert.deepEqual(types, ['proc', 'tmpfs', 'devpts', 'tmpfs', 'mqueue', 'sysfs'])
  assert.ok(findMount(lines, '/sys').options.includes('ro'))
  assert.ok(findMount(lines, '/').options.includes('ro'))
})

test('the rootfs is read-only where the config says so', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('touch /file')
  assert.notEqual(code, 0)
  assert.match(stderr, /Read-only file system/)
  const [line] = site.lines('touch /file && ls /file', (config) => {
    config.root.readonly = false
  })
  assert.equal(line, '/file')
})

for (const [word, shown] of propagations) {
  test(`rootfsPropagation ${word} makes the root ${shown.join() || 'private'}`, { skip }, (t) => {
    const lines = openSite(t).lines('cat /proc/self/mountinfo', (config) => {
      config.linux.rootfsPropagation = word as 'private'
    })
    const { propagation } = findMount(lines, '/')
    assert.deepEqual(
      propagation.filter((it) => it !== 'master'),
      shown,
    )
  })
}

test('masked paths show nothing', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.linux.maskedPaths!.push('/etc/secret', '/srv', '/not/there')
    config.process.args = ['sh', '-c', 'cat /etc/secret; ls -A /srv; cat /proc/timer_list']
  })
  writeFileSync(join(bundle, 'rootfs/etc/secret'), 'secret')
  mkdirSync(join(bundle, 'rootfs/srv'))
  writeFileSync(join(bundle, 'rootfs/srv/file'), '')
  assert.equal(site.ok(['run', '-b', bundle, site.id()]), '')
})

test('what is masked can not be written to either', { skip }, (t) => {
  const { code } = openSite(t).run('echo x > /srv/file', (config) => {
    config.root.readonly = false
    config.mounts.push({ destination: '/srv', type: 'tmpfs', source: 'tmpfs' })
    config.linux.maskedPaths = ['/srv']
  })
  assert.notEqual(code, 0)
})

test('read-only paths can be read and not written', { skip }, (t) => {
  const { code, stdout, stderr } = openSite(t).run(
    'cat /proc/sys/kernel/ostype; echo 1 > /proc/sys/kernel/panic',
  )
  assert.notEqual(code, 0)
  assert.equal(stdout, 'Linux\n')
  assert.match(stderr, /Read-only file system/)
})

test('sysctls of the namespaces are set, those of the host are not', { skip }, (t) => {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
  const before = readFileSync(file, 'utf8')
  const lines = openSite(t).lines(`cat ${file} /proc/sys/kernel/msgmax`, (config) => {
    config.linux.sysctl = {
      'net.ipv4.ip_unprivileged_port_start': '77',
      'kernel.msgmax': '4321',
    }
  })
  assert.deepEqual(lines, ['77', '4321'])
  assert.equal(readFileSync(file, 'utf8'), before)
})

test('/dev has the default devices and links', { skip }, (t) => {
  const nodes = openSite(t).lines(
    'cd /dev; stat -c "%n %F %t:%T %a" null zero full random urandom tty; ' +
      'for it in fd stdin stdout stderr ptmx; do echo $it $(readlink $it); done; stat -L -c %t:%T ptmx',
  )
  assert.deepEqual(nodes, [
    'null character special file 1:3 666',
    'zero character special file 1:5 666',
    'full character special file 1:7 666',
    'random character special file 1:8 666',
    'urandom character special file 1:9 666',
    'tty character special file 5:0 666',
    'fd /proc/self/fd',
    'stdin /proc/self/fd/0',
    'stdout /proc/self/fd/1',
    'stderr /proc/self/fd/2',
    'ptmx pts/ptmx',
    '5:2',
  ])
})

test('devices of the configuration are made with their mode and owner', { skip }, (t) => {
  const lines = openSite(t).lines(
    'stat -c "%n %F %t:%T %a %u:%g" /dev/x/a /dev/b /dev/p',
    (config) => {
      const own = { fileMode: 0o640, uid: 7, gid: 8 }
      config.linux.devices = [
        { type: 'c', path: '/dev/x/a', major: 10, minor: 229, ...own },
        { type: 'b', path: '/dev/b', major: 7, minor: 1, ...own },
        { type: 'p', path: '/dev/p', ...own },
      ]
    },
  )
  assert.deepEqual(lines, [
    '/dev/x/a character special file a:e5 640 7:8',
    '/dev/b block special file 7:1 640 7:8',
    '/dev/p fifo 0:0 640 7:8',
  ])
})

test('a device node that is there already gets the mode and owner of the configuration', {
  skip,
}, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'))
    config.linux.devices = [
      { type: 'c', path: '/dev/full', major: 1, minor: 7, fileMode: 0o640, uid: 7, gid: 8 },
      { type: 'c', path: '/dev/zero', major: 1, minor: 5 },
    ]
    config.process.args = ['stat', '-c', '%n %a %u:%g', '/dev/full', '/dev/zero']
  })
  for (const [name, minor] of [
    ['full', '7'],
    ['zero', '5'],
  ] as const) {
    const node = join(bundle, 'rootfs/dev', name)
    assert.equal(spawnSync('mknod', ['-m', '600', node, 'c', '1', minor]).status, 0)
  }
  const found = site.ok(['run', '-b', bundle, site.id()])
  assert.equal(found, '/dev/full 640 7:8\n/dev/zero 600 0:0\n')
})

test('nothing that is made in the rootfs belongs to anybody but root', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.mounts.push({ destination: '/a/b/c', type: 'tmpfs', source: 'tmpfs' })
  })
  site.ok(['run', '-b', bundle, site.id()])
  for (const path of ['a', 'a/b', 'a/b/c']) {
    const { uid, mode } = statSync(join(bundle, 'rootfs', path))
    assert.deepEqual([uid, mode & 0o777], [0, 0o755])
  }
})
