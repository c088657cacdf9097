// Plans linux.resources as cgroup v2 files (kernel: admin-guide/cgroup-v2).

import { TsociError } from '../errors.ts'
import type { BlockIo, Config, Cpu, Memory } from '../spec/config.ts'
import { type CgroupValue, isSet, pidsMax } from './cgroup-value.ts'

const RESOURCES = '/linux/resources'

type Add = (controller: string, file: string, value: number | bigint | string, at: string) => void

/** Values in the order in which the kernel takes them; `unified` last, so that it wins. */
export function planV2Values(config: Config): CgroupValue[] {
  const resources = config.linux?.resources
  if (resources === undefined) return []
  const values: CgroupValue[] = []
  const add: Add = (controller, file, value, at) => {
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
    add('hugetlb', `hugetlb.${pageSize}.max`, limit, `hugepageLimits/${i}`)
  })
  if (isSet(resources.network?.classID) || (resources.network?.priorities?.length ?? 0) > 0) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set linux.resources.network on cgroup v2', {
      hint: 'remove network.classID and network.priorities: only cgroup v1 has them',
    })
  }
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    const words = [device]
    if (hcaHandles !== undefined) words.push(`hca_handle=${hcaHandles}`)
    if (hcaObjects !== undefined) words.push(`hca_object=${hcaObjects}`)
    add('rdma', 'rdma.max', words.join(' '), 'rdma')
  }
  for (const [file, value] of Object.entries(resources.unified ?? {})) {
    // One line, one write: some files take no more.
    for (const line of value.split('\n')) {
      if (line !== '') add(file.split('.')[0]!, file, line, `unified/${file}`)
    }
  }
  return values
}

const orMax = (value: number | bigint) => (value < 0 ? 'max' : value)

function addMemory(memory: Memory, add: Add): void {
  for (const key of ['kernel', 'kernelTCP', 'swappiness', 'disableOOMKiller'] as const) {
    const value = memory[key]
    if (value === undefined || value === false || value === 0 || value === -1) continue
    // The specification calls the first two deprecated, and engines still send all four.
    if (key === 'swappiness' || key === 'disableOOMKiller') continue
    throw new TsociError('NOT_SUPPORTED', `cannot set linux.resources.memory.${key} on cgroup v2`, {
      hint: `remove ${key}: only cgroup v1 has it`,
    })
  }
  if (isSet(memory.limit)) add('memory', 'memory.max', orMax(memory.limit), 'memory/limit')
  if (isSet(memory.swap)) addSwap(memory, add)
  if (isSet(memory.reservation)) {
    add('memory', 'memory.low', orMax(memory.reservation), 'memory/reservation')
  }
}

// The specification counts memory and swap together, v2 counts swap alone.
function addSwap(memory: Memory, add: Add): void {
  const swap = BigInt(memory.swap!)
  const limit = BigInt(memory.limit ?? 0)
  if (swap < 0n) {
    add('memory', 'memory.swap.max', 'max', 'memory/swap')
    return
  }
  if (limit <= 0n) {
    throw new TsociError('BAD_CONFIG', 'cannot set memory.swap without memory.limit', {
      hint: 'memory.swap counts memory and swap together: set memory.limit, too',
    })
  }
  if (swap < limit) {
    throw new TsociError('BAD_CONFIG', 'memory.swap is below memory.limit', {
      hint: 'memory.swap counts memory and swap together: it is at least memory.limit',
    })
  }
  add('memory', 'memory.swap.max', swap - limit, 'memory/swap')
}

/** cpu.weight of v1's cpu.shares: 2 is 1, 1024 is 100, 262144 is 10000, a smooth curve between. */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262144) return 10000
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}

function addCpu(cpu: Cpu, add: Add): void {
  if (isSet(cpu.realtimeRuntime) || isSet(cpu.realtimePeriod)) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set cpu.realtimeRuntime on cgroup v2', {
      hint: 'remove realtimeRuntime and realtimePeriod: only cgroup v1 has them',
    })
  }
  if (isSet(cpu.idle)) add('cpu', 'cpu.idle', cpu.idle, 'cpu/idle')
  else if (isSet(cpu.shares)) add('cpu', 'cpu.weight', cpuWeight(cpu.shares), 'cpu/shares')
  if (isSet(cpu.quota) || isSet(cpu.period)) {
    const quota = isSet(cpu.quota) && cpu.quota > 0 ? cpu.quota : 'max'
    const period = isSet(cpu.period) ? cpu.period : 100000
    add('cpu', 'cpu.max', `${quota} ${period}`, 'cpu/quota')
  }
  if (isSet(cpu.burst)) add('cpu', 'cpu.max.burst', cpu.burst, 'cpu/burst')
  if (cpu.cpus) add('cpuset', 'cpuset.cpus', cpu.cpus, 'cpu/cpus')
  if (cpu.mems) add('cpuset', 'cpuset.mems', cpu.mems, 'cpu/mems')
}

/** io.weight (1 to 10000) of a blkio weight (10 to 1000). */
const ioWeight = (weight: number) => Math.floor(1 + ((weight - 10) * 9999) / 990)

function addBlockIo(blockIo: BlockIo, add: Add): void {
  if (isSet(blockIo.weight)) {
    add('io', 'io.weight', `default ${ioWeight(blockIo.weight)}`, 'blockIO/weight')
  }
  blockIo.weightDevice?.forEach(({ major, minor, weight }, i) => {
    if (!isSet(weight)) return
    add('io', 'io.weight', `${major}:${minor} ${ioWeight(weight)}`, `blockIO/weightDevice/${i}`)
  })
  const throttles = [
    ['throttleReadBpsDevice', 'rbps'],
    ['throttleWriteBpsDevice', 'wbps'],
    ['throttleReadIOPSDevice', 'riops'],
    ['throttleWriteIOPSDevice', 'wiops'],
  ] as const
  for (const [key, word] of throttles) {
    blockIo[key]?.forEach(({ major, minor, rate }, i) => {
      add('io', 'io.max', `${major}:${minor} ${word}=${rate}`, `blockIO/${key}/${i}`)
    })
  }
}
