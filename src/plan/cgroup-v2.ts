// Plans linux.resources as cgroup v2 files (kernel: admin-guide/cgroup-v2).

import { TsociError } from '../errors.ts'
import type { BlockIo, Config, Cpu, Memory } from '../spec/config.ts'
import { memoryAnnotations } from './cgroup-annotations.ts'
import { addBurstAndIdle } from './cgroup-v1.ts'
import {
  type Add,
  addRdma,
  type CgroupValue,
  isSet,
  listValues,
  refuseSwapBelow,
} from './cgroup-value.ts'
import { isIdle } from './cpu-idle.ts'

/** Values in the order in which the kernel takes them; `unified` last, so that it wins. */
export function planV2Values(config: Config): CgroupValue[] {
  const { values, add } = listValues()
  const resources = config.linux?.resources ?? {}
  if (resources.memory !== undefined) addMemory(resources.memory, add)
  for (const { name, file, value } of memoryAnnotations(config)) {
    values.push({ controller: 'memory', file, value, at: `/annotations/${name}` })
  }
  if (resources.cpu !== undefined) addCpu(resources.cpu, isIdle(resources), add)
  const pids = resources.pids?.limit
  if (isSet(pids)) add('pids', 'pids.max', pids < 0 ? 'max' : pids, 'pids/limit')
  if (resources.blockIO !== undefined) addBlockIo(resources.blockIO, add)
  resources.hugepageLimits?.forEach(({ pageSize, limit }, i) => {
    const at = `hugepageLimits/${i}`
    add('hugetlb', `hugetlb.${pageSize}.max`, limit, at)
    // Reservations are counted since Linux 5.7.
    add('hugetlb', `hugetlb.${pageSize}.rsvd.max`, limit, at, { optional: true })
  })
  if (isSet(resources.network?.classID) || (resources.network?.priorities?.length ?? 0) > 0) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set linux.resources.network on cgroup v2', {
      at: '/linux/resources/network',
      hint: 'remove network.classID and network.priorities: only cgroup v1 has them',
    })
  }
  addRdma(resources.rdma, add)
  for (const [file, value] of Object.entries(resources.unified ?? {})) {
    if (file !== 'cpu.weight' || !isIdle(resources)) addUnified(file, value, add)
  }
  return values
}

function addUnified(file: string, value: string, add: Add): void {
  const [controller, parameter] = file.split('.')
  if (!controller || !parameter) {
    throw new TsociError('BAD_CONFIG', `cannot set unified "${file}": not CONTROLLER.PARAMETER`, {
      at: `/linux/resources/unified/${file}`,
      hint: 'name a file of cgroup v2, such as memory.high',
    })
  }
  // One line, one write: some files take no more.
  for (const line of value.split('\n')) {
    if (line !== '') add(controller, file, line, `unified/${file}`)
  }
}

const orMax = (value: number | bigint) => (value < 0 ? 'max' : value)

function addMemory(memory: Memory, add: Add): void {
  if (isSet(memory.swap) || isSet(memory.limit)) addSwap(memory, add)
  if (isSet(memory.limit)) add('memory', 'memory.max', orMax(memory.limit), 'memory/limit')
  if (isSet(memory.reservation)) {
    add('memory', 'memory.low', orMax(memory.reservation), 'memory/reservation')
  }
}

/**
 * The specification counts memory and swap together, v2 counts swap alone. Without a limit of memory
 * there is nothing to take off. A kernel that counts no swap has nothing to lift or to forbid.
 */
