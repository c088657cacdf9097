// Rows: linux.resources.

import assert from 'node:assert/strict'
import { readHostFacts } from '../../src/host/facts.ts'
import { inMachine, limits, plans, type Row, refuses, row, tries, triesIf } from './row.ts'
import { put } from './top.ts'

const { cgroups } = readHostFacts()
const isV2 = cgroups.layout === 'v2'
const disk = { major: 8, minor: 0 }
const MB = 1 << 20

export const resources: readonly Row[] = [
  row(
    '`devices` on v1: what no rule allows is denied',
    'yyy',
    triesIf(isV2 && 'this host has cgroup v2', (site) => {
      const devices = [{ type: 'c', path: '/dev/a', major: 239, minor: 11, fileMode: 0o666 }]
      const { stderr } = site.run('head -c 1 /dev/a', (config) => put(config.linux, { devices }))
      assert.match(stderr, /not permitted/)
      const allowed = site.run('head -c 1 /dev/a', (config) => {
        put(config.linux, { devices })
        put(config.linux.resources, { devices: [{ allow: true, type: 'c', access: 'r' }] })
      })
      assert.match(allowed.stderr, /No such device/) // no driver has it
    }),
  ),
  row(
    '`devices` on v2, by a BPF program',
    'yyy',
    inMachine('devices.ts', 'device rules: what they do not allow is denied'),
  ),
  row(
    '`devices` with systemd',
    'yyy',
    inMachine('systemd-cases.ts', 'devices that no rule allows are denied, after a reload, too'),
  ),
  row(
    '`memory/limit`',
    'yyy',
    limits(
      { memory: { limit: 64 * MB } },
      ['memory', 'memory.limit_in_bytes', `${64 * MB}`],
      ['memory.max', `${64 * MB}`],
    ),
  ),
  row(
    '`memory/reservation`',
    'yyy',
    limits(
      { memory: { limit: 64 * MB, reservation: 32 * MB } },
      ['memory', 'memory.soft_limit_in_bytes', `${32 * MB}`],
      ['memory.low', `${32 * MB}`],
    ),
  ),
  row(
    '`memory/swap`, with the limit in it',
    'yyy',
    limits(
      { memory: { limit: 64 * MB, swap: 96 * MB } },
      ['memory', 'memory.memsw.limit_in_bytes', `${96 * MB}`],
      ['memory.swap.max', `${32 * MB}`],
    ),
  ),
  row(
    '`memory/kernel` `memory/kernelTCP`: v1 alone; a warning on v2',
    'npp',
    plans('v1', 'memory', { memory: { kernel: MB, kernelTCP: MB } }, [
      'memory.kmem.limit_in_bytes',
      'memory.kmem.tcp.limit_in_bytes',
    ]),
  ),
  row(
    '`memory/swappiness`: v1 alone; a warning on v2',
    'ppp',
    limits({ memory: { swappiness: 10 } }, ['memory', 'memory.swappiness', '10'], undefined),
  ),
  row(
    '`memory/disableOOMKiller`: v1 alone; a warning on v2',
    'ppp',
    limits(
      { memory: { limit: 64 * MB, disableOOMKiller: true } },
      ['memory', 'memory.oom_control', /oom_kill_disable 1/],
      undefined,
    ),
  ),
  row(
    '`memory/useHierarchy`: v1 alone',
    'npn',
    limits({ memory: { useHierarchy: true } }, ['memory', 'memory.use_hierarchy', '1'], undefined),
  ),
  row(
    '`memory/checkBeforeUpdate`',
    'yyn',
    inMachine(
      'resources.ts',
      'checkBeforeUpdate refuses a limit below what is in use, and nobody is killed',
    ),
  ),
  row(
    '`cpu/shares`',
    'yyy',
    limits({ cpu: { shares: 1024 } }, ['cpu', 'cpu.shares', '1024'], ['cpu.weight', '100']),
  ),
  row(
    '`cpu/quota` `cpu/period`',
    'yyy',
    limits(
      { cpu: { quota: 50_000, period: 200_000 } },
      ['cpu', 'cpu.cfs_quota_us', '50000'],
      ['cpu.max', '50000 200000'],
    ),
  ),
  row(
    '`cpu/burst`',
    'yyy',
    limits(
      { cpu: { quota: 50_000, period: 100_000, burst: 1000 } },
      ['cpu', 'cpu.cfs_burst_us', '1000'],
      ['cpu.max.burst', '1000'],
    ),
  ),
  row(
    '`cpu/idle`',
    'yyy',
    limits({ cpu: { idle: 1 } }, ['cpu', 'cpu.idle', '1'], ['cpu.idle', '1']),
  ),
  row(
    '`cpu/realtimeRuntime` `cpu/realtimePeriod`: v1 alone',
    'pyp',
    plans('v1', 'cpu', { cpu: { realtimeRuntime: 5000, realtimePeriod: 100_000 } }, [
      'cpu.rt_runtime_us',
      'cpu.rt_period_us',
    ]),
  ),
  row(
    '`cpu/cpus` `cpu/mems`',
    'yyy',
    limits({ cpu: { cpus: '0', mems: '0' } }, ['cpuset', 'cpuset.cpus', '0'], ['cpuset.cpus', '0']),
  ),
  row(
    '`blockIO/weight`',
    'yyy',
    plans('v1', 'blkio', { blockIO: { weight: 500 } }, ['blkio.weight']),
  ),
  row(
    '`blockIO/leafWeight`: v1 alone; a warning on v2',
    'ppn',
    plans('v1', 'blkio', { blockIO: { leafWeight: 10 } }, ['blkio.leaf_weight']),
  ),
  row(
    '`blockIO/weightDevice`',
    'yyy',
    plans('v1', 'blkio', { blockIO: { weightDevice: [{ ...disk, weight: 500 }] } }, ['8:0 500']),
  ),
  row(
    '`blockIO/throttleReadBpsDevice` and the other three',
    'yyy',
    plans(
      'v1',
      'blkio',
      {
        blockIO: {
          throttleReadBpsDevice: [{ ...disk, rate: 1 }],
          throttleWriteBpsDevice: [{ ...disk, rate: 2 }],
          throttleReadIOPSDevice: [{ ...disk, rate: 3 }],
          throttleWriteIOPSDevice: [{ ...disk, rate: 4 }],
        },
      },
      ['read_bps_device', 'write_bps_device', 'read_iops_device', 'write_iops_device'].map(
        (name) => `blkio.throttle.${name}`,
      ),
    ),
  ),
  row(
    '`hugepageLimits`, of reservations, too',
    'ypy',
    inMachine(
      'resources.ts',
      'annotations set memory.high and memory.min; reservations of huge pages are limited, too',
    ),
  ),
  row(
    '`network/classID`: v1 alone',
    'yyy',
    plans('v1', 'net_cls', { network: { classID: 5 } }, ['net_cls.classid']),
  ),
  row(
    '`network/priorities`: v1 alone',
    'yyy',
    plans('v1', 'net_prio', { network: { priorities: [{ name: 'lo', priority: 2 }] } }, [
      'net_prio.ifpriomap',
    ]),
  ),
  row(
    '`pids/limit`, -1 for none',
    'yyy',
    limits({ pids: { limit: 77 } }, ['pids', 'pids.max', '77'], ['pids.max', '77']),
  ),
  row(
    '`rdma`: `hcaHandles` `hcaObjects`',
    'ynn',
    plans('v2', 'rdma', { rdma: { mlx5_0: { hcaHandles: 3, hcaObjects: 4 } } }, [
      'rdma.max',
      'hca_handle=3',
      'hca_object=4',
    ]),
  ),
  row(
    '`unified`: any file of v2, and nothing but a file name',
    'yyp',
    refuses(
      (config) => put(config.linux.resources, { unified: { 'a/b': '1' } }),
      /\/linux\/resources\/unified\/a~1b/,
    ),
  ),
  row(
    '`unified` on v1: refused',
    'yyy',
    triesIf(isV2 && 'this host has cgroup v2', (site) => {
      const { code, stderr } = site.run('true', (config) => {
        put(config.linux.resources, { unified: { 'memory.high': '1' } })
      })
      assert.equal(code, 1)
      assert.match(stderr, /unified "memory\.high" on cgroup v1/)
    }),
  ),
  row(
    'memory.high and memory.min by themselves: by annotation',
    'nnn',
    inMachine(
      'resources.ts',
      'annotations set memory.high and memory.min; reservations of huge pages are limited, too',
    ),
  ),
  row(
    'an ordinary user without a cgroup of his own and without limits',
    'yy-',
    inMachine('rootless.ts', 'without a delegated cgroup a user goes without'),
  ),
  row(
    'a limit that no controller of this host has: refused by its name',
    'pyp',
    tries((site) => {
      const { code, stderr } = site.run('true', (config) => {
        put(config.linux.resources, { hugepageLimits: [{ pageSize: '3MB', limit: 0 }] })
      })
      assert.equal(code, 1)
      assert.match(stderr, /hugepageLimits/)
      assert.deepEqual(site.ids(), [])
    }),
  ),
]
