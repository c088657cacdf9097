import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Resources } from '../../src/spec/config.ts'
import {
  type Change,
  type Draft,
  draft,
  dropNamespace,
  FRONT,
  openSite,
  setNamespaces,
  until,
  whyNot,
} from './container.ts'
import { listCgroups, listProcesses, viewHost } from './host-view.ts'

const skip = whyNot()
const { cgroups } = readHostFacts()
const isV2 = cgroups.layout === 'v2'

/** 100 sleeps; then how many processes there are. What is started in the brackets may die. */
const START_100 = `(i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i + 1)); done)
n=0; for it in /proc/[0-9]*; do n=$((n + 1)); done; echo $n`

test('100 sleeps are stopped at a pids limit of 20, and are not without one', { skip }, (t) => {
  const site = openSite(t)
  const limited = site.run(START_100, (config) => {
    config.linux.resources.pids = { limit: 20 }
  })
  // The brackets' own process was the twentieth.
  assert.equal(limited.stdout, '19\n')
  assert.match(limited.stderr, /can't fork/)
  const { stdout } = site.run(START_100)
  assert.equal(stdout, '101\n')
})

interface Value {
  readonly resources: Resources
  readonly v1: readonly [controller: string, file: string, value: string]
  readonly v2: readonly [file: string, value: string]
}

const values: Value[] = [
  {
    resources: { memory: { limit: 67_108_864 } },
    v1: ['memory', 'memory.limit_in_bytes', '67108864'],
    v2: ['memory.max', '67108864'],
  },
  {
    resources: { memory: { limit: 67_108_864, reservation: 33_554_432 } },
    v1: ['memory', 'memory.soft_limit_in_bytes', '33554432'],
    v2: ['memory.low', '33554432'],
  },
  {
    resources: { cpu: { shares: 1024 } },
    v1: ['cpu', 'cpu.shares', '1024'],
    v2: ['cpu.weight', '100'],
  },
  {
    resources: { cpu: { quota: 50_000, period: 200_000 } },
    v1: ['cpu', 'cpu.cfs_quota_us', '50000'],
    v2: ['cpu.max', '50000 200000'],
  },
  {
    resources: { cpu: { cpus: '0', mems: '0' } },
    v1: ['cpuset', 'cpuset.cpus', '0'],
    v2: ['cpuset.cpus', '0'],
  },
  {
    resources: { pids: { limit: 77 } },
    v1: ['pids', 'pids.max', '77'],
    v2: ['pids.max', '77'],
  },
  {
    resources: { pids: { limit: -1 } },
    v1: ['pids', 'pids.max', 'max'],
    v2: ['pids.max', 'max'],
  },
]

for (const { resources, v1, v2 } of values) {
  const missing = !isV2 && !cgroups.v1.some((it) => it.controllers.includes(v1[0]))
  const reason = missing ? `this host has no ${v1[0]} controller` : skip
  test(`the host's cgroup has ${JSON.stringify(resources)}`, { skip: reason }, (t) => {
    const site = openSite(t)
    const id = site.create((config) => {
      Object.assign(config.linux.resources, resources)
    })
    const [file, value] = isV2 ? v2 : [v1[1], v1[2]]
    const dir = site.cgroup(id, v1[0])
    assert.equal(readFileSync(join(dir, file), 'utf8').trim(), value)
  })
}

test('a container starts with a memory limit of 1 MiB', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.linux.resources.memory = { limit: 1_048_576 }
  })
  assert.equal(code, 0, stderr)
})

test('a limit on a controller that does not take it names the property', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.linux.resources.cpu = { cpus: '4000' }
  })
  assert.equal(code, 1)
  assert.match(stderr, /cpuset\.cpus.*\[\/linux\/resources\/cpu\/cpus\]/)
  assert.deepEqual(listCgroups(), [])
})

const MKNOD: Change = (config) => {
  for (const set of ['bounding', 'effective', 'permitted'] as const) {
    config.process.capabilities![set] = ['CAP_MKNOD']
  }
  config.mounts.push({ destination: '/nodes', type: 'tmpfs', source: 'tmpfs' })
}