function addSwap(memory: Memory, add: Add): void {
  const swap = BigInt(memory.swap ?? 0)
  const limit = BigInt(memory.limit ?? 0)
  const write = (value: bigint | 'max', at: string) => {
    const optional = value === 'max' || value === 0n
    add('memory', 'memory.swap.max', value, at, optional ? { optional } : {})
  }
  if (swap === 0n) {
    if (limit < 0n) write('max', 'memory/limit')
    return
  }
  if (swap < 0n) {
    write('max', 'memory/swap')
    return
  }
  if (limit === 0n) {
    throw new TsociError('BAD_CONFIG', 'cannot set memory.swap without memory.limit', {
      at: '/linux/resources/memory/swap',
      hint: 'memory.swap counts memory and swap together: set memory.limit, too',
    })
  }
  refuseSwapBelow(limit, swap)
  write(limit < 0n ? swap : swap - limit, 'memory/swap')
}

/** cpu.weight of v1's cpu.shares: 2 is 1, 1024 is 100, 262144 is 10000, a smooth curve between. */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262144) return 10000
  const l = Math.log2(shares)
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34))
}

function addCpu(cpu: Cpu, idle: boolean, add: Add): void {
  if (isSet(cpu.realtimeRuntime) || isSet(cpu.realtimePeriod)) {
    throw new TsociError('NOT_SUPPORTED', 'cannot set limits of real time on cgroup v2', {
      at: `/linux/resources/cpu/${isSet(cpu.realtimeRuntime) ? 'realtimeRuntime' : 'realtimePeriod'}`,
      hint: 'remove realtimeRuntime and realtimePeriod: only cgroup v1 has them',
    })
  }
  if (isSet(cpu.quota) || isSet(cpu.period)) {
    const quota = isSet(cpu.quota) && cpu.quota > 0 ? cpu.quota : 'max'
    const period = isSet(cpu.period) ? cpu.period : 100000
    const at = isSet(cpu.quota) ? 'cpu/quota' : 'cpu/period'
    add('cpu', 'cpu.max', `${quota} ${period}`, at)
  }
  addBurstAndIdle(cpu, add, 'cpu.max.burst')
  if (isSet(cpu.shares) && !idle) {
    add('cpu', 'cpu.weight', cpuWeight(cpu.shares), 'cpu/shares')
  }
  if (cpu.cpus) add('cpuset', 'cpuset.cpus', cpu.cpus, 'cpu/cpus')
  if (cpu.mems) add('cpuset', 'cpuset.mems', cpu.mems, 'cpu/mems')
}

/** io.weight (1 to 10000) of a blkio weight (10 to 1000). */
const ioWeight = (weight: number) => Math.floor(1 + ((weight - 10) * 9999) / 990)

function addBlockIo(blockIo: BlockIo, add: Add): void {
  // The BFQ scheduler counts as v1 does; where it is not there, io.weight is.
  if (isSet(blockIo.weight)) {
    const otherwise = { file: 'io.weight', value: `default ${ioWeight(blockIo.weight)}` }
    add('io', 'io.bfq.weight', blockIo.weight, 'blockIO/weight', { otherwise, key: 'default' })
  }
  blockIo.weightDevice?.forEach(({ major, minor, weight }, i) => {
    if (!isSet(weight)) return
    const key = `${major}:${minor}`
    const otherwise = { file: 'io.weight', value: `${key} ${ioWeight(weight)}` }
    const more = { otherwise, key, reset: `${key} default` }
    add('io', 'io.bfq.weight', `${key} ${weight}`, `blockIO/weightDevice/${i}`, more)
  })
  const throttles = [
    ['throttleReadBpsDevice', 'rbps'],
    ['throttleWriteBpsDevice', 'wbps'],
    ['throttleReadIOPSDevice', 'riops'],
    ['throttleWriteIOPSDevice', 'wiops'],
  ] as const
  for (const [name, word] of throttles) {
    blockIo[name]?.forEach(({ major, minor, rate }, i) => {
      const key = `${major}:${minor}`
      const more = { key, reset: `${key} rbps=max wbps=max riops=max wiops=max` }
      add(
        'io',
        'io.max',
        `${key} ${word}=${isSet(rate) ? rate : 'max'}`,
        `blockIO/${name}/${i}`,
        more,
      )
    })
  }
}
