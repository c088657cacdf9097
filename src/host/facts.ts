// All that the compile may know about this host, read once.

import { type CgroupFacts, readCgroupFacts } from './cgroups.ts'
import { type KernelFacts, readKernelFacts } from './kernel.ts'
import { type LsmFacts, readLsmFacts } from './lsm.ts'
import { readResctrl } from './resctrl.ts'
import { listSystemdSockets } from './systemd.ts'
import { readUserFacts, type UserFacts } from './user.ts'

export type { CgroupFacts, CgroupHierarchy, CgroupLayout } from './cgroups.ts'
export type { KernelFacts } from './kernel.ts'
export type { LsmFacts } from './lsm.ts'
export type { IdRange, UserFacts } from './user.ts'

export interface HostFacts {
  readonly user: UserFacts
  readonly kernel: KernelFacts
  readonly cgroups: CgroupFacts
  readonly lsm: LsmFacts
  /** Where resctrl is mounted. */
  readonly resctrl?: string | undefined
  /** Where our systemd listens: see host/systemd.ts. */
  readonly systemdSockets: readonly string[]
}

/** Reads the facts about this host and this process. Sync: it is on the path of `create`. */
export function readHostFacts(): HostFacts {
  const user = readUserFacts()
  return {
    user,
    kernel: readKernelFacts(),
    cgroups: readCgroupFacts(),
    lsm: readLsmFacts(),
    resctrl: readResctrl(),
    systemdSockets: listSystemdSockets(user, process.env),
  }
}