test('a device that nothing allows can be made and not be opened', { skip }, (t) => {
  const site = openSite(t)
  // No driver has it: who may open it is told so.
  const made = site.run('mknod /nodes/a c 239 11 && head -c 1 /nodes/a', MKNOD)
  assert.match(made.stderr, /^head: \/nodes\/a: Operation not permitted$/m)
})

test('devices are refused without any rule, too', { skip }, (t) => {
  const { stderr } = openSite(t).run('head -c 1 /dev/a', (config) => {
    config.linux.devices = [{ type: 'c', path: '/dev/a', major: 239, minor: 11, fileMode: 0o666 }]
    config.linux.resources = {}
  })
  assert.match(stderr, /Operation not permitted/)
})

/** Runs a script in a container, with these hierarchies unmounted. */
function runWithout(t: TestContext, mounts: readonly string[], script: string, change: Change) {
  const site = openSite(t)
  const bundle = site.bundle(change, draft(['sh', '-c', script]))
  const words = [FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
  const unmount = mounts.map((mount) => `umount ${mount} && `).join('')
  const { status, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', `${unmount}exec "$@"`, 'sh', ...words],
    { encoding: 'utf8' },
  )
  return { status, stderr, ids: site.ids() }
}

const v1Devices = cgroups.v1.find(({ controllers }) => controllers.includes('devices'))?.mount
const noV1Devices = v1Devices === undefined ? 'this host has no devices hierarchy' : skip

test('without a devices hierarchy cgroup v2 controls the devices, and without it nothing starts', {
  skip: noV1Devices,
}, (t) => {
  const unopened = (config: Draft) => {
    config.linux.devices = [{ type: 'c', path: '/dev/a', major: 239, minor: 11, fileMode: 0o666 }]
  }
  if (cgroups.layout === 'hybrid') {
    const both = runWithout(t, [v1Devices!], 'head -c 1 /dev/a; head -c 1 /dev/zero', unopened)
    assert.equal(both.status, 0, both.stderr)
    assert.equal(both.stderr, 'head: /dev/a: Operation not permitted\n')
    assert.match(runWithout(t, [v1Devices!], OPEN_RW, RW_IN_TWO).stderr, OPENED)
  }
  const mounts = [v1Devices!, ...(cgroups.layout === 'hybrid' ? [cgroups.v2!.mount] : [])]
  const none = runWithout(t, mounts, 'true', unopened)
  assert.notEqual(none.status, 0)
  assert.match(
    none.stderr,
    /^error: cannot control which devices are used: .*\[\/linux\/resources\/devices\]\nhint: /,
  )
  assert.deepEqual(none.ids, [])
  const open = runWithout(t, mounts, 'true', (config) => {
    config.linux.resources.devices = [{ allow: true, access: 'rwm' }]
  })
  assert.equal(open.status, 0, open.stderr)
})

test('--cgroup-manager disabled refuses device rules, but for the denial that all send', {
  skip,
}, (t) => {
  const site = openSite(t)
  const run = (...devices: object[]) => {
    const bundle = site.bundle((config) => {
      config.linux.resources = { devices: [{ allow: false, access: 'rwm' }, ...devices] as never }
    })
    return site.tsoci(['--cgroup-manager', 'disabled', 'run', '--bundle', bundle, site.id()])
  }
  const { code, stderr } = run({ allow: true, type: 'c', major: 10, minor: 200, access: 'rw' })
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: cannot control which devices are used: the container has no cgroup/m,
  )
  const plain = run()
  assert.equal(plain.code, 0)
  assert.match(plain.stderr, /^warning: .*\/linux\/resources\/devices: not kept/)
})

const RW_IN_TWO: Change = (config) => {
  MKNOD(config)
  const device = { allow: true, type: 'c' as const, major: 239, minor: 11 }
  config.linux.resources.devices!.push({ ...device, access: 'r' }, { ...device, access: 'w' })
}
// No driver has it: the rules let the open get as far as there.
const OPEN_RW = 'mknod /nodes/a c 239 11; exec 3<>/nodes/a'
const OPENED = /\/nodes\/a: No such device or address/

