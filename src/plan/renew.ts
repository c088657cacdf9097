// Compiles what the later verbs do with a container that another version made. Its plan can't be read
// any more, but what that was made from can.

import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { findCgroups } from './cgroups.ts'
import { planRemoveResctrl } from './intel-rdt.ts'
import { planNotify } from './notify.ts'
import type { Plan } from './plan.ts'
import type { Unit } from './systemd.ts'
import { planVerbs } from './verbs.ts'

/** What was stored with the container. */
export interface RenewInput {
  readonly config: Config
  readonly host: HostFacts
  /** Absolute. */
  readonly rootfs: string
  /** Its directory in each hierarchy. */
  readonly cgroups: readonly string[]
  readonly unit?: Unit | undefined
  /** Whoever created it waits for READY=1. */
  readonly notify: boolean
}

/** The sections of the later verbs. Without those of `exec`, which is compiled each time, then. */
export function compileVerbs({ config, host, rootfs, cgroups, unit, notify }: RenewInput): Plan {
  return planVerbs(
    config,
    { rootfs },
    findCgroups(cgroups, host),
    planNotify(config, host, { notify }),
    planRemoveResctrl(config, host),
    unit,
  )
}
