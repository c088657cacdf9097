// Limits of a running container, changed all or not at all.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Resources } from '../../src/spec/config.ts'
import { type Options, openSite, type Site, whyNot } from './container.ts'

const v2 = readHostFacts().cgroups.layout === 'v2'
const skip = whyNot()
const v1Only = skip || (v2 ? 'the files are those of cgroup v1' : false)

const read = (site: Site, id: string, controller: string, file: string) =>
  readFileSync(join(site.cgroup(id, controller), file), 'utf8').trim()

const flags: [words: string[], controller: string, file: string, value: string][] = [
  [['--memory', '64m'], 'memory', 'memory.limit_in_bytes', '67108864'],
  [['--memory', '0.0625 g'], 'memory', 'memory.limit_in_bytes', '67108864'],
  [['--memory-reservation', '32M'], 'memory', 'memory.soft_limit_in_bytes', '33554432'],
  [['--pids-limit', '20'], 'pids', 'pids.max', '20'],
  [['--pids-limit', '-1'], 'pids', 'pids.max', 'max'],
  [['--cpu-share', '512'], 'cpu', 'cpu.shares', '512'],
  [['--cpu-quota', '50000'], 'cpu', 'cpu.cfs_quota_us', '50000'],
  [['--cpu-quota', '500000', '--cpu-period', '1000000'], 'cpu', 'cpu.cfs_period_us', '1000000'],
  [['--cpuset-cpus', '0'], 'cpuset', 'cpuset.cpus', '0'],
]
// Not every kernel has the files of these.
const rare: typeof flags = [
  [['--cpuset-mems', '0'], 'cpuset', 'cpuset.mems', '0'],
  [['--blkio-weight', '300'], 'blkio', 'blkio.bfq.weight', '300'],
  [['--cpu-rt-period', '500000'], 'cpu', 'cpu.rt_period_us', '500000'],
  [['--kernel-memory-tcp', '64m'], 'memory', 'memory.kmem.tcp.limit_in_bytes', '67108864'],
]
for (const [words, controller, file, value] of [...flags, ...rare]) {
  test(`update ${words.join(' ')} writes ${value} to ${file}`, { skip: v1Only }, (t) => {
    const site = openSite(t)
    const id = site.start()
    if (!existsSync(join(site.cgroup(id, controller), file))) {
      return t.skip(`this kernel has no ${file}`)
    }
    site.ok(['update', ...words, id])
    assert.equal(read(site, id, controller, file), value)
  })
}

test('update --kernel-memory is taken, by kernels that have forgotten it too', {
  skip: v1Only,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--kernel-memory', '64m', id])
  assert.equal(site.state(id).status, 'running')
})

test('update --cpu-rt-runtime writes the time, or says that the cgroup above has none', {
  skip: v1Only,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { code, stderr } = site.tsoci(['update', '--cpu-rt-runtime', '1000', id])
  if (code === 0) return assert.equal(read(site, id, 'cpu', 'cpu.rt_runtime_us'), '1000')
  assert.match(stderr, /cpu\.rt_runtime_us.*\[\/linux\/resources\/cpu\/realtimeRuntime\]\nhint: /)
})

test('update takes resources from standard input, zero and null as unset', {
  skip: v1Only,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--memory', '64m', id])
  const resources = {
    memory: { limit: 0, swap: null },
    cpu: { shares: 0, quota: 30000 },
    devices: null,
  }
  site.ok(['update', '--resources', '-', id], {
    input: JSON.stringify(resources),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  assert.equal(read(site, id, 'memory', 'memory.limit_in_bytes'), '67108864')
  assert.equal(read(site, id, 'cpu', 'cpu.cfs_quota_us'), '30000')
})

test('update takes resources from a file', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.dir, 'resources.json')
  writeFileSync(file, '{"pids":{"limit":33}}')
  site.ok(['update', `--resources=${file}`, id])
  assert.equal(read(site, id, 'pids', 'pids.max'), '33')
})

test('update changes nothing when one of the values is refused', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--memory', '64m', '--pids-limit', '20', id])
  const { code, stderr } = site.tsoci([
    'update',
    '--memory',
    '128m',
    '--pids-limit',
    '50',
    '--cpuset-cpus',
    '4000',
    id,
  ])
  assert.equal(code, 1)
  assert.match(stderr, /cpuset\.cpus/)
  assert.equal(read(site, id, 'memory', 'memory.limit_in_bytes'), '67108864')
  assert.equal(read(site, id, 'pids', 'pids.max'), '20')
})

test('update changes nothing when the state can not be written', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--pids-limit', '20', id])
  const before = readFileSync(join(site.root, id, 'config.json'), 'utf8')
  // What is mounted on can't be replaced.
  const file = join(site.root, id, 'config.json')
  assert.equal(spawnSync('mount', ['--bind', file, file]).status, 0)
  const { code, stderr } = site.tsoci(['update', '--pids-limit', '50', id])
  spawnSync('umount', [file])
  assert.equal(code, 1)
  assert.match(stderr, /config\.json": EBUSY\nhint: nothing was changed/)
  assert.equal(read(site, id, 'pids', 'pids.max'), '20')
  assert.equal(readFileSync(file, 'utf8'), before)
  assert.deepEqual(
    readdirSync(join(site.root, id)).filter((name) => name.startsWith('.')),
    [],
  )
})

test('update turns the OOM killer off, and on again', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const send = (disableOOMKiller: boolean) => {
    const input = JSON.stringify({ memory: { disableOOMKiller } })
    site.ok(['update', '-r', '-', id], { input, stdio: ['pipe', 'pipe', 'pipe'] })
    return read(site, id, 'memory', 'memory.oom_control').split('\n')[0]
  }
  assert.equal(send(false), 'oom_kill_disable 0')
  assert.equal(send(true), 'oom_kill_disable 1')
  assert.equal(send(false), 'oom_kill_disable 0')
})