test('reading by one device rule and writing by another add up', { skip }, (t) => {
  assert.match(openSite(t).run(OPEN_RW, RW_IN_TWO).stderr, OPENED)
})

test('a pids limit of 0 is none, and is told', { skip }, (t) => {
  const { code, stdout, stderr } = openSite(t).run('(echo forked); true | true', (config) => {
    config.linux.resources.pids = { limit: 0 }
  })
  assert.equal(code, 0, stderr)
  assert.equal(stdout, 'forked\n')
  assert.match(stderr, /^warning: .*\/linux\/resources\/pids\/limit: 0 sets no limit/)
})

test('a device that a rule allows can be made and opened', { skip }, (t) => {
  const script = 'mknod /nodes/full c 1 7 && head -c 3 /nodes/full | wc -c'
  const { code, stdout, stderr } = openSite(t).run(script, (config) => {
    MKNOD(config)
    config.linux.resources.devices!.push({
      allow: true,
      type: 'c',
      major: 1,
      minor: 7,
      access: 'rwm',
    })
  })
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '3\n')
})

test('cgroupsPath says where: from the top, or from our own', { skip }, (t) => {
  const site = openSite(t)
  const beside = cgroups.layout === 'hybrid' ? [cgroups.v2!] : []
  const hierarchies = isV2 ? [cgroups.v2!] : [...cgroups.v1, ...beside]
  for (const absolute of [true, false]) {
    const name = site.id()
    const id = site.create((config) => {
      config.linux.cgroupsPath = absolute ? `/${name}` : name
    })
    const parents = hierarchies.map(({ mount, ownDir }) =>
      absolute ? mount : isV2 ? join(ownDir, '..') : ownDir,
    )
    assert.deepEqual(
      site.stored(id).cgroups,
      parents.map((dir) => join(dir, name)),
    )
    site.ok(['delete', '--force', id])
  }
  assert.deepEqual(listCgroups(), [])
})

test('the cgroup of another container is refused, and that one lives on', { skip }, (t) => {
  const site = openSite(t)
  const name = site.id()
  const first = site.start((config) => {
    config.linux.cgroupsPath = `/${name}`
  })
  const { code, stderr } = site.run('true', (config) => {
    config.linux.cgroupsPath = `/${name}`
  })
  assert.equal(code, 1)
  assert.match(stderr, /\[\/linux\/cgroupsPath\]/)
  assert.equal(site.state(first).status, 'running')
})

test('delete removes the cgroups, with the children that were left behind', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.start((config) => {
    dropNamespace(config, 'pid')
    config.process.args = ['sh', '-c', 'sleep 1000 & sleep 1000 & exit 0']
  })
  await until('the end of the init', () => site.state(id).status === 'stopped')
  await until('two orphans', () => listProcesses(site).length === 2)
  site.ok(['delete', id])
  await until('the end of the orphans', () => listProcesses(site).length === 0)
  assert.deepEqual(viewHost(site), before)
})

test('delete removes cgroups that the container made below its own', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.mounts = config.mounts.map((mount) =>
      mount.type === 'cgroup' ? { ...mount, options: ['nosuid'] } : mount,
    )
    const top = isV2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/freezer'
    config.process.args = ['sh', '-c', `mkdir -p ${top}/a/b && exec sleep 1000`]
    setNamespaces(config, { type: 'cgroup' })
  })
  const dir = join(site.cgroup(id, 'freezer'), 'a/b')
  await until('the cgroup below', () => existsSync(dir))
  site.ok(['delete', '--force', id])
  assert.deepEqual(listCgroups(), [])
})

