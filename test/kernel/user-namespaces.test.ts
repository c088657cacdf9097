import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Change,
  dropNamespace,
  FRONT,
  ORDINARY_USER,
  openSite,
  type Site,
  setNamespaces,
  until,
  whyNot,
  whyNotRootless,
} from './container.ts'
import { listProcesses, viewHost } from './host-view.ts'
import { openOrdinarySite, rootlessDraft, runRootless } from './rootless.ts'

const skip = whyNot()
const skipRootless = whyNotRootless()

const RANGE = [{ containerID: 0, hostID: 200_000, size: 65_536 }]

const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = RANGE
  config.linux.gidMappings = RANGE
}

const unmapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  delete config.linux.uidMappings
  delete config.linux.gidMappings
  for (const mount of config.mounts) {
    if (mount.options) mount.options = mount.options.filter((word) => word !== 'gid=5')
  }
  config.root.readonly = false
}

const WHO = 'id -u; id -g; touch /tmp/x; stat -c %u:%g /tmp/x'

test('without mappings the id of the caller is 0 inside, and that is told', { skip }, (t) => {
  const { code, stdout, stderr } = openSite(t).run(WHO, unmapped)
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '0\n0\n0:0\n')
  assert.match(stderr, /without uidMappings and gidMappings: its 0 is the caller's own id/)
})

// Whoever made a pipe has an id outside: from inside nobody could open it again.
for (const uid of [0, 1000]) {
  for (const how of ['run', 'run --detach', 'exec', 'exec --process']) {
    test(`${how} gives pipes and files to user ${uid} of a user namespace`, { skip }, (t) => {
      const site = openSite(t)
      const args = ['sh', '-c', 'cat /dev/stdin; echo out > /dev/stdout; echo err > /dev/stderr']
      const change: Change = (config) => {
        mapped(config)
        config.process.user = { uid, gid: uid }
      }
      const words = () => {
        if (how.startsWith('run')) {
          const bundle = site.bundle((config) => {
            change(config)
            config.process.args = args
          })
          return [...how.split(' '), '--bundle', bundle, site.id()]
        }
        const id = site.start(mapped)
        if (how === 'exec') return ['exec', '--user', `${uid}:${uid}`, id, ...args]
        const file = join(site.dir, 'process.json')
        writeFileSync(
          file,
          JSON.stringify({ cwd: '/', env: ['PATH=/bin'], args, user: { uid, gid: uid } }),
        )
        return ['exec', '--process', file, id]
      }
      const call = [FRONT, '--root', site.root, ...words()]
      const errors = join(site.dir, 'errors')
      const script = `echo in | "$@" 2>${errors} | cat`
      const { stdout, status } = spawnSync('sh', ['-c', script, 'sh', ...call], { timeout: 20_000 })
      assert.equal(`${status} ${stdout}${readFileSync(errors)}`, '0 in\nout\nerr\n')
      assert.equal(statSync(errors).uid, 200_000 + uid)
    })
  }
}

test("the caller's devices stay the caller's", { skip }, (t) => {
  const site = openSite(t)
  const before = statSync('/dev/null')
  const bundle = site.bundle(mapped)
  site.ok(['run', '--bundle', bundle, site.id()], { stdio: 'ignore' })
  const { uid, gid } = statSync('/dev/null')
  assert.deepEqual([uid, gid], [before.uid, before.gid])
})

const halves: [why: string, change: Change][] = [
  ['no mappings', () => {}],
  [
    'his own id and no gidMappings',
    (config) => {
      config.linux.uidMappings = [{ containerID: 0, hostID: ORDINARY_USER, size: 1 }]
    },
  ],
]
for (const [why, change] of halves) {
  test(`an ordinary user with ${why} is root inside`, { skip: skipRootless }, (t) => {
    const site = openOrdinarySite(t)
    const { code, stdout, stderr } = runRootless(site, WHO, (config) => {
      unmapped(config)
      change(config)
    })
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '0\n0\n0:0\n')
    assert.equal(statSync(join(site.dir, 'bundle-1/rootfs/tmp/x')).uid, ORDINARY_USER)
    const id = site.id()
    createRootless(site, id, (config) => {
      unmapped(config)
      change(config)
    })
    assert.equal(site.ok(['exec', id, 'id', '-u'], { user: ORDINARY_USER }), '0\n')
  })
}

