// Configurations that other hosts may do, and this one can't.

import { readHostFacts } from '../../src/host/facts.ts'
import {
  both,
  type Case,
  disk,
  filter,
  limits,
  map,
  mount,
  note,
  ofLinux,
  ofProcess,
  top,
} from './bad-cases.ts'
import { setNamespaces } from './container.ts'

const host = readHostFacts()
const v1 = host.cgroups.layout !== 'v2'
const hasController = (name: string) =>
  host.cgroups.v1.some(({ controllers }) => controllers.includes(name)) ||
  (!v1 && host.cgroups.ownControllers.includes(name))

const isHere = (has: boolean, what: string): string | false => has && `this host has ${what}`

export const impossible: readonly Case[] = [
  { at: '/root/path', why: 'not there', change: top({ root: { path: 'nowhere' } }) },
  {
    at: '/process/apparmorProfile',
    why: 'no AppArmor',
    change: ofProcess({ apparmorProfile: 'x' }),
    unless: isHere(host.lsm.apparmor, 'it'),
  },
  {
    at: '/process/selinuxLabel',
    why: 'no SELinux',
    change: ofProcess({ selinuxLabel: 'u:r:t:s0' }),
    unless: isHere(host.lsm.selinux, 'it'),
  },
  {
    at: '/process/rlimits/0',
    why: 'above the limit of the kernel',
    change: ofProcess({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 ** 40 }] }),
  },
  {
    at: '/process/scheduler',
    why: 'no such policy in Linux',
    change: ofProcess({ scheduler: { policy: 'SCHED_ISO' } }),
  },
  { at: '/process/cwd', why: 'a file', change: ofProcess({ cwd: '/etc/passwd' }) },
  {
    at: '/hooks/createRuntime/0',
    why: 'not there',
    change: top({ hooks: { createRuntime: [{ path: '/no/where' }] } }),
  },
  {
    at: '/hooks/createContainer/0',
    why: 'no program',
    change: top({ hooks: { createContainer: [{ path: '/etc/passwd' }] } }),
  },
  { at: '/mounts/7', why: 'no such file system', change: mount({ type: 'nofs' }) },
  { at: '/mounts/7', why: 'no such option', change: mount({ type: 'tmpfs', options: ['sise=1'] }) },
  {
    at: '/mounts/7',
    why: 'no such source',
    change: mount({ source: '/no/where', options: ['rbind'] }),
  },
  {
    at: '/mounts/7',
    why: 'ids of a sysfs are not mapped',
    change: mount({
      source: '/sys',
      options: ['bind', 'idmap'],
      uidMappings: map(),
      gidMappings: map(),
    }),
  },
  {
    at: '/mounts/7',
    why: 'remount of nothing',
    change: mount({ destination: '/etc', options: ['remount', 'ro'] }),
  },
  {
    at: '/linux/namespaces',
    why: 'no such namespace',
    change: (c) => setNamespaces(c, { type: 'ipc', path: '/no/where' }),
  },
  {
    at: '/linux/namespaces',
    why: 'of another type',
    change: (c) => setNamespaces(c, { type: 'ipc', path: '/proc/self/ns/uts' }),
  },
  {
    at: '/linux/timeOffsets',
    why: 'before zero',
    change: both(
      (c) => setNamespaces(c, { type: 'time' }),
      ofLinux({ timeOffsets: { boottime: { secs: -(2 ** 40) } } }),
    ),
  },
  {
    at: '/linux/netDevices/nosuch0',
    why: 'no such device',
    change: ofLinux({ netDevices: { nosuch0: {} } }),
  },
  {
    at: '/linux/sysctl/net.ipv4.no_such',
    why: 'no such parameter',
    change: ofLinux({ sysctl: { 'net.ipv4.no_such': '1' } }),
  },
  {
    at: '/linux/sysctl/net.ipv4.ip_forward',
    why: 'no such value',
    change: ofLinux({ sysctl: { 'net.ipv4.ip_forward': 'x' } }),
  },
  {
    at: '/linux/memoryPolicy',
    why: 'no such node',
    change: ofLinux({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '500' } }),
  },
  {
    at: '/linux/intelRdt',
    why: 'no resctrl',
    change: ofLinux({ intelRdt: { closID: 'x' } }),
    unless: isHere(host.resctrl !== undefined, 'it'),
  },
  {
    at: '/linux/seccomp/listenerPath',
    why: 'nobody there',
    change: filter({
      listenerPath: '/no/where',
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
    }),
  },
  {
    at: '/linux/resources/memory/limit',
    why: 'too little to start in',
    change: limits({ memory: { limit: 4096 } }),
    unless: !hasController('memory') && 'no memory controller',
  },
  {
    at: '/linux/resources/cpu/cpus',
    why: 'no such CPU',
    change: limits({ cpu: { cpus: '4000' } }),
    unless: !hasController('cpuset') && 'no cpuset controller',
  },
  {
    at: '/linux/resources/cpu/mems',
    why: 'no such node',
    change: limits({ cpu: { mems: '900' } }),
    unless: !hasController('cpuset') && 'no cpuset controller',
  },
  {
    at: '/linux/resources/cpu/quota',
    why: 'too short',
    change: limits({ cpu: { quota: 1 } }),
    unless: !hasController('cpu') && 'no cpu controller',
  },
  {
    at: '/linux/resources/cpu/period',
    why: 'too long',
    change: limits({ cpu: { period: 2_000_000 } }),
    unless: !hasController('cpu') && 'no cpu controller',
  },
  {
    at: '/linux/resources/cpu/shares',
    why: '1',
    change: limits({ cpu: { shares: 1 } }),
    unless: !v1 && 'v2 takes the next weight',
  },
  {
    at: '/linux/resources/blockIO/throttleReadBpsDevice/0',
    why: 'no such device',
    change: limits({ blockIO: { throttleReadBpsDevice: [{ ...disk, rate: 1 << 20 }] } }),
    unless: !hasController(v1 ? 'blkio' : 'io') && 'no such controller',
  },
  {
    at: '/linux/resources/hugepageLimits/0',
    why: 'no such size',
    change: limits({ hugepageLimits: [{ pageSize: '3MB', limit: 0 }] }),
  },
  {
    at: '/linux/resources/network/priorities/0',
    why: 'no such device',
    change: limits({ network: { priorities: [{ name: 'nosuch0', priority: 1 }] } }),
    unless: !hasController('net_prio') && v1 && 'no net_prio controller',
  },
  {
    at: '/linux/resources/rdma/x',
    why: 'no controller',
    change: limits({ rdma: { x: { hcaHandles: 1 } } }),
    unless: isHere(hasController('rdma'), 'it'),
  },
  {
    at: '/linux/resources/unified',
    why: 'v1',
    change: limits({ unified: { 'memory.high': '1' } }),
    unless: isHere(!v1, 'v2'),
  },
  {
    at: '/annotations/org.tsoci.memory.high',
    why: 'v1',
    change: note('org.tsoci.memory.high', '1'),
    unless: isHere(!v1, 'v2'),
  },
  {
    at: '/annotations/org.tsoci.handler',
    why: 'not there',
    change: note('org.tsoci.handler', '/no/where'),
  },
]
