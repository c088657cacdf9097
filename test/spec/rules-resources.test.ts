// Rules of resources: each with a configuration that keeps it and one that breaks it.

import { testRules } from './sample.ts'

testRules([
  [
    'memory limits',
    (c) => (c.linux.resources.memory = { limit: 1000, swap: 1000, swappiness: 0, kernel: -1 }),
    [],
  ],
  ['no memory limits', (c) => (c.linux.resources.memory = { limit: -1, swap: -1 }), []],
  [
    'a limit of -2',
    (c) => (c.linux.resources.memory = { limit: -2 }),
    ['error /linux/resources/memory/limit'],
  ],
  [
    'swap below memory',
    (c) => (c.linux.resources.memory = { limit: 1000, swap: 999 }),
    ['error /linux/resources/memory/swap'],
  ],
  [
    'swap without memory',
    (c) => (c.linux.resources.memory = { swap: 999 }),
    ['error /linux/resources/memory/swap'],
  ],
  [
    'swappiness of 101',
    (c) => (c.linux.resources.memory = { swappiness: 101 }),
    ['error /linux/resources/memory/swappiness'],
  ],
  [
    'CPU limits',
    (c) => (c.linux.resources.cpu = { quota: 5, burst: 5, cpus: '0-1,3', mems: '', idle: 1 }),
    [],
  ],
  [
    'a burst above the quota',
    (c) => (c.linux.resources.cpu = { quota: 5, burst: 6 }),
    ['error /linux/resources/cpu/burst'],
  ],
  [
    'bad lists of CPUs',
    (c) => (c.linux.resources.cpu = { cpus: '1,,2', mems: '4-2' }),
    ['error /linux/resources/cpu/cpus', 'error /linux/resources/cpu/mems'],
  ],
  [
    'I/O limits',
    (c) =>
      (c.linux.resources.blockIO = {
        weight: 0,
        weightDevice: [{ major: 8, minor: 0, leafWeight: 10 }],
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 600 }],
      }),
    [],
  ],
  [
    'an I/O weight of 9, and one of 1001',
    (c) => (c.linux.resources.blockIO = { weight: 1001, leafWeight: 0 }),
    ['error /linux/resources/blockIO/weight'],
  ],
  [
    'an I/O weight of 9',
    (c) => (c.linux.resources.blockIO = { weightDevice: [{ major: 8, minor: 0, weight: 9 }] }),
    ['error /linux/resources/blockIO/weightDevice/0/weight'],
  ],
  [
    'a device without a weight',
    (c) => (c.linux.resources.blockIO = { weightDevice: [{ major: 8, minor: 0 }] }),
    ['error /linux/resources/blockIO/weightDevice/0'],
  ],
  ['huge pages', (c) => (c.linux.resources.hugepageLimits = [{ pageSize: '2MB', limit: 0 }]), []],
  [
    'a huge page size without a unit',
    (c) => (c.linux.resources.hugepageLimits = [{ pageSize: '2048', limit: 0 }]),
    ['error /linux/resources/hugepageLimits/0/pageSize'],
  ],
  [
    'a huge page size twice',
    (c) =>
      (c.linux.resources.hugepageLimits = [
        { pageSize: '2MB', limit: 0 },
        { pageSize: '2MB', limit: 1 },
      ]),
    ['warning /linux/resources/hugepageLimits/1'],
  ],
  ['rdma', (c) => (c.linux.resources.rdma = { mlx5_1: { hcaHandles: 3 } }), []],
  [
    'rdma without a limit',
    (c) => (c.linux.resources.rdma = { mlx5_1: {} }),
    ['error /linux/resources/rdma/mlx5_1'],
  ],
  ['unified', (c) => (c.linux.resources.unified = { 'memory.high': '1' }), []],
  [
    'unified with a path',
    (c) => (c.linux.resources.unified = { '../cgroup.procs': '1' }),
    ['error /linux/resources/unified/..~1cgroup.procs'],
  ],
  ['pids', (c) => (c.linux.resources.pids = { limit: -1 }), []],
  [
    'device rules',
    (c) =>
      c.linux.resources.devices.push({ allow: true, type: 'c', major: 1, minor: -1, access: 'r' }),
    [],
  ],
  [
    'device rules that say not what they allow',
    (c) =>
      c.linux.resources.devices.push(
        { allow: true },
        { allow: true, access: '' },
        { allow: false },
      ),
    ['error /linux/resources/devices/1', 'error /linux/resources/devices/2'],
  ],
  [
    'a pids limit of 0',
    (c) => (c.linux.resources.pids = { limit: 0 }),
    ['warning /linux/resources/pids/limit'],
  ],
  [
    'bad device rules',
    (c) => c.linux.resources.devices.push({ type: 'x', access: 'rwx' }),
    [
      'warning /linux/resources/devices/1',
      'error /linux/resources/devices/1/type',
      'error /linux/resources/devices/1/access',
    ],
  ],
])