const guesses: [why: string, change: Change, message: RegExp][] = [
  [
    'maps without root',
    (config) => {
      mapped(config)
      config.linux.uidMappings = [{ containerID: 7, hostID: 200_007, size: 1 }]
      config.process.user = { uid: 7, gid: 0 }
    },
    /hint: .*must map 0/,
  ],
  [
    'a user without a map',
    (config) => {
      unmapped(config)
      config.process.user = { uid: 7, gid: 0 }
    },
    /process\/user\/uid: id 7 is not mapped/,
  ],
  [
    'a range of users and no groups',
    (config) => {
      unmapped(config)
      config.linux.uidMappings = RANGE
    },
    /without gidMappings.*\n.*hint: add linux.gidMappings/,
  ],
  [
    'an owner of a mount without a map',
    (config) => {
      unmapped(config)
      config.mounts.push({ destination: '/tmp', type: 'tmpfs', options: ['uid=9'] })
    },
    /mounts\/\d\/options\/0: uid 9 is not mapped/,
  ],
]
for (const [why, change, message] of guesses) {
  test(`${why} is refused with advice, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const { code, stderr } = site.run('true', change)
    assert.equal(code, 1)
    assert.match(stderr, message)
    assert.deepEqual(viewHost(site), before)
  })
}

test('/dev/mqueue is of root of the container', { skip }, (t) => {
  const [owner] = openSite(t).lines('stat -c %u:%g /dev/mqueue; readlink /proc/self/ns/ipc', mapped)
  assert.equal(owner, '0:0')
})

test('a range of ids is mapped: root inside is nobody special outside', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    mapped(config)
    config.process.user = { uid: 7, gid: 8, additionalGids: [9] }
  })
  const status = readFileSync(`/proc/${site.state(id).pid}/status`, 'utf8')
  assert.match(status, /^Uid:\t200007\t200007\t200007\t200007$/m)
  assert.match(status, /^Gid:\t200008\t200008\t200008\t200008$/m)
  assert.match(status, /^Groups:\t200009 $/m)
})

test('the maps inside are those of the configuration', { skip }, (t) => {
  const lines = openSite(t).lines('cat /proc/self/uid_map /proc/self/gid_map', (config) => {
    mapped(config)
    config.linux.gidMappings = [
      { containerID: 0, hostID: 300_000, size: 10 },
      { containerID: 100, hostID: 400_000, size: 5 },
    ]
  })
  assert.deepEqual(
    lines.map((line) => line.trim().split(/\s+/).map(Number)),
    [
      [0, 200_000, 65_536],
      [0, 300_000, 10],
      [100, 400_000, 5],
    ],
  )
})

test('root of a mapped range owns what is its own, and no file of the host', { skip }, (t) => {
  const site = openSite(t)
  const data = join(site.dir, 'data')
  mkdirSync(data)
  chownSync(data, 200_000, 200_000)
  const lines = site.lines('id -u; touch /tmp/new; stat -c %u /tmp/new /bin/busybox', (config) => {
    mapped(config)
    config.mounts.push({ destination: '/tmp', source: data, options: ['bind'] })
  })
  assert.deepEqual(lines, ['0', '0', '65534'])
  assert.equal(statSync(join(data, 'new')).uid, 200_000)
})

test('devices of a user namespace are those of the host, bound', { skip }, (t) => {
  const lines = openSite(t).lines(
    'stat -c "%F %t:%T" /dev/null /dev/full; head -c 2 /dev/zero | wc -c; echo x > /dev/null',
    mapped,
  )
  assert.deepEqual(lines, ['character special file 1:3', 'character special file 1:7', '2'])
})

test('a user namespace shares nothing that it could use against the host', { skip }, (t) => {
  const { stdout } = openSite(t).run(
    'mount -t tmpfs x /tmp; hostname other; dmesg | head -n 1; kill -9 -1; echo alive; mknod /tmp/sda b 8 0',
    (config) => {
      mapped(config)
      config.process.capabilities = {}
    },
  )
  assert.equal(stdout, 'alive\n')
})

test('an ordinary user is root inside and owns nothing outside', { skip: skipRootless }, (t) => {
  const site = openOrdinarySite(t)
  const { code, stdout, stderr } = runRootless(
    site,
    'id -u; id -g; echo $$; cat /proc/self/uid_map | tr -s " "; touch /tmp/mine && stat -c %u /tmp/mine; ' +
      'cat /proc/self/setgroups; head -c 1 /host/etc/shadow',
    (config) => {
      config.root.readonly = false
      config.mounts.push({ destination: '/host', source: '/', options: ['rbind', 'ro'] })
    },
  )
  assert.deepEqual(stdout.trim().split('\n'), ['0', '0', '1', ` 0 ${ORDINARY_USER} 1`, '0', 'deny'])
  assert.match(stderr, /shadow: Permission denied/)
  assert.notEqual(code, 0)
  const made = statSync(join(site.dir, 'bundle-1/rootfs/tmp/mine'))
  assert.deepEqual([made.uid, made.gid], [ORDINARY_USER, ORDINARY_USER])
})

test('an ordinary user creates, starts, kills and deletes', { skip: skipRootless }, async (t) => {
  const site = openOrdinarySite(t)
  const before = viewHost(site)
  const user = { user: ORDINARY_USER }
  const id = site.id()
  const bundle = site.bundle(() => {}, rootlessDraft(['sleep', '1000']))
  spawnSync('chown', ['-hR', `${ORDINARY_USER}`, bundle])
  site.ok(['create', '--bundle', bundle, id], { ...user, stdio: 'ignore' })
  const status = () => JSON.parse(site.ok(['state', id], user)).status
  assert.equal(status(), 'created')
  site.ok(['start', id], user)
  assert.equal(status(), 'running')
  // Root would carry out a plan that somebody else can write.
  const asRoot = site.tsoci(['state', id])
  assert.equal(asRoot.code, 1)
  assert.match(asRoot.stderr, /container of another user/)
  const { pid } = JSON.parse(site.ok(['state', id], user))
  assert.match(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
    new RegExp(`^Uid:\t${ORDINARY_USER}\t`, 'm'),
  )
  // The host's is root's: it says so of what the user made alone.
  assert.match(
    site.ok(['ns', id], user),
    new RegExp(`^[├└]─ user .*, of uid ${ORDINARY_USER}`, 'm'),
  )
  site.ok(['kill', id, 'KILL'], user)
  await until('the end', () => status() === 'stopped')
  site.ok(['delete', id], user)
  await until('no process', () => listProcesses(site).length === 0)
  assert.deepEqual(viewHost(site), before)
})

test('the root of an ordinary user is $XDG_RUNTIME_DIR/tsoci', { skip: skipRootless }, (t) => {
  const site = openOrdinarySite(t)
  const bundle = site.bundle(() => {}, rootlessDraft(['sleep', '1000']))
  spawnSync('chown', ['-hR', `${ORDINARY_USER}`, bundle])
  const id = site.id()
  const call = (...words: string[]) =>
    spawnSync(FRONT, words, {
      uid: ORDINARY_USER,
      gid: ORDINARY_USER,
      env: { XDG_RUNTIME_DIR: site.dir, TSOCI_TEST_SITE: site.dir },
      stdio: 'ignore',
      timeout: 20_000,
    }).status
  assert.equal(call('run', '--detach', '--bundle', bundle, id), 0)
  assert.equal(statSync(join(site.dir, 'tsoci', id)).uid, ORDINARY_USER)
  assert.equal(call('delete', '--force', id), 0)
})

/** A container of an ordinary user that sleeps, created and not started; its bundle can be used again. */
function createRootless(site: Site, id: string, change: Change = () => {}): string {
  const bundle = site.bundle(change, rootlessDraft(['sleep', '1000']))
  spawnSync('chown', ['-hR', `${ORDINARY_USER}:${ORDINARY_USER}`, bundle])
  const call = { user: ORDINARY_USER, stdio: 'ignore' as const }
  site.ok(['create', '--bundle', bundle, id], call)
  return bundle
}

function findPid(site: Site, id: string): number {
  return JSON.parse(site.ok(['state', id], { user: ORDINARY_USER })).pid
}

test('an ordinary user executes in what waits to be started', { skip: skipRootless }, (t) => {
  const site = openOrdinarySite(t)
  const id = site.id()
  createRootless(site, id)
  const user = { user: ORDINARY_USER }
  assert.equal(site.ok(['exec', id, 'sh', '-c', 'id -u; echo $$ >/dev/null'], user), '0\n')
  // Hooks and network tools enter by the same files.
  const pid = findPid(site, id)
  const as = { uid: ORDINARY_USER, gid: ORDINARY_USER }
  assert.equal(spawnSync('readlink', [`/proc/${pid}/ns/net`], as).status, 0)
})

test('what shares a namespace with others stays closed until it starts', {
  skip: skipRootless,
}, (t) => {
  const site = openOrdinarySite(t)
  const [first, second] = [site.id(), site.id()]
  createRootless(site, first)
  const pid = findPid(site, first)
  createRootless(site, second, (config) => {
    setNamespaces(
      config,
      { type: 'user', path: `/proc/${pid}/ns/user` },
      { type: 'pid', path: `/proc/${pid}/ns/pid` },
    )
    delete config.linux.uidMappings
    delete config.linux.gidMappings
  })
  const as = { uid: ORDINARY_USER, gid: ORDINARY_USER }
  const look = ['readlink', [`/proc/${findPid(site, second)}/ns/net`], as] as const
  assert.notEqual(spawnSync(...look).status, 0)
  site.ok(['start', second], { user: ORDINARY_USER })
  assert.equal(spawnSync(...look).status, 0)
  // Joined: the groups of its maker stay, where setgroups is denied.
  assert.equal(site.ok(['exec', second, 'id', '-u'], { user: ORDINARY_USER }), '0\n')
})

test('/dev/ptmx among the devices is that of the container', { skip: skipRootless }, (t) => {
  const { code, stdout, stderr } = runRootless(
    openOrdinarySite(t),
    'stat -L -c "%u %t:%T" /dev/ptmx; exec 3<>/dev/ptmx && ls /dev/pts',
    (config) => {
      config.linux.devices = [{ path: '/dev/ptmx', type: 'c', major: 5, minor: 2 }]
    },
  )
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '0 5:2\n0\nptmx\n')
})

test('a cgroup of another that has the name of a container stays', { skip: skipRootless }, (t) => {
  const site = openOrdinarySite(t)
  const id = site.id()
  const bundle = createRootless(site, id)
  const user = { user: ORDINARY_USER }
  const { cgroups } = site.stored(id)
  site.ok(['delete', '--force', id], user)
  const other = spawn('sleep', ['1000'], { uid: ORDINARY_USER, gid: ORDINARY_USER })
  site.atClose(() => {
    other.kill('SIGKILL')
    while (spawnSync('test', ['-e', `/proc/${other.pid}/exe`]).status === 0);
  })
  site.atClose(() => {
    for (const dir of cgroups) if (existsSync(dir)) rmdirSync(dir)
  })
  for (const dir of cgroups) mkdirSync(dir)
  const home = cgroups.find((dir) => !dir.includes('/cpuset/'))!
  writeFileSync(join(home, 'cgroup.procs'), String(other.pid))
  site.ok(['run', '--detach', '--bundle', bundle, id], { ...user, stdio: 'ignore' })
  site.ok(['delete', '--force', id], user)
  assert.equal(other.exitCode, null)
  process.kill(other.pid!, 0)
  for (const dir of cgroups) assert.ok(existsSync(dir), dir)
})

test('an ordinary user is told when nothing holds processes together', {
  skip: skipRootless,
}, (t) => {
  const { code, stderr } = runRootless(openOrdinarySite(t), 'true', (config) => {
    dropNamespace(config, 'pid')
    config.mounts = config.mounts.filter(({ type }) => type !== 'proc')
    config.mounts.push({ destination: '/proc', source: '/proc', options: ['rbind'] })
  })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /linux\/namespaces: without a pid namespace and a cgroup/)
})

const refused: [why: string, change: Change, message: RegExp][] = [
  [
    'a map of ids that are not its own',
    (config) => {
      config.linux.uidMappings = [{ containerID: 0, hostID: 0, size: 1 }]
    },
    /uidMappings/,
  ],
  [
    'a range that nobody gave it',
    (config) => {
      config.linux.uidMappings = RANGE
      config.linux.gidMappings = RANGE
    },
    /uidMappings|newuidmap/,
  ],
  [
    'no user namespace',
    (config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'user')
      delete config.linux.uidMappings
      delete config.linux.gidMappings
    },
    /operation not permitted|privilege/,
  ],
  [
    'a limit without a cgroup',
    (config) => {
      config.linux.resources = { pids: { limit: 100 } }
    },
    /cannot set pids limit: container could not join or create cgroup.*ENOENT/,
  ],
  [
    'a cgroup where he may not make one',
    (config) => {
      config.linux.cgroupsPath = '/of-root'
    },
    /unable to apply cgroup configuration: mkdir .*of-root.*permission denied \(EACCES\)/,
  ],
  [
    'additional groups',
    (config) => {
      config.process.user = { uid: 0, gid: 0, additionalGids: [0] }
    },
    /additional groups/,
  ],
]

for (const [why, change, message] of refused) {
  test(`an ordinary user can not have ${why}, and nothing is left`, { skip: skipRootless }, (t) => {
    const site = openOrdinarySite(t)
    const before = viewHost(site)
    const { code, stderr } = runRootless(site, 'true', change)
    assert.equal(code, 1)
    assert.match(stderr, message)
    assert.deepEqual(viewHost(site), before)
  })
}

const whyNoTools = skipRootless || whyNot('newuidmap', 'newgidmap', 'unshare', 'setpriv')

test('an ordinary user may map the range of /etc/subuid', { skip: whyNoTools }, (t) => {
  const site = openOrdinarySite(t)
  const bundle = site.bundle(
    (config) => {
      const own = { containerID: 0, hostID: ORDINARY_USER, size: 1 }
      const more = { containerID: 1, hostID: 500_000, size: 1000 }
      config.linux.uidMappings = [own, more]
      config.linux.gidMappings = [own, more]
      config.process.user = { uid: 0, gid: 0, additionalGids: [7] }
    },
    rootlessDraft(['sh', '-c', 'cat /proc/self/uid_map /proc/self/gid_map | tr -s " "; id -G']),
  )
  spawnSync('chown', ['-hR', `${ORDINARY_USER}`, bundle])
  // The tools read these files; in a mount namespace of our own they are ours to fill.
  const account = `someone:x:${ORDINARY_USER}:${ORDINARY_USER}::/:/bin/sh\n`
  writeFileSync(join(site.dir, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${account}`)
  for (const name of ['subuid', 'subgid'])
    writeFileSync(join(site.dir, name), 'someone:500000:1000\n')
  const cover =
    'for it in passwd subuid subgid; do test -e /etc/$it || touch /etc/$it; mount --bind $DIR/$it /etc/$it; done'
  const become = `exec setpriv --reuid ${ORDINARY_USER} --regid ${ORDINARY_USER} --clear-groups "$@"`
  const words = [FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${cover}; ${become}`, 'sh', ...words],
    { encoding: 'utf8', timeout: 20_000, env: { ...process.env, DIR: site.dir } },
  )
  const map = ` 0 ${ORDINARY_USER} 1\n 1 500000 1000\n`
  assert.equal(stdout, `${map}${map}0 7\n`, stderr)
})

test('mappings without a user namespace do nothing, and are told', { skip }, (t) => {
  const { code, stdout, stderr } = openSite(t).run('cat /proc/self/uid_map', (config) => {
    config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 10 }]
    config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 10 }]
  })
  assert.equal(code, 0, stderr)
  assert.deepEqual(stdout.trim().split(/\s+/), ['0', '0', '4294967295'])
  assert.match(stderr, /^warning: .*\/linux\/uidMappings: id mappings without a user namespace/m)
})