test('update warns of properties that mean nothing, and of flags beside a file', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const send = (resources: unknown, ...words: string[]) => {
    const input = JSON.stringify(resources)
    const stdio: Options['stdio'] = ['pipe', 'pipe', 'pipe']
    const { code, stderr } = site.tsoci(['update', '-r', '-', ...words, id], { input, stdio })
    assert.equal(code, 0)
    return stderr
  }
  assert.match(send({ memory: { limits: 1 } }), /^warning: .*"limits" is ignored .*"limit"/)
  assert.match(send({ linux: { resources: {} } }), /^warning: .*"linux" is ignored/)
  assert.equal(send({ pids: { limit: 21 } }), '')
  assert.equal(
    send({ pids: { limit: 22 } }, '--memory', '50m', '--cpuset-cpus=0'),
    'warning: --memory, --cpuset-cpus: ignored, as --resources says it all\n',
  )
})

test('update sets swap alone, beside the limit that there is', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--memory', '64m', id])
  site.ok(['update', '--memory-swap', '96m', id])
  assert.equal(read(site, id, 'memory', 'memory.memsw.limit_in_bytes'), '100663296')
  assert.match(site.tsoci(['update', '--memory-swap', '32m', id]).stderr, /below memory.limit/)
  site.ok(['update', '--memory', '-1', id])
  assert.equal(read(site, id, 'memory', 'memory.memsw.limit_in_bytes'), '9223372036854771712')
})

test('update turns burst and idle off with zero', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok([
    'update',
    '--cpu-period',
    '900000',
    '--cpu-quota',
    '900000',
    '--cpu-burst',
    '500000',
    id,
  ])
  assert.equal(read(site, id, 'cpu', 'cpu.cfs_burst_us'), '500000')
  site.ok(['update', '--cpu-burst', '0', id])
  assert.equal(read(site, id, 'cpu', 'cpu.cfs_burst_us'), '0')
  site.ok(['update', '--cpu-idle', '1', id])
  assert.equal(read(site, id, 'cpu', 'cpu.idle'), '1')
  site.ok(['update', '--cpu-idle', '0', id])
  assert.equal(read(site, id, 'cpu', 'cpu.idle'), '0')
})

test('update takes back the limit of a device when another value is refused', {
  skip: v1Only,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const device = blockDevice()
  if (device === undefined) return t.skip('this host has no block device')
  const throttle = (rate: number, more: Resources = {}) =>
    site.tsoci(['update', '-r', '-', id], {
      input: JSON.stringify({
        blockIO: { throttleReadBpsDevice: [{ ...device, rate }] },
        ...more,
      }),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  const file = 'blkio.throttle.read_bps_device'
  const refused: Resources = { cpu: { cpus: '4000' } }
  assert.equal(throttle(1000, refused).code, 1)
  assert.equal(read(site, id, 'blkio', file), '')
  assert.equal(throttle(1000).code, 0)
  assert.equal(throttle(2000, refused).code, 1)
  assert.equal(read(site, id, 'blkio', file), `${device.major}:${device.minor} 1000`)
})

test('update writes into the stored configuration, exact to the last digit', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.linux.resources.pids = { limit: 11 }
  })
  site.ok(['update', '--memory-reservation', '9223372036854771712', '--pids-limit', '12', id])
  const text = readFileSync(join(site.root, id, 'config.json'), 'utf8')
  assert.match(text, /"reservation":9223372036854771712\b/)
  assert.equal(JSON.parse(text).linux.resources.pids.limit, 12)
  assert.equal(site.tsoci(['update', '--cpuset-cpus', '4000', '--pids-limit', '13', id]).code, 1)
  assert.equal(readFileSync(join(site.root, id, 'config.json'), 'utf8'), text)
  assert.equal(site.ok(['exec', id, 'echo', 'still']), 'still\n')
})

test('update leaves the device rules of create alone and refuses others', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const send = (devices: Resources['devices']) =>
    site.tsoci(['update', '-r', '-', id], {
      input: JSON.stringify({ devices, pids: { limit: 21 } }),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  assert.equal(send([{ allow: false, type: 'a', access: 'rwm' }]).code, 0)
  const { code, stderr } = send([{ allow: true, type: 'a', access: 'rwm' }])
  assert.equal(code, 1)
  assert.match(stderr, /cannot change the device rules/)
})

/** Some block device, as config.json names it. */
function blockDevice(): { major: number; minor: number } | undefined {
  const name = readdirSync('/sys/block').find((it) => /^(sd|vd|nvme|loop)/.test(it))
  if (name === undefined) return undefined
  const [major, minor] = readFileSync(`/sys/block/${name}/dev`, 'utf8').trim().split(':')
  return { major: Number(major), minor: Number(minor) }
}

const bad: [why: string, words: string[], message: RegExp][] = [
  ['a value that is no number', ['--memory', 'lots'], /--memory "lots": not a size/],
  ['a unit where there is none', ['--cpu-quota', '50m'], /--cpu-quota "50m": not a whole number/],
  ['a missing file', ['--resources', '/no/such'], /cannot read the resources/],
  ['no container', [], /container does not exist/],
]
for (const [why, words, message] of bad) {
  test(`update refuses ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const id = words.length === 0 ? 'missing' : site.start()
    const { code, stderr } = site.tsoci(['update', ...words, id])
    assert.equal(code, 1)
    assert.match(stderr, message)
  })
}
