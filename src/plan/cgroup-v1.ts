// Plans linux.resources as cgroup v1 files (kernel: admin-guide/cgroup-v1).

import { TsociError } from '../errors.ts'
import type { BlockIo, Config, Cpu, Memory } from '../spec/config.ts'
import { type CgroupValue, isSet, pidsMax } from './cgroup-value.ts'

const RESOURCES = '/linux/resources'

/** Values in the order in which the kernel takes them. */
export function planV1Values(config: Config): CgroupValue[] {
  const resources = config.linux?.resources
  if (resources === undefined) return []
  const unified = Object.keys(resources.unified ?? {})
  if (unified.length > 0) {
    throw new TsociError('NOT_SUPPORTED', `cannot set unified "${unified[0]}" on cgroup v1`, {
      hint: 'use the fields of linux.resources, or a host with cgroup v2',
    })
  }
  const values: CgroupValue[] = []
  const add = (controller: string, file: string, value: number | bigint | string, at: string) => {
    values.push({ controller, file, value: String(value), at: `${RESOURCES}/${at}` })
  }
  if (resources.memory !== undefined) addMemory(resources.memory, add)
  if (resources.cpu !== undefined) addCpu(resources.cpu, add)
  if (resources.pids?.limit !== undefined) {
    const limit = resources.pids.limit
    add('pids', 'pids.max', pidsMax(limit), 'pids/limit')
  }
  if (resources.blockIO !== undefined) addBlockIo(resources.blockIO, add)
  resources.hugepageLimits?.forEach(({ pageSize, limit }, i) => {
    add('hugetlb', `hugetlb.${pageSize}.limit_in_bytes`, limit, `hugepageLimits/${i}`)
  })
  if (isSet(resources.network?.classID)) {
    add('net_cls', 'net_cls.classid', resources.network.classID, 'network/classID')
  }
  resources.network?.priorities?.forEach(({ name, priority }, i) => {
    add('net_prio', 'net_prio.ifpriomap', `${name} ${priority}`, `network/priorities/${i}`)
  })
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    const words = [device]
    if (hcaHandles !== undefined) words.push(`hca_handle=${hcaHandles}`)
    if (hcaObjects !== undefined) words.push(`hca_object=${hcaObjects}`)
    add('rdma', 'rdma.max', words.join(' '), 'rdma')
  }
  return values
}

type Add = (controller: string, file: string, value: number | bigint | string, at: string) => void

function addMemory(memory: Memory, add: Add): void {
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

function addCpu(cpu: Cpu, add: Add): void {
  const files: readonly [keyof Cpu, string, string][] = [
    ['shares', 'cpu', 'cpu.shares'],
    ['realtimePeriod', 'cpu', 'cpu.rt_period_us'],
    ['realtimeRuntime', 'cpu', 'cpu.rt_runtime_us'],
    ['period', 'cpu', 'cpu.cfs_period_us'],
    ['quota', 'cpu', 'cpu.cfs_quota_us'],
    ['burst', 'cpu', 'cpu.cfs_burst_us'],
    ['idle', 'cpu', 'cpu.idle'],
  ]
  for (const [key, controller, file] of files) {
    const value = cpu[key] as number | undefined
    if (isSet(value)) add(controller, file, value, `cpu/${key}`)
  }
  if (cpu.cpus) add('cpuset', 'cpuset.cpus', cpu.cpus, 'cpu/cpus')
  if (cpu.mems) add('cpuset', 'cpuset.mems', cpu.mems, 'cpu/mems')
}

function addBlockIo(blockIo: BlockIo, add: Add): void {
  if (isSet(blockIo.weight)) add('blkio', 'blkio.weight', blockIo.weight, 'blockIO/weight')
  if (isSet(blockIo.leafWeight)) {
    add('blkio', 'blkio.leaf_weight', blockIo.leafWeight, 'blockIO/leafWeight')
  }
  blockIo.weightDevice?.forEach(({ major, minor, weight, leafWeight }, i) => {
    const at = `blockIO/weightDevice/${i}`
    if (isSet(weight)) add('blkio', 'blkio.weight_device', `${major}:${minor} ${weight}`, at)
    if (isSet(leafWeight)) {
      add('blkio', 'blkio.leaf_weight_device', `${major}:${minor} ${leafWeight}`, at)
    }
  })
  const throttles = [
    ['throttleReadBpsDevice', 'blkio.throttle.read_bps_device'],
    ['throttleWriteBpsDevice', 'blkio.throttle.write_bps_device'],
    ['throttleReadIOPSDevice', 'blkio.throttle.read_iops_device'],
    ['throttleWriteIOPSDevice', 'blkio.throttle.write_iops_device'],
  ] as const
  for (const [key, file] of throttles) {
    blockIo[key]?.forEach(({ major, minor, rate }, i) => {
      add('blkio', file, `${major}:${minor} ${rate}`, `blockIO/${key}/${i}`)
    })
  }
}
