// Devices of a user namespace: made by root of the host, or bound from the host's.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Device } from '../../src/spec/config.ts'
import { type Draft, openSite, setNamespaces, whyNot, whyNotRootless } from './container.ts'
import { openOrdinarySite, runRootless } from './rootless.ts'

const skip = whyNot()
const skipRootless = whyNotRootless()

const RANGE = [{ containerID: 0, hostID: 200_000, size: 1000 }]

const mapped = (config: Draft, devices: Device[]) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = RANGE
  config.linux.gidMappings = RANGE
  config.linux.devices = devices
}

const own = { fileMode: 0o640, uid: 7, gid: 8 }

test('a user namespace has the devices of the config, with mode and owner', { skip }, (t) => {
  const devices: Device[] = [
    { type: 'c', path: '/dev/none-of-the-host', major: 1, minor: 5, ...own },
    { type: 'b', path: '/dev/x/b', major: 7, minor: 1 },
    { type: 'c', path: '/dev/full', major: 1, minor: 7, fileMode: 0o666, uid: 1 },
    { type: 'c', path: '/dev/null', major: 1, minor: 5 },
    { type: 'p', path: '/dev/p', ...own },
  ]
  const paths = devices.map(({ path }) => path).join(' ')
  const lines = openSite(t).lines(
    `stat -c "%n %F %t:%T %a %u:%g" ${paths}; head -c 2 /dev/null | wc -c`,
    (config) => mapped(config, devices),
  )
  assert.deepEqual(lines, [
    '/dev/none-of-the-host character special file 1:5 640 7:8',
    '/dev/x/b block special file 7:1 666 0:0',
    '/dev/full character special file 1:7 666 1:0',
    '/dev/null character special file 1:5 666 0:0',
    '/dev/p fifo 0:0 640 7:8',
    '2',
  ])
})

test('devices that are bound take neither setuid bits nor programs', { skip }, (t) => {
  const lines = openSite(t).lines('cat /proc/self/mountinfo', (config) =>
    mapped(config, [{ type: 'c', path: '/dev/mine', major: 1, minor: 3 }]),
  )
  for (const path of ['/dev/null', '/dev/tty', '/dev/mine']) {
    const line = lines.find((it) => it.split(' ')[4] === path)
    assert.match(line?.split(' ')[5] ?? '', /nosuid.*noexec/, path)
    assert.doesNotMatch(line?.split(' ')[5] ?? '', /nodev/, path)
  }
})

test('nothing is left of the file system that the nodes were made on', { skip }, (t) => {
  const site = openSite(t)
  const script = 'cut -d" " -f5 /proc/self/mountinfo'
  const before = site.lines(script, (config) => mapped(config, []))
  const after = site.lines(script, (config) =>
    mapped(config, [{ type: 'c', path: '/dev/mine', major: 1, minor: 3 }]),
  )
  assert.deepEqual(
    after.filter((path) => path !== '/dev/mine'),
    before,
  )
})

test('a device whose owner has no map belongs to nobody, and that is told', { skip }, (t) => {
  const device: Device = { type: 'c', path: '/dev/mine', major: 1, minor: 3, gid: 5000 }
  const { code, stdout, stderr } = openSite(t).run('stat -c "%a %u:%g" /dev/mine', (config) =>
    mapped(config, [{ ...device, fileMode: 0o622 }]),
  )
  assert.equal(code, 0, stderr)
  assert.equal(stdout, '622 0:65534\n')
  assert.match(stderr, /devices\/0\/gid: gid 5000 is not mapped/)
})

test('an ordinary user is told of a mode and owner that stay the host’s', {
  skip: skipRootless,
}, (t) => {
  const device: Device = { type: 'c', path: '/dev/full', major: 1, minor: 7 }
  const run = (more: Partial<Device>) =>
    runRootless(openOrdinarySite(t), 'stat -c %t:%T /dev/full', (config) => {
      config.linux.devices = [{ ...device, ...more }]
    })
  const told = run({ fileMode: 0o600 })
  assert.equal(told.code, 0, told.stderr)
  assert.match(told.stderr, /linux\/devices\/0: "\/dev\/full" keeps the mode and owner/)
  assert.deepEqual(run({}), { code: 0, stdout: '1:7\n', stderr: '' })
  const site = openOrdinarySite(t)
  const { code, stderr } = runRootless(site, 'true', (config) => {
    config.linux.devices = [{ ...device, path: '/dev/none-of-the-host' }]
  })
  assert.equal(code, 1)
  assert.match(stderr, /\/dev\/none-of-the-host: .*ENOENT.*devices\/0\]\nhint: without root/)
})
