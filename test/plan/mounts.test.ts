import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HostFacts } from '../../src/host/facts.ts'
import { MOUNT_ATTR, MS_PROPAGATION, MS_REC } from '../../src/linux/mounts.ts'
import { parseMountOptions } from '../../src/plan/mount-options.ts'
import { destinationOf, planMounts } from '../../src/plan/mounts.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Step } from '../../src/plan/step.ts'
import { describeText } from '../../src/plan/text.ts'
import type { Config, Mount } from '../../src/spec/config.ts'
import { rootHost, smallConfig, userHost } from './facts.ts'

const { RDONLY, NOSUID, NODEV, NOATIME, STRICTATIME } = MOUNT_ATTR

interface Bits {
  set?: number
  clear?: number
  recursiveSet?: number
  recursiveClear?: number
}

const attributes: [words: string, bits: Bits][] = [
  ['', {}],
  ['defaults', {}],
  ['ro', { set: RDONLY }],
  ['ro,rw', { clear: RDONLY }],
  ['rw,ro', { set: RDONLY }],
  ['ro,nosuid,nodev', { set: RDONLY | NOSUID | NODEV }],
  ['nosuid,suid', { clear: NOSUID }],
  ['noatime', { set: NOATIME, clear: MOUNT_ATTR.ATIME }],
  ['noatime,strictatime', { set: STRICTATIME, clear: MOUNT_ATTR.ATIME }],
  ['rro', { recursiveSet: RDONLY }],
  ['rro,rrw', { recursiveClear: RDONLY }],
  ['ro,rnosuid', { set: RDONLY, recursiveSet: NOSUID }],
]
for (const [words, bits] of attributes) {
  test(`parseMountOptions() takes the bits of "${words}"`, () => {
    const found = parseMountOptions(words.split(','), '/mounts/0')
    const { set, clear, recursiveSet, recursiveClear } = found
    const none = { set: 0, clear: 0, recursiveSet: 0, recursiveClear: 0 }
    assert.deepEqual({ set, clear, recursiveSet, recursiveClear }, { ...none, ...bits })
  })
}

test('parseMountOptions() leaves words of a file system to it, in order', () => {
  const words = ['mode=755', 'nosuid', 'size=64k', 'sync', 'newinstance', 'rslave', 'bind']
  assert.deepEqual(parseMountOptions(words, '').data, [
    'mode=755',
    'size=64k',
    'sync',
    'newinstance',
  ])
})

test('parseMountOptions() keeps the order of propagation words', () => {
  const { propagation } = parseMountOptions(['rslave', 'shared'], '')
  assert.deepEqual(propagation.map(Number), [MS_PROPAGATION.slave | MS_REC, MS_PROPAGATION.shared])
})

for (const word of ['idmap', 'ridmap', 'iversion', 'copy-symlink']) {
  test(`parseMountOptions() refuses ${word}, which is not done yet`, () => {
    assert.throws(() => parseMountOptions([word], '/mounts/0'), { code: 'NOT_SUPPORTED' })
  })
}

const destinations: [destination: string, path: string][] = [
  ['/proc', '/proc'],
  ['/proc/', '/proc'],
  ['proc', '/proc'],
  ['/a//b/./c', '/a/b/c'],
  ['/a/../../b', '/b'],
  ['/', '/'],
]
for (const [destination, path] of destinations) {
  test(`destinationOf() takes ${destination} as ${path}`, () => {
    assert.equal(destinationOf({ destination }), path)
  })
}

const withMounts = (mounts: Mount[], types = ['mount', 'pid']): Config => ({
  ...smallConfig,
  mounts,
  linux: { namespaces: types.map((type) => ({ type: type as 'mount' })) },
})

function plan(config: Config, host: HostFacts = rootHost) {
  return planMounts(config, host, [], 1)
}

const words = (steps: readonly Step[]) => steps.map((step) => describeStep(step))

