// One value for one cgroup file.

import { TsociError } from '../errors.ts'

/** A file of a cgroup and what is written to it. */
export interface CgroupWrite {
  readonly file: string
  readonly value: string
}

/** `at` is the JSON pointer of the property that asks for it. */
export interface CgroupValue extends CgroupWrite {
  readonly controller: string
  readonly at: string
  /** Written when the kernel does not have `file`: another scheduler's, another version's. */
  readonly otherwise?: CgroupWrite
  /** A kernel without the file has nothing there to limit. */
  readonly optional?: true
  /** The file has a line for each of these (a device, an interface); this value is for one. */
  readonly key?: string
  /** What takes a value of a key back that had none before. */
  readonly reset?: string
}

export type More = Pick<CgroupValue, 'otherwise' | 'optional' | 'key' | 'reset'>

/** Adds a value; `at` is relative to linux.resources. */
export type Add = (
  controller: string,
  file: string,
  value: number | bigint | string,
  at: string,
  more?: More,
) => void

/** A list of values, and what adds to it. */
export function listValues(): { values: CgroupValue[]; add: Add } {
  const values: CgroupValue[] = []
  const add: Add = (controller, file, value, at, more) => {
    values.push({ controller, file, value: String(value), at: `/linux/resources/${at}`, ...more })
  }
  return { values, add }
}

/** Zero and absent both mean unset, as callers send them. */
export function isSet(value: number | bigint | null | undefined): value is number | bigint {
  return value !== undefined && value !== null && value !== 0 && value !== 0n
}

/** Memory and swap are counted together: that can't be less than memory alone. */
export function refuseSwapBelow(limit: number | bigint, swap: number | bigint): void {
  if (limit <= 0 || swap <= 0 || BigInt(swap) >= BigInt(limit)) return
  throw new TsociError('BAD_CONFIG', `memory.swap ${swap} is below memory.limit ${limit}`, {
    at: '/linux/resources/memory/swap',
    hint: 'memory.swap counts memory and swap together: it is at least memory.limit',
  })
}

/** The limits of linux.resources.rdma, the same in both versions. */
export function addRdma(
  rdma: Readonly<Record<string, { hcaHandles?: number; hcaObjects?: number }>> | undefined,
  add: Add,
): void {
  for (const [device, { hcaHandles, hcaObjects }] of Object.entries(rdma ?? {})) {
    const words = [device]
    if (hcaHandles !== undefined) words.push(`hca_handle=${hcaHandles}`)
    if (hcaObjects !== undefined) words.push(`hca_object=${hcaObjects}`)
    const reset = `${device} hca_handle=max hca_object=max`
    add('rdma', 'rdma.max', words.join(' '), `rdma/${device}`, { key: device, reset })
  }
}
