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

const { RDONLY, NOSUID, NODEV, NOEXEC, NOATIME, STRICTATIME, NOSYMFOLLOW } = MOUNT_ATTR

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
    const found = parseMountOptions(words.split(','))
    const { set, clear, recursiveSet, recursiveClear } = found
    const none = { set: 0, clear: 0, recursiveSet: 0, recursiveClear: 0 }
    assert.deepEqual({ set, clear, recursiveSet, recursiveClear }, { ...none, ...bits })
  })
}

test('parseMountOptions() leaves words of a file system to it, in order', () => {
  const words = ['mode=755', 'nosuid', 'size=64k', 'sync', 'newinstance', 'rslave', 'bind']
  assert.deepEqual(parseMountOptions(words).data, ['mode=755', 'size=64k', 'sync', 'newinstance'])
})

const data: [word: string, words: string[]][] = [
  ['size=64k,mode=700', ['size=64k', 'mode=700']],
  ['', []],
  [',size=64k,,', ['size=64k']],
  ['lowerdir=/a\\,b:/c', ['lowerdir=/a\\,b:/c']],
  ['context="u:o:f:s0:c1,c2",size=1', ['context=u:o:f:s0:c1,c2', 'size=1']],
]
for (const [word, words] of data) {
  test(`parseMountOptions() gives the file system ${JSON.stringify(word)} as mount(2) would`, () => {
    assert.deepEqual(parseMountOptions([word]).data, words)
  })
}

for (const word of ['constructor', 'toString', 'rtoString']) {
  test(`parseMountOptions() gives the file system "${word}", which every object has`, () => {
    const { data, set, recursiveSet, propagation } = parseMountOptions([word])
    assert.deepEqual([data, set, recursiveSet, propagation], [[word], 0, 0, []])
  })
}

test('parseMountOptions() keeps the order of propagation words', () => {
  const { propagation } = parseMountOptions(['rslave', 'shared'])
  assert.deepEqual(propagation.map(Number), [MS_PROPAGATION.slave | MS_REC, MS_PROPAGATION.shared])
})

const classics: [words: string, bits: number][] = [
  ['iversion', 1 << 23],
  ['iversion,noiversion', 0],
  ['silent,iversion', (1 << 23) | (1 << 15)],
  ['silent,loud', 0],
]
for (const [words, bits] of classics) {
  test(`parseMountOptions() leaves "${words}" to mount(2)`, () => {
    const found = parseMountOptions(words.split(','))
    assert.equal(found.classic, bits)
    assert.deepEqual(found.data, [])
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
  return planMounts(config, host, [])
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

test('planMounts() has sources lent to a user namespace by a parent that may', () => {
  const config = withMounts([{ destination: '/x', type: 'bind', source: '/s' }], ['mount', 'user'])
  assert.deepEqual(words(plan(config).lend), ['lend the child /s'])
  assert.deepEqual(plan(config, userHost).lend, [])
})

const maps: Partial<Mount> = {
  uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
  gidMappings: [{ containerID: 5, hostID: 2000, size: 1 }],
}
const mapped = ', uids mapped 0 1000 10, gids 5 2000 1'
const idmaps: [why: string, mount: Partial<Mount>, lent: string][] = [
  ['its own mappings', maps, mapped],
  ['its own mappings, before those of the container', { ...maps, options: ['idmap'] }, mapped],
  ['those of the container', { options: ['ridmap'] }, ', ids mapped as in its user namespace'],
  ['ranges in the word', { options: ['idmap=uids=0-1000-10;gids=5-2000-1'] }, mapped],
  [
    'ranges of the container in the word',
    { options: ['idmap=uids=0-1000-2#7-9-1;gids=@1-2-3'] },
    ', uids mapped 0 1000 2, 7 9 1, gids 1 100002 3',
  ],
]
for (const [why, more, lent] of idmaps) {
  test(`planMounts() maps the ids of a mount by ${why}`, () => {
    const mount = { destination: '/x', type: 'bind', source: '/s', ...more }
    const config = withMounts([mount], ['mount', 'user'])
    const gidMappings = [{ containerID: 0, hostID: 100000, size: 100 }]
    const { lend } = plan({ ...config, linux: { ...config.linux, gidMappings } })
    assert.deepEqual(words(lend), [`lend the child /s${lent}`])
  })
}

const bad = [
  'uids=0-1-2',
  'uids=0-1-2;uids=0-1-2',
  'uids=0-1;gids=0-1-2',
  'uids=@0-1-2;gids=0-1-2',
  '',
]
for (const ranges of bad) {
  test(`planMounts() refuses to map ids by "${ranges}"`, () => {
    const options = [`idmap=${ranges}`]
    const mount = { destination: '/x', type: 'bind', source: '/s', options }
    assert.throws(() => plan(withMounts([mount])), { code: 'BAD_CONFIG' })
  })
}

const resets: [words: string, clear: number, reset: number][] = [
  ['bind', 0, 0],
  ['bind,rslave', 0, 0],
  ['bind,ro', 0, NOSUID | NODEV | NOEXEC | NOSYMFOLLOW],
  ['bind,dev', NODEV, RDONLY | NOSUID | NOEXEC | NOSYMFOLLOW],
  ['bind,rro', 0, 0],
]
for (const [options, clear, reset] of resets) {
  test(`planMounts() clears flags of the source of a "${options}" by name or where it may`, () => {
    const mount = { destination: '/x', source: '/s', options: options.split(',') }
    const step = plan(withMounts([mount])).child.find(({ op }) => op === 'bind')
    assert.ok(step?.op === 'bind')
    assert.deepEqual([step.clear, step.reset], [clear, reset])
  })
}

for (const [words, changed] of [
  ['remount,ro', { set: RDONLY, clear: 0, options: ['ro'] }],
  ['remount,bind,ro', { set: RDONLY, clear: 0, options: [] }],
  ['remount,rw,size=1m', { set: 0, clear: RDONLY, options: ['size=1m', 'rw'] }],
  ['rshared', { set: 0, clear: 0, options: [] }],
] as const) {
  test(`planMounts() changes the mount that is there for "${words}"`, () => {
    const options = words.split(',')
    const [step] = plan(withMounts([{ destination: '/x', options }])).child
    assert.ok(step?.op === 'remount')
    const { set, clear } = step
    assert.deepEqual({ set, clear, options: step.options }, changed)
  })
}

test('planMounts() shows the host’s /sys to a user namespace without an own network', () => {
  const config = withMounts([{ destination: '/sys', type: 'sysfs' }], ['mount', 'user'])
  assert.ok(words(plan(config).child).includes('bind /sys on /sys'))
})

const refused: [why: string, code: string, mount: Mount][] = [
  ['a mount below /proc', 'BAD_CONFIG', { destination: '/proc/sys', type: 'tmpfs' }],
  ['a tmpfs on /proc', 'BAD_CONFIG', { destination: '/proc', type: 'tmpfs' }],
  ['a way around to /proc', 'BAD_CONFIG', { destination: '/x/../proc/self', type: 'tmpfs' }],
  ['a mount without type', 'BAD_CONFIG', { destination: '/x' }],
  ['an idmapped cgroup', 'NOT_SUPPORTED', { destination: '/x', type: 'cgroup', ...maps }],
  [
    'to map ids by nothing',
    'BAD_CONFIG',
    { destination: '/x', type: 'bind', source: '/s', options: ['idmap'] },
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
