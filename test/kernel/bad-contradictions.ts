// Configurations that contradict themselves, or that no host could do.

import {
  both,
  type Case,
  disk,
  filter,
  limits,
  map,
  mapped,
  mount,
  note,
  ofLinux,
  ofProcess,
  rule,
  top,
  without,
} from './bad-cases.ts'
import { dropNamespace, setNamespaces } from './container.ts'

export const contradictions: readonly Case[] = [
  { at: '/ociVersion', why: '2.0.0', change: top({ ociVersion: '2.0.0' }) },
  { at: '/ociVersion', why: 'no version', change: top({ ociVersion: '1.x' }) },
  {
    at: '/hostname',
    why: 'no uts namespace',
    change: (c) => {
      dropNamespace(c, 'uts')
      c.hostname = 'x'
    },
  },
  { at: '/hostname', why: 'too long', change: top({ hostname: 'h'.repeat(65) }) },
  { at: '/domainname', why: 'too long', change: top({ domainname: 'd'.repeat(65) }) },
  { at: '/vm', why: 'a virtual machine', change: top({ vm: { kernel: { path: '/k' } } }) },
  {
    at: '/hooks/poststop/0/env/0',
    why: 'no variable',
    change: top({ hooks: { poststop: [{ path: '/bin/true', env: ['x'] }] } }),
  },
  { at: '/process/args', why: 'empty', change: ofProcess({ args: [] }) },
  { at: '/process/args/0', why: 'empty', change: ofProcess({ args: [''] }) },
  { at: '/process/env/0', why: 'no variable', change: ofProcess({ env: ['PATH'] }) },
  { at: '/process/args/0', why: 'a NUL', change: ofProcess({ args: ['a\0b'] }) },
  {
    at: '/process/rlimits/0/soft',
    why: 'above hard',
    change: ofProcess({ rlimits: [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }] }),
  },
  {
    at: '/process/rlimits/1/type',
    why: 'twice',
    change: ofProcess({ rlimits: [0, 1].map((hard) => ({ type: 'RLIMIT_CORE', soft: 0, hard })) }),
  },
  {
    at: '/process/scheduler/priority',
    why: 'SCHED_OTHER',
    change: ofProcess({ scheduler: { policy: 'SCHED_OTHER', priority: 3 } }),
  },
  {
    at: '/process/scheduler',
    why: 'SCHED_RR without priority',
    change: ofProcess({ scheduler: { policy: 'SCHED_RR' } }),
  },
  {
    at: '/process/scheduler/nice',
    why: '20',
    change: ofProcess({ scheduler: { policy: 'SCHED_OTHER', nice: 20 } }),
  },
  {
    at: '/process/scheduler/runtime',
    why: 'SCHED_IDLE',
    change: ofProcess({ scheduler: { policy: 'SCHED_IDLE', runtime: 3 } }),
  },
  {
    at: '/process/scheduler/deadline',
    why: 'below runtime',
    change: ofProcess({
      scheduler: { policy: 'SCHED_DEADLINE', runtime: 9, deadline: 5, period: 10 },
    }),
  },
  {
    at: '/process/execCPUAffinity/final',
    why: 'backwards',
    change: ofProcess({ execCPUAffinity: { final: '3-1' } }),
  },
  {
    at: '/process/execCPUAffinity/initial',
    why: 'beyond any machine',
    change: ofProcess({ execCPUAffinity: { initial: '99999' } }),
  },
  {
    at: '/process/user/uid',
    why: 'not mapped',
    change: both(mapped, ofProcess({ user: { uid: 70_000, gid: 0 } })),
  },
  {
    at: '/process/user/gid',
    why: 'not mapped',
    change: both(mapped, ofProcess({ user: { uid: 0, gid: 70_000 } })),
  },
  {
    at: '/process/user/additionalGids/0',
    why: 'not mapped',
    change: both(mapped, ofProcess({ user: { uid: 0, gid: 0, additionalGids: [70_000] } })),
  },
  { at: '/mounts/7', why: 'a bind without source', change: mount({ options: ['bind'] }) },
  { at: '/mounts/7', why: 'no type', change: mount({ source: 'x' }) },
  {
    at: '/mounts/7',
    why: 'idmap with one of both',
    change: mount({ source: '/tmp', options: ['bind', 'idmap'], uidMappings: map() }),
  },
  {
    at: '/mounts/7/options',
    why: 'idmap of nothing',
    change: mount({ source: '/tmp', options: ['bind', 'idmap'] }),
  },
  {
    at: '/mounts/7/uidMappings/0/size',
    why: 'empty',
    change: mount({
      source: '/tmp',
      options: ['bind', 'idmap'],
      uidMappings: map(0, 0),
      gidMappings: map(),
    }),
  },
  {
    at: '/mounts/7/options',
    why: 'tmpcopyup of no tmpfs',
    change: mount({ type: 'proc', destination: '/proc', options: ['tmpcopyup'] }),
  },
  {
    at: '/mounts/7',
    why: 'below /proc',
    change: mount({ destination: '/proc/sys', type: 'tmpfs' }),
  },
  {
    at: '/linux/uidMappings/1',
    why: 'overlap',
    change: both(mapped, ofLinux({ uidMappings: [...map(), ...map()] })),
  },
  {
    at: '/linux/timeOffsets',
    why: 'no time namespace',
    change: ofLinux({ timeOffsets: { boottime: { secs: 1 } } }),
  },
  {
    at: '/linux/timeOffsets/realtime',
    why: 'no such clock',
    change: both(
      (c) => setNamespaces(c, { type: 'time' }),
      ofLinux({ timeOffsets: { realtime: { secs: 1 } } }),
    ),
  },
  {
    at: '/linux/devices/0/major',
    why: 'too large',
    change: ofLinux({ devices: [{ type: 'c', path: '/dev/a', major: 4096, minor: 0 }] }),
  },
  {
    at: '/linux/devices/1/path',
    why: 'two at one path',
    change: ofLinux({
      devices: [3, 5].map((minor) => ({ type: 'c', path: '/dev/a', major: 1, minor })),
    }),
  },
  {
    at: '/linux/devices/0/fileMode',
    why: 'of another type',
    change: ofLinux({
      devices: [{ type: 'c', path: '/dev/a', major: 1, minor: 3, fileMode: 0o60666 }],
    }),
  },
  {
    at: '/linux/devices/0',
    why: 'a file is there',
    change: ofLinux({ devices: [{ type: 'c', path: '/etc/passwd', major: 1, minor: 3 }] }),
  },
  {
    at: '/linux/netDevices',
    why: 'no network namespace',
    change: without('network', ofLinux({ netDevices: { x: {} } })),
  },
  {
    at: '/linux/netDevices/x/name',
    why: 'no name',
    change: ofLinux({ netDevices: { x: { name: 'a/b' } } }),
  },
  {
    at: '/linux/netDevices/y',
    why: 'two of one name',
    change: ofLinux({ netDevices: { x: { name: 'z' }, y: { name: 'z' } } }),
  },
  { at: '/linux/cgroupsPath', why: 'the top', change: ofLinux({ cgroupsPath: '/' }) },
  { at: '/linux/cgroupsPath', why: 'two lines', change: ofLinux({ cgroupsPath: 'a\nb' }) },
  {
    at: '/linux/maskedPaths',
    why: 'no mount namespace',
    change: without('mount', ofLinux({ readonlyPaths: [] })),
  },
  {
    at: '/linux/readonlyPaths',
    why: 'no mount namespace',
    change: without('mount', ofLinux({ maskedPaths: [] })),
  },
  {
    at: '/linux/sysctl/kernel.panic',
    why: 'of the host',
    change: ofLinux({ sysctl: { 'kernel.panic': '1' } }),
  },
  {
    at: '/linux/sysctl/net.ipv4.ip_forward',
    why: 'no network namespace',
    change: without('network', ofLinux({ sysctl: { 'net.ipv4.ip_forward': '1' } })),
  },
  {
    at: '/linux/sysctl/net.ipv4.ip_forward',
    why: 'two lines',
    change: ofLinux({ sysctl: { 'net.ipv4.ip_forward': '0\n1' } }),
  },
  {
    at: '/linux/sysctl/kernel.hostname',
    why: 'hostname says it',
    change: ofLinux({ sysctl: { 'kernel.hostname': 'x' } }),
  },
  {
    at: '/linux/personality/flags/0',
    why: 'there is none',
    change: ofLinux({ personality: { domain: 'LINUX', flags: ['X'] } }),
  },
  {
    at: '/linux/memoryPolicy',
    why: 'no nodes',
    change: ofLinux({ memoryPolicy: { mode: 'MPOL_BIND' } }),
  },
  {
    at: '/linux/memoryPolicy/nodes',
    why: 'nodes of the default',
    change: ofLinux({ memoryPolicy: { mode: 'MPOL_DEFAULT', nodes: '0' } }),
  },
  {
    at: '/linux/intelRdt/closID',
    why: 'no name',
    change: ofLinux({ intelRdt: { closID: '../x' } }),
  },
  {
    at: '/linux/seccomp/defaultErrnoRet',
    why: 'SCMP_ACT_ALLOW',
    change: filter({ defaultErrnoRet: 1 }),
  },
  {
    at: '/linux/seccomp/syscalls/0/errnoRet',
    why: 'SCMP_ACT_KILL',
    change: rule({ action: 'SCMP_ACT_KILL', errnoRet: 1 }),
  },
  {
    at: '/linux/seccomp/defaultAction',
    why: 'SCMP_ACT_NOTIFY',
    change: filter({ defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/x' }),
  },
  { at: '/linux/seccomp', why: 'no agent', change: rule({ action: 'SCMP_ACT_NOTIFY' }) },
  {
    at: '/linux/seccomp/listenerMetadata',
    why: 'no listenerPath',
    change: filter({ listenerMetadata: 'x' }),
  },
  {
    at: '/linux/resources/memory/swap',
    why: 'below the limit',
    change: limits({ memory: { limit: 1 << 24, swap: 1 << 23 } }),
  },
  {
    at: '/linux/resources/memory/swap',
    why: 'no limit',
    change: limits({ memory: { swap: 1 << 23 } }),
  },
  {
    at: '/linux/resources/cpu/burst',
    why: 'above the quota',
    change: limits({ cpu: { quota: 10_000, burst: 20_000 } }),
  },
  { at: '/linux/resources/cpu/idle', why: '2', change: limits({ cpu: { idle: 2 } }) },
  { at: '/linux/resources/cpu/idle', why: 'not 0, not 1', change: limits({ cpu: { idle: 2 } }) },
  { at: '/linux/resources/cpu/cpus', why: 'backwards', change: limits({ cpu: { cpus: '1-0' } }) },
  { at: '/linux/resources/cpu/mems', why: 'no list', change: limits({ cpu: { mems: '0,,1-' } }) },
  { at: '/linux/resources/blockIO/weight', why: '9', change: limits({ blockIO: { weight: 9 } }) },
  {
    at: '/linux/resources/blockIO/weightDevice/0',
    why: 'no weight',
    change: limits({ blockIO: { weightDevice: [disk] } }),
  },
  {
    at: '/linux/resources/network/priorities/0/name',
    why: 'no name',
    change: limits({ network: { priorities: [{ name: 'lo 5', priority: 3 }] } }),
  },
  {
    at: '/linux/resources/rdma/a b',
    why: 'no name',
    change: limits({ rdma: { 'a b': { hcaHandles: 1 } } }),
  },
  { at: '/linux/resources/rdma/a', why: 'no limit', change: limits({ rdma: { a: {} } }) },
  {
    at: '/linux/resources/unified/a~1b',
    why: 'no file name',
    change: limits({ unified: { 'a/b': '1' } }),
  },
  { at: '/annotations/', why: 'no key', change: note('', 'x') },
  { at: '/annotations/org.tsoci.handler', why: 'no path', change: note('org.tsoci.handler', 'x') },
  {
    at: '/annotations/org.tsoci.core-scheduling',
    why: 'no switch',
    change: note('org.tsoci.core-scheduling', 'on'),
  },
  {
    at: '/annotations/org.tsoci.landlock.bind',
    why: 'no port',
    change: note('org.tsoci.landlock.bind', 'http'),
  },
  {
    at: '/annotations/org.tsoci.memory.high',
    why: 'no number',
    change: note('org.tsoci.memory.high', '1G'),
  },
  {
    at: '/process/noNewPrivileges',
    why: 'Landlock wants it',
    change: both(note('org.tsoci.landlock.read', '/'), ofProcess({ noNewPrivileges: false })),
  },
]
