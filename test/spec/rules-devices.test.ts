// Rules of devices: each with a configuration that keeps it and one that breaks it.

import { drop, testRules } from './sample.ts'

testRules([
  [
    'devices',
    (c) =>
      (c.linux.devices = [
        { type: 'c', path: '/dev/fuse', major: 10, minor: 229 },
        { type: 'p', path: '/run/pipe' },
      ]),
    [],
  ],
  [
    'a device without numbers',
    (c) => (c.linux.devices = [{ type: 'b', path: '/dev/sda' }]),
    ['warning /linux/devices/0', 'warning /linux/devices/0'],
  ],
  [
    'a device with a negative number',
    (c) => (c.linux.devices = [{ type: 'b', path: '/dev/sda', major: -1, minor: 0 }]),
    ['error /linux/devices/0/major'],
  ],
  ...(
    [
      [0o20640, []],
      [0x04000000 + 0o640, []], // Go has its own bits for the type
      [0o60640, ['error /linux/devices/0/fileMode']],
    ] as const
  ).map(([fileMode, found]): Parameters<typeof testRules>[0][number] => [
    `a device with the mode 0${fileMode.toString(8)}`,
    (c) => (c.linux.devices = [{ type: 'c', path: '/dev/fuse', major: 10, minor: 229, fileMode }]),
    [...found],
  ]),
  [
    'an unknown type of device',
    (c) => (c.linux.devices = [{ type: 'x', path: '/dev/x', major: 1, minor: 1 }]),
    ['error /linux/devices/0/type'],
  ],
  [
    'two devices at one path',
    (c) =>
      (c.linux.devices = [
        { type: 'c', path: '/dev/x', major: 1, minor: 1 },
        { type: 'b', path: '/dev/x', major: 1, minor: 1 },
      ]),
    ['error /linux/devices/1/path'],
  ],
  [
    'a device twice, and one under two names',
    (c) =>
      (c.linux.devices = [
        { type: 'c', path: '/dev/x', major: 1, minor: 1 },
        { type: 'c', path: '/dev/x', major: 1, minor: 1 },
        { type: 'u', path: '/dev/y', major: 1, minor: 1 },
      ]),
    ['warning /linux/devices/1', 'warning /linux/devices/2'],
  ],
  ['network devices', (c) => (c.linux.netDevices = { eth0: {}, eth1: { name: 'lan%d' } }), []],
  [
    'network devices without a network namespace',
    (c) => {
      drop('network')(c)
      c.linux.netDevices = { eth0: {} }
    },
    ['error /linux/netDevices'],
  ],
  [
    'network devices with bad names',
    (c) => (c.linux.netDevices = { 'a/b': {}, eth0: { name: 'x'.repeat(16) } }),
    ['error /linux/netDevices/a~1b', 'error /linux/netDevices/eth0/name'],
  ],
  [
    'two network devices with one name',
    (c) => (c.linux.netDevices = { eth0: {}, eth1: { name: 'eth0' } }),
    ['error /linux/netDevices/eth1'],
  ],
])
