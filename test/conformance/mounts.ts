// Rows: mounts.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Mount } from '../../src/spec/config.ts'
import { type Change, dropNamespace, type Site, setNamespaces } from '../kernel/container.ts'
import { inMachine, prints, type Row, refuses, row, tries, triesIf, warns } from './row.ts'
import { put } from './top.ts'

const add =
  (...mounts: Mount[]): Change =>
  (config) =>
    void config.mounts.push(...mounts)
const tmpfs = (...options: string[]): Mount => {
  return { destination: '/mnt', type: 'tmpfs', source: 'tmpfs', options }
}
const bind = (source: string, ...options: string[]): Mount => {
  return { destination: '/mnt', source, options: ['bind', ...options] }
}

/** What mountinfo shows of /mnt after a tmpfs with these words: of the mount, and of what is mounted. */
function show(site: Site, ...words: string[]): { own: string[]; all: string[]; fields: string } {
  const line = site.lines('grep " /mnt " /proc/self/mountinfo', add(tmpfs(...words)))[0]!
  const [left, right] = line.split(' - ')
  return {
    own: left!.split(' ')[5]!.split(','),
    all: right!.split(' ')[2]!.split(','),
    fields: left!.split(' ').slice(6).join(' '),
  }
}

/** Each word sets or clears this option of mountinfo; "-" before it: it is not there. */
function words(table: Readonly<Record<string, string>>, where: 'own' | 'all' = 'own') {
  return tries((site) => {
    for (const [given, seen] of Object.entries(table)) {
      const options = show(site, ...given.split(','))[where]
      const wanted = seen.replace(/^-/, '')
      assert.equal(options.includes(wanted), wanted === seen, `${given}: ${options.join()}`)
    }
  })
}

/** Words with an r that change what is mounted below, too. */
function recursive(table: Readonly<Record<string, string>>) {
  return tries((site) => {
    const source = join(site.dir, 'tree')
    mkdirSync(source)
    for (const dir of [source, join(source, 'below')]) {
      mkdirSync(dir, { recursive: true })
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', dir]).status, 0)
    }
    site.atClose(() => spawnSync('umount', ['-R', source]))
    for (const [given, seen] of Object.entries(table)) {
      const lines = site.lines(
        'grep " /mnt" /proc/self/mountinfo',
        add({ destination: '/mnt', source, options: ['rbind', ...given.split(',')] }),
      )
      assert.equal(lines.length, 2)
      const wanted = seen.replace(/^-/, '')
      for (const line of lines) {
        const options = line.split(' ')[5]!.split(',')
        assert.equal(options.includes(wanted), wanted === seen, `${given}: ${line}`)
      }
    }
  })
}

const ids = (hostID: number) => [{ containerID: 0, hostID, size: 65_536 }]
const userNamespace: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  put(config.linux, { uidMappings: ids(200_000), gidMappings: ids(200_000) })
}

/** A mount takes maps of its own; the kernel says where that can't be. */
function mapped(mount: (source: string) => Mount, owner: string) {
  return tries((site, t) => {
    const source = join(site.dir, 'source')
    mkdirSync(source)
    writeFileSync(join(source, 'file'), '')
    const { code, stdout, stderr } = site.run('stat -c %u:%g /root/file', (config) => {
      userNamespace(config)
      // Root of the namespace can make no directory in the rootfs: /root is there.
      config.mounts.push({ ...mount(source), destination: '/root' })
    })
    if (/EINVAL.*mount_setattr|takes no maps|not support/.test(stderr)) return t.skip(stderr)
    assert.equal(code, 0, stderr)
    assert.equal(stdout, `${owner}\n`)
  })
}

const { cgroups } = readHostFacts()

