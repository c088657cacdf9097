// Plans linux.resources as cgroup v1 files (kernel: admin-guide/cgroup-v1).

import { TsociError } from '../errors.ts'
import type { BlockIo, Config, Cpu, Memory } from '../spec/config.ts'
import { memoryAnnotations } from './cgroup-annotations.ts'
import {
  type Add,
  addRdma,
  type CgroupValue,
  isSet,
  listValues,
  refuseSwapBelow,
} from './cgroup-value.ts'

/** Values in the order in which the kernel takes them. */
export function planV1Values(config: Config): CgroupValue[] {
  const [annotation] = memoryAnnotations(config)
  if (annotation !== undefined) {
    throw new TsociError('NOT_SUPPORTED', `cannot keep ${annotation.name} on cgroup v1`, {
      at: `/annotations/${annotation.name}`,
      hint: 'remove the annotation, or use a host with cgroup v2',
    })
  }
  const resources = config.linux?.resources
  if (resources === undefined) return []
  const unified = Object.keys(resources.unified ?? {})
  if (unified.length > 0) {
    throw new TsociError(
      'NOT_SUPPORTED',
      `invalid configuration: unified "${unified[0]}" on cgroup v1`,
      {
        at: '/linux/resources/unified',
        hint: 'use the fields of linux.resources, or a host with cgroup v2',
      },
    )
  }
  const { values, add } = listValues()
  if (resources.memory !== undefined) addMemory(resources.memory, add)
  if (resources.cpu !== undefined) addCpu(resources.cpu, add)
  const pids = resources.pids?.limit
  if (isSet(pids)) add('pids', 'pids.max', pids < 0 ? 'max' : pids, 'pids/limit')
  if (resources.blockIO !== undefined) addBlockIo(resources.blockIO, add)
  resources.hugepageLimits?.forEach(({ pageSize, limit }, i) => {
    const at = `hugepageLimits/${i}`
    add('hugetlb', `hugetlb.${pageSize}.limit_in_bytes`, limit, at)
    // Reservations are counted since Linux 5.7.
    add('hugetlb', `hugetlb.${pageSize}.rsvd.limit_in_bytes`, limit, at, { optional: true })
  })
  if (isSet(resources.network?.classID)) {
    add('net_cls', 'net_cls.classid', resources.network.classID, 'network/classID')
  }
  resources.network?.priorities?.forEach(({ name, priority }, i) => {
    const more = { key: name, reset: `${name} 0` }
    add('net_prio', 'net_prio.ifpriomap', `${name} ${priority}`, `network/priorities/${i}`, more)
  })
  addRdma(resources.rdma, add)
  return values
}

function addMemory(memory: Memory, add: Add): void {
  if (isSet(memory.limit) && isSet(memory.swap)) refuseSwapBelow(memory.limit, memory.swap)
  // The limit goes first: memory and swap together may not be below it.
  const files: readonly [keyof Memory, string][] = [
    ['limit', 'memory.limit_in_bytes'],
    ['swap', 'memory.memsw.limit_in_bytes'],
    ['reservation', 'memory.soft_limit_in_bytes'],
    ['kernel', 'memory.kmem.limit_in_bytes'],
    ['kernelTCP', 'memory.kmem.tcp.limit_in_bytes'],
  ]
  for (const [key, file] of files) {
    const value = memory[key] as number | bigint | undefined
    if (isSet(value)) add('memory', file, value, `memory/${key}`)
    // No limit of memory is none of memory and swap; a kernel may not count swap at all.
    else if (key === 'swap' && isUnlimited(memory.limit)) {
      add('memory', file, -1, 'memory/limit', { optional: true })
    }
  }
  if (memory.swappiness !== undefined) {
    add('memory', 'memory.swappiness', memory.swappiness, 'memory/swappiness')
  }
  if (memory.useHierarchy === true) {
    add('memory', 'memory.use_hierarchy', 1, 'memory/useHierarchy')
  }
  if (memory.disableOOMKiller === true) {
    add('memory', 'memory.oom_control', 1, 'memory/disableOOMKiller')
  }
}

