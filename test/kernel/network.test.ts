// Network devices of the host that a container gets.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { type Change, openSite, type Site, setNamespaces, until, whyNot } from './container.ts'

/** Calls ip(8) on the host; its output. */
function ip(...words: string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8' })
  assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr}`)
  return stdout
}

const has = (device: string) => spawnSync('ip', ['link', 'show', 'dev', device]).status === 0

function whyNoDevices(): string | false {
  const reason = whyNot('ip')
  if (reason !== false) return reason
  const made = spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'tv0', 'type', 'veth'])
  return made.status === 0 ? false : 'no veth devices can be made here'
}

const skip = whyNoDevices()
let count = 0

/** A pair of devices on the host; the name of the first. */
function makeDevice(site: Site): string {
  const name = `tv${process.pid % 100_000}x${++count}`
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`)
  site.atClose(() => {
    for (const end of [name, `${name}p`]) spawnSync('ip', ['link', 'del', 'dev', end])
  })
  return name
}

const give =
  (devices: Record<string, { name?: string }>): Change =>
  (config) => {
    config.linux.netDevices = devices
  }

test('a device is in the container, up, with its address, size and hardware address', {
  skip,
}, (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  ip('link', 'set', 'dev', device, 'mtu', '1789', 'address', '00:11:22:33:44:55')
  ip('addr', 'add', '192.0.2.7/28', 'brd', '+', 'dev', device)
  ip('addr', 'add', '2001:db8::7/64', 'dev', device)
  const text = site.lines(`ip addr show dev ${device}`, give({ [device]: {} })).join('\n')
  assert.match(text, /[<,]UP[,>]/)
  assert.match(text, /mtu 1789/)
  assert.match(text, /ether 00:11:22:33:44:55/)
  assert.match(text, /inet 192\.0\.2\.7\/28 brd 192\.0\.2\.15 scope global/)
  assert.match(text, /inet6 2001:db8::7\/64 scope global/)
  assert.ok(!has(device))
})

test('addresses of the link or the host stay behind, and those that end', { skip }, (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  ip('addr', 'add', '127.0.0.33/32', 'scope', 'host', 'dev', device)
  ip('addr', 'add', '192.0.2.8/32', 'scope', 'link', 'dev', device)
  ip('addr', 'add', '192.0.2.9/32', 'valid_lft', '1000', 'preferred_lft', '1000', 'dev', device)
  ip('addr', 'add', '192.0.2.10/32', 'dev', device)
  const text = site.lines(`ip addr show dev ${device}`, give({ [device]: {} })).join('\n')
  assert.deepEqual(text.match(/inet [^ ]*/g), ['inet 192.0.2.10/32'])
})

test('a device gets another name, and keeps the peer of an address', { skip }, (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  ip('addr', 'add', '192.0.2.1', 'peer', '192.0.2.2/32', 'dev', device)
  const lines = site.lines('ip addr show dev eth7', give({ [device]: { name: 'eth7' } }))
  assert.match(lines.join('\n'), /inet 192\.0\.2\.1 peer 192\.0\.2\.2\/32/)
})

test('the kernel finds a name for a template', { skip }, (t) => {
  const site = openSite(t)
  const devices = [makeDevice(site), makeDevice(site)].map((it) => [it, { name: 'net%d' }])
  for (const [device] of devices) ip('addr', 'add', '192.0.2.3/32', 'dev', String(device))
  const lines = site.lines('ip addr show', give(Object.fromEntries(devices)))
  const names = lines.map((line) => /^\d+: (net\d+)/.exec(line)?.[1]).filter(Boolean)
  assert.deepEqual(names.sort(), ['net0', 'net1'])
  assert.equal(lines.filter((line) => line.includes('192.0.2.3/32')).length, 2)
})

test('two devices trade their names', { skip }, (t) => {
  const site = openSite(t)
  const [one, two] = [makeDevice(site), makeDevice(site)]
  ip('link', 'set', 'dev', one, 'address', '00:11:22:33:44:01')
  ip('link', 'set', 'dev', two, 'address', '00:11:22:33:44:02')
  const change = give({ [one]: { name: two }, [two]: { name: one } })
  const [first, second] = site.lines(
    `cat /sys/class/net/${one}/address /sys/class/net/${two}/address`,
    change,
  )
  assert.deepEqual([first, second], ['00:11:22:33:44:02', '00:11:22:33:44:01'])
})

/** A network namespace that some process holds. */
async function holdNamespace(site: Site): Promise<string> {
  const id = site.start()
  return `/proc/${site.state(id).pid}/ns/net`
}

test('in a namespace of somebody else a device stays after delete', { skip }, async (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  const path = await holdNamespace(site)
  const change: Change = (config) => {
    setNamespaces(config, { type: 'network', path })
    give({ [device]: { name: 'ours0' } })(config)
  }
  site.run('true', change)
  const enter = [`--net=${path}`, 'ip', 'link', 'show', 'dev', 'ours0']
  assert.equal(spawnSync('nsenter', enter).status, 0)
})

/** What is to see of a device on the host. */
const view = (device: string) => ip('-o', 'addr', 'show', 'dev', device) + linkView(device)
const linkView = (device: string) =>
  ip('-o', 'link', 'show', 'dev', device)
    .replace(/^\d+: /, '')
    .replace(/ state \w+/, '')

test('a name that is taken in the container is refused, and the device stays', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  ip('addr', 'add', '192.0.2.4/32', 'dev', device)
  const before = view(device)
  const { code, stderr } = site.run('true', give({ [device]: { name: 'lo' } }))
  assert.notEqual(code, 0)
  assert.match(stderr, /EEXIST.*\/linux\/netDevices\//s)
  assert.equal(view(device), before)
})

test('a create that fails later gives the devices back, as they were', { skip }, (t) => {
  const site = openSite(t)
  const [one, two] = [makeDevice(site), makeDevice(site)]
  ip('addr', 'add', '192.0.2.5/28', 'dev', one)
  ip('addr', 'add', '2001:db8::5/64', 'nodad', 'dev', one)
  ip('link', 'set', 'dev', one, 'up')
  ip('link', 'set', 'dev', `${one}p`, 'up')
  const before = [one, two].map(linkView)
  const { code } = site.run('true', (config) => {
    give({ [one]: { name: 'eth5' }, [two]: { name: 'eth6' } })(config)
    config.process.args = ['/no/such/program']
  })
  assert.notEqual(code, 0)
  assert.deepEqual([one, two].map(linkView), before)
  const text = ip('addr', 'show', 'dev', one)
  assert.match(text, /192\.0\.2\.5\/28/)
  assert.match(text, /2001:db8::5\/64/)
})

test('a device that the host does not have is refused by name', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', give({ nosuch0: {} }))
  assert.notEqual(code, 0)
  assert.match(stderr, /nosuch0/)
  assert.deepEqual(site.ids(), [])
})

test('devices go to a network of a user namespace', { skip }, (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  const range = [{ containerID: 0, hostID: 200_000, size: 65_536 }]
  const lines = site.lines(`ip link show dev ${device}`, (config) => {
    setNamespaces(config, { type: 'user' })
    config.linux.uidMappings = range
    config.linux.gidMappings = range
    give({ [device]: {} })(config)
  })
  assert.match(lines[0]!, /[<,]UP[,>]/)
})

test('the network of a run goes with its container, and a virtual device with it', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const device = makeDevice(site)
  const id = site.start(give({ [device]: {} }))
  site.ok(['delete', '--force', id])
  await until('the device is gone', () => !has(`${device}p`))
})