const cases: [why: string, mount: Mount, step: string][] = [
  [
    'a file system',
    { destination: '/x', type: 'tmpfs', source: 'a', options: ['mode=1'] },
    'mount tmpfs on /x with mode=1, attributes 0x0',
  ],
  ['a bind by option', { destination: '/x', source: '/s', options: ['bind'] }, 'bind /s on /x'],
  ['a bind by type', { destination: '/x', type: 'bind', source: '/s' }, 'bind /s on /x'],
  [
    'a relative source in the bundle',
    { destination: '/x', type: 'bind', source: 's' },
    'bind <bundle>/s on /x',
  ],
  [
    'a relative destination from /',
    { destination: 'x', type: 'bind', source: '/s' },
    'bind /s on /x',
  ],
  [
    'a read-only bind',
    { destination: '/x', type: 'bind', source: '/s', options: ['ro'] },
    'bind /s on /x, attributes 0x1',
  ],
]
for (const [why, mount, step] of cases) {
  test(`planMounts() plans ${why}`, () => {
    assert.deepEqual(words(plan(withMounts([mount])).child), [step])
  })
}

test('planMounts() keeps the order of the config', () => {
  const mounts = ['/b', '/a', '/b/c'].map((destination) => ({ destination, type: 'tmpfs' }))
  const targets = plan(withMounts(mounts)).child.map((step) =>
    step.op === 'mount' ? describeText(step.target) : step.op,
  )
  assert.deepEqual(targets, ['/b', '/a', '/b/c'])
})

test('planMounts() refuses symlinks at /proc, /sys and /dev before any mount', () => {
  const mounts = ['/dev/pts', '/sys', '/tmp'].map((destination) => ({ destination, type: 'tmpfs' }))
  assert.deepEqual(words(plan(withMounts(mounts)).child).slice(0, 3), [
    'refuse a symlink at /sys',
    'refuse a symlink at /dev',
    'mount tmpfs on /dev/pts, attributes 0x0',
  ])
})

test('planMounts() turns /dev read-only once it is filled', () => {
  const mounts = [{ destination: '/dev', type: 'tmpfs', options: ['ro'] }]
  const { child, afterDevices } = plan(withMounts(mounts))
  assert.ok(words(child).includes('mount tmpfs on /dev, attributes 0x0'))
  assert.deepEqual(words(afterDevices), ['set attributes 0x1 of /dev'])
})

test('planMounts() opens sources outside of a new user namespace when it may', () => {
  const config = withMounts([{ destination: '/x', type: 'bind', source: '/s' }], ['mount', 'user'])
  assert.deepEqual(words(plan(config).prepare), ['open_tree /s as tree 1'])
  assert.deepEqual(plan(config, userHost).prepare, [])
})

test('planMounts() shows the host’s /sys to a user namespace without an own network', () => {
  const config = withMounts([{ destination: '/sys', type: 'sysfs' }], ['mount', 'user'])
  assert.ok(words(plan(config).child).includes('bind /sys on /sys'))
})

const refused: [why: string, code: string, mount: Mount][] = [
  ['a mount below /proc', 'BAD_CONFIG', { destination: '/proc/sys', type: 'tmpfs' }],
  ['a tmpfs on /proc', 'BAD_CONFIG', { destination: '/proc', type: 'tmpfs' }],
  ['a way around to /proc', 'BAD_CONFIG', { destination: '/x/../proc/self', type: 'tmpfs' }],
  ['a mount without type', 'BAD_CONFIG', { destination: '/x' }],
  [
    'an idmapped mount',
    'NOT_SUPPORTED',
    { destination: '/x', type: 'bind', source: '/s', uidMappings: [], gidMappings: [] },
  ],
]
for (const [why, code, mount] of refused) {
  test(`planMounts() refuses ${why}`, () => {
    assert.throws(() => plan(withMounts([mount])), { code })
  })
}

test('planMounts() lets lxcfs cover its files in /proc', () => {
  const mount = { destination: '/proc/meminfo', type: 'bind', source: '/lxcfs/meminfo' }
  assert.ok(words(plan(withMounts([mount])).child).includes('bind /lxcfs/meminfo on /proc/meminfo'))
})