test('create refuses a cgroup that is frozen, and leaves it as it is', { skip }, (t) => {
  const site = openSite(t)
  const { v1, v2 } = cgroups
  const mount = isV2 ? v2!.mount : v1.find((it) => it.controllers.includes('freezer'))!.mount
  const dir = join(mount, `${site.id()}-frozen`)
  const file = join(dir, isV2 ? 'cgroup.freeze' : 'freezer.state')
  mkdirSync(dir)
  site.atClose(() => rmdirSync(dir))
  writeFileSync(file, isV2 ? '1' : 'FROZEN')
  const { code, stderr } = site.run('true', (config) => {
    config.linux.cgroupsPath = `/${basename(dir)}`
  })
  assert.equal(code, 1)
  assert.match(stderr, /container's cgroup unexpectedly frozen/)
  assert.match(readFileSync(file, 'utf8'), isV2 ? /1/ : /FROZEN/)
})

const beside = cgroups.layout === 'hybrid' ? skip : 'needs a hybrid host'

test('nothing is left above in the v2 hierarchy beside v1', { skip: beside }, (t) => {
  const site = openSite(t)
  const top = `t${process.pid}-above`
  const ids = [1, 2].map((n) =>
    site.start((config) => (config.linux.cgroupsPath = `/${top}/pod/web${n}`)),
  )
  const dir = join(cgroups.v2!.mount, top)
  for (const id of ids) {
    assert.ok(existsSync(dir))
    site.ok(['delete', '--force', id])
  }
  assert.ok(!existsSync(dir))
  // Those of the v1 hierarchies belong to who named them.
  for (const { mount } of cgroups.v1) {
    for (const path of [join(mount, top, 'pod'), join(mount, top)]) {
      if (existsSync(path)) rmdirSync(path)
    }
  }
})

test('a quote in cgroupsPath harms no state', { skip }, (t) => {
  const site = openSite(t)
  const name = `t${process.pid}-"quoted"`
  const id = site.start((config) => (config.linux.cgroupsPath = `/${name}`))
  assert.equal(basename(site.cgroup(id, 'pids')), name)
  assert.equal(site.state(id).status, 'running')
  site.ok(['exec', id, 'true'])
  site.ok(['delete', '--force', id])
  assert.deepEqual(listCgroups(), [])
})

// Who manages cgroups itself can make them deeper than a path, or a recursion, goes.
for (const [depth, name] of [
  [3000, 'a'],
  [30, 'long'.repeat(50)],
] as const) {
  test(`a container with ${depth} cgroups "${name.slice(0, 4)}" in each other is killed and deleted`, {
    skip: whyNot('perl'),
  }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const script = 'chdir shift; $n = shift; for (1 .. shift) { mkdir $n; chdir $n or die }'
    const dir = site.cgroup(id, 'pids')
    const { status } = spawnSync('perl', ['-e', script, dir, name, String(depth)])
    assert.equal(status, 0)
    site.ok(['kill', '--all', id, 'URG'])
    site.ok(['delete', '--force', id])
    assert.deepEqual(listCgroups(), [])
    assert.deepEqual(site.ids(), [])
  })
}

// /proc/self/cgroup has no limit: a page of it is not all of it.
test('a container stays below the cgroups of its caller, however long their names', {
  skip: skip || (cgroups.v1.length < 4 ? 'needs hierarchies of cgroup v1' : false),
}, (t) => {
  const site = openSite(t)
  const top = `t${process.pid}-long`
  const names = [top, ...Array(4).fill('n'.repeat(240))]
  const dirs = cgroups.v1.map(({ ownDir }) =>
    names.map((_, n) => join(ownDir, ...names.slice(0, n + 1))),
  )
  site.atClose(() => {
    for (const levels of dirs) for (const dir of levels.reverse()) rmdirSync(dir)
  })
  for (const dir of dirs.flat()) {
    mkdirSync(dir)
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!existsSync(join(dir, file))) continue
      writeFileSync(join(dir, file), readFileSync(join(dir, '..', file)))
    }
  }
  const bundle = site.bundle(
    (config) => dropNamespace(config, 'cgroup'),
    draft(['cat', '/proc/self/cgroup']),
  )
  const script = `for dir in ${dirs.map((levels) => levels.at(-1)).join(' ')}; do
    echo $$ > $dir/cgroup.procs || exit 9
  done
  exec ${FRONT} --root ${site.root} run --bundle ${bundle} ${site.id()}`
  const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
  const lines = stdout.split('\n').filter((line) => !line.startsWith('0::') && line !== '')
  assert.ok(lines.length >= cgroups.v1.length, stderr)
  for (const line of lines) assert.ok(line.includes(`/${names.join('/')}/`), line)
})