const isUnlimited = (limit: number | bigint | undefined) => limit === -1 || limit === -1n

function addCpu(cpu: Cpu, add: Add): void {
  if (isSet(cpu.shares)) refuseShares(cpu.shares)
  const files: readonly [keyof Cpu, string][] = [
    ['shares', 'cpu.shares'],
    ['realtimePeriod', 'cpu.rt_period_us'],
    ['realtimeRuntime', 'cpu.rt_runtime_us'],
    ['period', 'cpu.cfs_period_us'],
    ['quota', 'cpu.cfs_quota_us'],
  ]
  for (const [key, file] of files) {
    const value = cpu[key] as number | undefined
    if (isSet(value)) add('cpu', file, value, `cpu/${key}`)
  }
  addBurstAndIdle(cpu, add, 'cpu.cfs_burst_us')
  if (cpu.cpus) add('cpuset', 'cpuset.cpus', cpu.cpus, 'cpu/cpus')
  if (cpu.mems) add('cpuset', 'cpuset.mems', cpu.mems, 'cpu/mems')
}

/** Zero turns both off, on a kernel that has them (Linux 5.14 and 5.15). */
export function addBurstAndIdle(cpu: Cpu, add: Add, burstFile: string): void {
  if (cpu.burst !== undefined) {
    add('cpu', burstFile, cpu.burst, 'cpu/burst', cpu.burst === 0 ? { optional: true } : {})
  }
  if (cpu.idle !== undefined) {
    add('cpu', 'cpu.idle', cpu.idle, 'cpu/idle', cpu.idle === 0 ? { optional: true } : {})
  }
}

// The kernel would take another number without a word.
function refuseShares(shares: number): void {
  if (shares >= 2 && shares <= 262144) return
  const bound =
    shares < 2 ? 'minimum allowed cpu-shares is 2' : 'maximum allowed cpu-shares is 262144'
  throw new TsociError('BAD_CONFIG', `cannot set cpu.shares ${shares} on cgroup v1: the ${bound}`, {
    at: '/linux/resources/cpu/shares',
    hint: 'give linux.resources.cpu.shares a number from 2 to 262144',
  })
}

function addBlockIo(blockIo: BlockIo, add: Add): void {
  // The BFQ scheduler has files of its own, and since Linux 5.0 there is no other with weights.
  const weigh = (file: string, value: string, at: string, more = {}) => {
    const otherwise = { file: file.replace('blkio.', 'blkio.bfq.'), value }
    add('blkio', file, value, at, { otherwise, ...more })
  }
  if (isSet(blockIo.weight)) weigh('blkio.weight', String(blockIo.weight), 'blockIO/weight')
  if (isSet(blockIo.leafWeight)) {
    add('blkio', 'blkio.leaf_weight', blockIo.leafWeight, 'blockIO/leafWeight')
  }
  blockIo.weightDevice?.forEach(({ major, minor, weight, leafWeight }, i) => {
    const at = `blockIO/weightDevice/${i}`
    const key = `${major}:${minor}`
    const more = { key, reset: `${key} 0` }
    if (isSet(weight)) weigh('blkio.weight_device', `${key} ${weight}`, at, more)
    if (isSet(leafWeight)) {
      add('blkio', 'blkio.leaf_weight_device', `${key} ${leafWeight}`, at, more)
    }
  })
  const throttles = [
    ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device'],
    ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device'],
    ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device'],
    ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device'],
  ] as const
  for (const [name, file] of throttles) {
    blockIo[name]?.forEach(({ major, minor, rate }, i) => {
      const key = `${major}:${minor}`
      add('blkio', file, `${key} ${rate}`, `blockIO/${name}/${i}`, { key, reset: `${key} 0` })
    })
  }
}
