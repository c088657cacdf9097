// Rules of namespaces: each with a configuration that keeps it and one that breaks it.

import { drop, map, testRules } from './sample.ts'

testRules([
  [
    'a namespace twice',
    (c) => c.linux.namespaces.push({ type: 'pid' }),
    ['error /linux/namespaces/7/type'],
  ],
  [
    'an unknown namespace',
    (c) => c.linux.namespaces.push({ type: 'net' }),
    ['error /linux/namespaces/7/type'],
  ],
  [
    'a namespace with a relative path',
    (c) => (c.linux.namespaces[0].path = 'proc/1/ns/pid'),
    ['error /linux/namespaces/0/path'],
  ],
  ['a namespace with an empty path', (c) => (c.linux.namespaces[0].path = ''), []],
  ['a namespace to join', (c) => (c.linux.namespaces[0].path = '/proc/1/ns/pid'), []],
  [
    'mappings without a user namespace',
    drop('user'),
    ['warning /linux/uidMappings', 'warning /linux/gidMappings'],
  ],
  [
    'mappings with a joined user namespace',
    (c) => (c.linux.namespaces[5].path = '/run/userns'),
    ['warning /linux/uidMappings', 'warning /linux/gidMappings'],
  ],
  [
    'a user namespace without mappings',
    (c) => {
      delete c.linux.uidMappings
      delete c.linux.gidMappings
    },
    ['error /mounts/2/options/5', 'warning /linux/namespaces/5'],
  ],
  [
    'neighbouring mappings',
    (c) => (c.linux.uidMappings = [map(0, 1000, 1), map(1, 100000, 65536)]),
    [],
  ],
  [
    'mappings that overlap inside',
    (c) => (c.linux.uidMappings = [map(0, 1000, 2), map(1, 100000, 65536)]),
    ['error /linux/uidMappings/1'],
  ],
  [
    'mappings that overlap outside',
    (c) => (c.linux.gidMappings = [map(0, 1000, 2), map(9, 1001, 1)]),
    ['error /mounts/2/options/5', 'error /linux/gidMappings/1'],
  ],
  [
    'an empty mapping',
    (c) => (c.linux.uidMappings = [map(0, 1000, 1), map(1, 0, 0)]),
    ['error /linux/uidMappings/1/size'],
  ],
  ['a mapping of all ids', (c) => (c.linux.uidMappings = [map(0, 0, 4294967295)]), []],
  [
    'a mapping that passes the last id',
    (c) => (c.linux.uidMappings = [map(0, 1, 4294967295)]),
    ['error /linux/uidMappings/0/size'],
  ],
  [
    'too many mappings',
    (c) => (c.linux.uidMappings = Array.from({ length: 341 }, (_, i) => map(i, i, 1))),
    ['error /linux/uidMappings'],
  ],
  [
    'time offsets',
    (c) => (c.linux.timeOffsets = { monotonic: { secs: -5 }, boottime: { nanosecs: 1 } }),
    [],
  ],
  [
    'time offsets without a time namespace',
    (c) => {
      drop('time')(c)
      c.linux.timeOffsets = { monotonic: { secs: 1 } }
    },
    ['error /linux/timeOffsets'],
  ],
  [
    'time offsets in a joined time namespace',
    (c) => {
      c.linux.namespaces[6].path = '/run/timens'
      c.linux.timeOffsets = { monotonic: { secs: 1 } }
    },
    ['error /linux/timeOffsets'],
  ],
  [
    'an unknown clock',
    (c) => (c.linux.timeOffsets = { realtime: { secs: 1 } }),
    ['error /linux/timeOffsets/realtime'],
  ],
  [
    'a whole second of nanoseconds',
    (c) => (c.linux.timeOffsets = { monotonic: { nanosecs: 1e9 } }),
    ['error /linux/timeOffsets/monotonic/nanosecs'],
  ],
  [
    'masked and read-only paths without a mount namespace',
    drop('mount'),
    ['warning /mounts', 'error /linux/maskedPaths', 'error /linux/readonlyPaths'],
  ],
  [
    'a relative masked path',
    (c) => (c.linux.maskedPaths = ['proc/kcore']),
    ['error /linux/maskedPaths/0'],
  ],
])