export const mounts: readonly Row[] = [
  row(
    '`destination`: absolute; a relative one is taken from `/`, with a warning',
    'yyy',
    tries((site) => {
      const { code, stderr } = site.run('touch /mnt/x', add({ ...tmpfs(), destination: 'mnt' }))
      assert.equal(code, 0, stderr)
      assert.match(stderr, /relative destination "mnt"/)
    }),
  ),
  row(
    '`source` relative to the bundle',
    'yyy',
    tries((site) => {
      const bundle = site.bundle((config) => {
        config.process.args = ['cat', '/mnt']
        config.mounts.push(bind('note'))
      })
      writeFileSync(join(bundle, 'note'), 'text')
      assert.equal(site.ok(['run', '--bundle', bundle, site.id()]), 'text')
    }),
  ),
  row(
    '`type` absent: a bind by its option, or by `bind` as type, and nothing else',
    'ppp',
    tries((site) => {
      const source = '/etc/passwd'
      const mount = { destination: '/mnt', source }
      for (const more of [{ options: ['bind'] }, { options: ['rbind'] }, { type: 'bind' }]) {
        assert.equal(site.run('test -s /mnt', add({ ...mount, ...more })).code, 0)
      }
      assert.match(site.run('true', add(mount)).stderr, /without a type/)
    }),
  ),
  row('`options` absent: `rw,relatime`', 'ypy', words({ defaults: 'rw', rw: 'relatime' })),
  row('`ro` `rw` `defaults`', 'yyy', words({ ro: 'ro', 'ro,rw': 'rw', defaults: 'rw' })),
  row(
    '`suid` `nosuid` `dev` `nodev` `exec` `noexec`',
    'yyy',
    words({
      nosuid: 'nosuid',
      'nosuid,suid': '-nosuid',
      nodev: 'nodev',
      'nodev,dev': '-nodev',
      noexec: 'noexec',
      'noexec,exec': '-noexec',
    }),
  ),
  row(
    '`sync` `async` `dirsync`',
    'yyy',
    words({ sync: 'sync', 'sync,async': '-sync', dirsync: 'dirsync' }, 'all'),
  ),
  row('`mand` `nomand`', 'yyy', words({ mand: 'rw', nomand: 'rw' }, 'all')),
  row(
    '`atime` `noatime` `diratime` `nodiratime` `relatime` `norelatime` `strictatime` `nostrictatime`',
    'yyy',
    words({
      noatime: 'noatime',
      'noatime,atime': '-noatime',
      nodiratime: 'nodiratime',
      'nodiratime,diratime': '-nodiratime',
      relatime: 'relatime',
      norelatime: '-noatime',
      strictatime: '-relatime',
      'strictatime,nostrictatime': 'relatime',
    }),
  ),
  row(
    '`remount`',
    'yyy',
    prints(
      'grep -c " /mnt " /proc/self/mountinfo; touch /mnt/x 2>&1 | grep -c Read-only',
      add(tmpfs(), { destination: '/mnt', options: ['remount', 'ro'] }),
      ['1', '1'],
    ),
  ),
  row('`iversion` `noiversion`', 'ynn', words({ iversion: 'rw', noiversion: 'rw' })),
  row(
    '`lazytime` `nolazytime`',
    'ynn',
    words({ lazytime: 'lazytime', 'lazytime,nolazytime': '-lazytime' }, 'all'),
  ),
  row('`loud` `silent`', 'ynn', words({ loud: 'rw', silent: 'rw' })),
  row(
    '`nosymfollow` `symfollow`',
    'ynn',
    words({ nosymfollow: 'nosymfollow', 'nosymfollow,symfollow': '-nosymfollow' }),
  ),
  row(
    '`bind` `rbind`',
    'yyy',
    tries((site) => {
      const source = join(site.dir, 'source')
      mkdirSync(join(source, 'below'), { recursive: true })
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', 'x', join(source, 'below')]).status, 0)
      site.atClose(() => spawnSync('umount', [join(source, 'below')]))
      for (const [word, lines] of [
        ['bind', '1'],
        ['rbind', '2'],
      ] as const) {
        const mount = { destination: '/mnt', source, options: [word] }
        assert.deepEqual(site.lines('grep -c " /mnt" /proc/self/mountinfo', add(mount)), [lines])
      }
    }),
  ),
  row(
    '`private` `shared` `slave` `unbindable`, and with an `r`',
    'yyy',
    tries((site) => {
      for (const r of ['', 'r']) {
        assert.equal(show(site, `${r}private`).fields, '')
        assert.match(show(site, `${r}shared`).fields, /^shared:\d+$/)
        assert.equal(show(site, `${r}slave`).fields, '')
        assert.equal(show(site, `${r}unbindable`).fields, 'unbindable')
      }
    }),
  ),
  row(
    '`rro` `rrw` `rsuid` `rnosuid` `rdev` `rnodev` `rexec` `rnoexec` and the words with `atime`',
    'yyy',
    recursive({
      rro: 'ro',
      'rro,rrw': 'rw',
      rnosuid: 'nosuid',
      'rnosuid,rsuid': '-nosuid',
      rnodev: 'nodev',
      'rnodev,rdev': '-nodev',
      rnoexec: 'noexec',
      'rnoexec,rexec': '-noexec',
      rnoatime: 'noatime',
      ratime: '-noatime',
      rnodiratime: 'nodiratime',
      rdiratime: '-nodiratime',
      rrelatime: 'relatime',
      rnorelatime: '-noatime',
      rstrictatime: '-relatime',
      rnostrictatime: 'relatime',
    }),
  ),
  row(
    '`rsymfollow` `rnosymfollow`',
    'yny',
    recursive({ rnosymfollow: 'nosymfollow', rsymfollow: '-nosymfollow' }),
  ),
  row(
    '`rsync` `rasync` `rdirsync` `rmand` `rnomand`: no words of the specification',
    'nyn',
    refuses(add(tmpfs('rsync')), /rsync.*\[\/mounts\/7\]/),
    'refused',
  ),
  row(
    '`tmpcopyup`',
    'yyn',
    prints('cat /etc/group | head -n 1', add({ ...tmpfs('tmpcopyup'), destination: '/etc' }), [
      'root:x:0:',
    ]),
  ),
  row(
    '`idmap`',
    'yyr',
    mapped((source) => bind(source, 'idmap'), '0:0'),
  ),
  row(
    '`ridmap`',
    'yyr',
    mapped((source) => ({ ...bind(source), options: ['rbind', 'ridmap'] }), '0:0'),
  ),
  row(
    '`uidMappings` `gidMappings`',
    'yyr',
    mapped(
      (source) => ({
        ...bind(source, 'idmap'),
        uidMappings: [{ containerID: 0, hostID: 200_005, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 200_006, size: 1 }],
      }),
      '5:6',
    ),
  ),
  row(
    '`uidMappings` `gidMappings` of a new file system',
    'ryr',
    prints(
      'stat -c %u:%g /mnt',
      add({
        ...tmpfs('idmap'),
        uidMappings: [{ containerID: 0, hostID: 5, size: 1 }],
        gidMappings: [{ containerID: 0, hostID: 6, size: 1 }],
      }),
      ['5:6'],
    ),
  ),
  row(
    '`copy-symlink`',
    'nyn',
    tries((site) => {
      symlinkSync('no/where', join(site.dir, 'link'))
      const mount = bind(join(site.dir, 'link'), 'copy-symlink')
      assert.deepEqual(site.lines('readlink /mnt', add(mount)), ['no/where'])
    }),
  ),
  row(
    '`src-nofollow` `dest-nofollow`',
    'nyn',
    tries((site) => {
      symlinkSync('/from', join(site.dir, 'link'))
      const mount = bind(join(site.dir, 'link'), 'src-nofollow', 'dest-nofollow')
      const bundle = site.bundle((config) => {
        config.process.args = ['readlink', '/etc/link']
        config.mounts.push({ ...mount, destination: '/etc/link' })
      })
      symlinkSync('/to', join(bundle, 'rootfs/etc/link'))
      assert.equal(site.ok(['run', '--bundle', bundle, site.id()]), '/from\n')
    }),
  ),
  row(
    "`z` `Z` `U` `O` and `X-mount.*`: an engine's own",
    'nnn',
    warns(add(bind('/etc', 'z')), /\/mounts\/7\/options\/1: "z" has no effect on a bind mount/),
    'partly',
  ),
  row(
    'options of the file system; a warning on a bind',
    'ypy',
    tries((site) => {
      assert.ok(show(site, 'size=64k', 'mode=700').all.includes('size=64k'))
      const { code, stderr } = site.run('true', add(bind('/etc', 'size=1')))
      assert.equal(code, 0, stderr)
      assert.match(stderr, /\/mounts\/7\/options\/1/)
    }),
  ),
  row(
    'flags that a user namespace may not clear are kept',
    'yyp',
    tries((site) => {
      const source = join(site.dir, 'source')
      mkdirSync(source)
      assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'nosuid,nodev', 'x', source]).status, 0)
      site.atClose(() => spawnSync('umount', [source]))
      const [options] = site.lines(
        'grep " /root " /proc/self/mountinfo | cut -d " " -f 6',
        (config) => {
          userNamespace(config)
          config.mounts.push({ ...bind(source, 'ro'), destination: '/root' })
        },
      )
      for (const word of ['ro', 'nosuid', 'nodev']) assert.ok(options!.includes(word), options)
    }),
  ),
  row(
    'a tmpfs without `mode=` has the mode of its directory',
    'yyn',
    tries((site) => {
      const bundle = site.bundle((config) => {
        config.process.args = ['stat', '-c', '%a', '/tmp']
        config.mounts.push({ ...tmpfs(), destination: '/tmp' })
      })
      chmodSync(join(bundle, 'rootfs/tmp'), 0o1755)
      assert.equal(site.ok(['run', '--bundle', bundle, site.id()]), '1755\n')
    }),
  ),
  row(
    'a destination that is missing is made: a file for a file',
    'yyy',
    prints(
      'stat -c %F /new/deep /new/file',
      add(
        { ...tmpfs(), destination: '/new/deep' },
        { ...bind('/etc/passwd'), destination: '/new/file' },
      ),
      ['directory', 'regular file'],
    ),
  ),
  row(
    '/proc is a procfs, with nothing on it but files that stand for its own',
    'yyy',
    tries((site) => {
      const { code, stderr } = site.run('true', add({ ...tmpfs(), destination: '/proc/1' }))
      assert.equal(code, 1)
      assert.match(stderr, /\/proc\/1/)
      const file = { ...bind('/etc/passwd'), destination: '/proc/uptime' }
      assert.equal(site.run('grep -q root /proc/uptime', add(file)).code, 0)
    }),
  ),
  row(
    'sysfs in a user namespace with the network of the host',
    'ryr',
    tries((site) => {
      const lines = site.lines(
        'ls -d /sys/kernel; touch /sys/x 2>&1 | grep -c Read-only',
        (config) => {
          userNamespace(config)
          dropNamespace(config, 'network')
        },
      )
      assert.deepEqual(lines, ['/sys/kernel', '1'])
    }),
  ),
  row(
    'type `cgroup` on v1',
    'yyy',
    triesIf(cgroups.layout === 'v2' && 'this host has cgroup v2', (site) => {
      const lines = site.lines('ls /sys/fs/cgroup', (config) => {
        const options = ['nosuid', 'noexec', 'nodev', 'ro']
        const destination = '/sys/fs/cgroup'
        config.mounts = config.mounts.filter((it) => it.destination !== destination)
        config.mounts.push({ destination, type: 'cgroup', source: 'cgroup', options })
      })
      assert.ok(lines.includes('memory') || lines.includes('cpu'), lines.join())
    }),
  ),
  row(
    'type `cgroup` on v2',
    'yyy',
    inMachine('views.ts', 'in a cgroup namespace the container is at the top of what it sees'),
  ),
]
