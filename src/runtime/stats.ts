// What a container uses, as its cgroups count it. The names are those that callers of the peers'
// `events` read.

import { TsociError } from '../errors.ts'
import { readCgroupFacts } from '../host/cgroups.ts'
import { deriveStatus, readStoredState, type StoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import type { RootOptions } from './options.ts'
import { readIntelRdt } from './stats-intel-rdt.ts'
import { readV1Stats } from './stats-v1.ts'
import { readV2Stats } from './stats-v2.ts'

/** A count of the kernel's: a bigint beyond 2^53. */
export type Count = number | bigint

export interface MemoryEntry {
  readonly limit: Count
  readonly usage?: Count
  readonly max?: Count
  readonly failcnt: Count
}

/** Share of time in percent, and the total in microseconds. */
export interface PressureData {
  readonly avg10: number
  readonly avg60: number
  readonly avg300: number
  readonly total: Count
}

/** Pressure stall information: time in which some, or all, had to wait. */
export interface Pressure {
  readonly some?: PressureData
  readonly full?: PressureData
}

export interface BlkioEntry {
  readonly major?: Count
  readonly minor?: Count
  readonly op?: string
  readonly value?: Count
}

/** What is zero, or not counted on this host, is left out where it is optional. */
export interface Stats {
  readonly cpu: {
    readonly usage?: {
      /** Nanoseconds. */
      readonly total?: Count
      readonly percpu?: readonly Count[]
      readonly percpu_kernel?: readonly Count[]
      readonly percpu_user?: readonly Count[]
      readonly kernel: Count
      readonly user: Count
    }
    readonly throttling?: {
      readonly periods?: Count
      readonly throttledPeriods?: Count
      /** Nanoseconds. */
      readonly throttledTime?: Count
    }
    readonly psi?: Pressure
  }
  readonly cpuset: Readonly<Record<string, Count | readonly number[]>>
  readonly memory: {
    readonly cache?: Count
    readonly usage?: MemoryEntry
    /** Memory and swap together. */
    readonly swap?: MemoryEntry
    readonly kernel?: MemoryEntry
    readonly kernelTCP?: MemoryEntry
    readonly raw?: Readonly<Record<string, Count>>
    readonly psi?: Pressure
  }
  readonly pids: { readonly current?: Count; readonly limit?: Count }
  readonly blkio: Readonly<Record<string, readonly BlkioEntry[] | Pressure>>
  readonly hugetlb: Readonly<
    Record<string, { readonly usage?: Count; readonly max?: Count; readonly failcnt: Count }>
  >
  readonly intel_rdt: Readonly<Record<string, unknown>>
  readonly network_interfaces: null
}

/** What a container that has not stopped uses now. Throws TsociError NOT_FOUND, NOT_RUNNING. */
export function stats(id: string, options: RootOptions = {}): Stats {
  const root = options.root ?? defaultRoot()
  return readStats(root, requireAlive(root, id))
}

/** The stored state of a container that has not stopped. */
export function requireAlive(root: string, id: string): StoredState {
  checkId(id)
  const stored = readStoredState(root, id)
  if (stored === undefined || deriveStatus(root, stored, id) === 'stopped') {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}"`)
  }
  return stored
}

/** Reads them whatever the status is. */
export function readStats(root: string, { id, cgroups }: StoredState): Stats {
  const { layout, v1 } = readCgroupFacts()
  const counted = layout === 'v2' ? readV2Stats(cgroups[0]) : readV1Stats(v1, cgroups)
  return { ...counted, intel_rdt: readIntelRdt(root, id), network_interfaces: null }
}
