// Compiles changes of the mounts of a running container: one more, or some less.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config, Mount } from '../spec/config.ts'
import { hasCapability, planBecomeRoot } from './ids.ts'
import { destinationOf, planMounts } from './mounts.ts'
import { hasNamespace, planJoinInit } from './namespaces.ts'
import type { Plan } from './plan.ts'
import type { Step } from './step.ts'
import { STAGES, STEP_FLAGS } from './step.ts'

export interface ChangeInput {
  /** The container's. */
  readonly config: Config
  readonly host: HostFacts
}

/** Mounts one more. `index` is its place in what the caller gave, for the words of an error. */
export function compileAddMount(input: ChangeInput, mount: Mount, index: number): Plan {
  const { config, host } = input
  const at = `/mounts/${index}`
  const refuse = (what: string) => {
    return new TsociError('NOT_SUPPORTED', `cannot mount ${what} in a running container`, {
      at,
      hint: 'have it among the mounts of config.json',
    })
  }
  if (mount.type === 'cgroup' || mount.type === 'cgroup2') throw refuse('cgroups')
  // What runs would not see it, and whoever comes later nothing else.
  if (destinationOf(mount) === '/') throw refuse('over the root')
  if (mount.options?.includes('copy-symlink') === true) throw refuse('with copy-symlink')
  const steps = planMounts({ ...config, mounts: [mount] }, host, [], () => true)
  if (steps.lend.length > 0 && !hasCapability(host, 'CAP_SYS_ADMIN'))
    throw refuse('what is outside')
  // The map is made by a process that those of the container could trace.
  const isMapped = (step: Step) =>
    step.op === 'mount' && (Number(step.flags) & STEP_FLAGS.MOUNT_IDMAP) !== 0
  if (steps.child.some(isMapped)) throw refuse('a new file system with mapped ids')
  // The kernel locks flags where it copies a mount namespace, and this copy comes later.
  const locked = hasNamespace(config, 'user') ? STEP_FLAGS.LEND_LOCKED : 0
  const lend = steps.lend.map((step) =>
    step.op === 'lend-tree'
      ? { ...step, flags: Number(step.flags) | STEP_FLAGS.LEND_HOST | locked }
      : step,
  )
  const name = (step: Step): Step => (step.at === '/mounts/0' ? { ...step, at } : step)
  return compileInside(input, lend.map(name), [...steps.child, ...steps.afterDevices].map(name))
}

/** Unmounts what stands on the destinations, the last one first. */
export function compileRemoveMounts(input: ChangeInput, mounts: readonly Mount[]): Plan {
  const steps = mounts.map((mount, i): Step => {
    return { op: 'unmount', at: `/mounts/${i}`, target: destinationOf(mount) }
  })
  return compileInside(input, [], steps.reverse())
}

/** A child in the container's mounts carries out the steps, and ends. */
function compileInside({ config, host }: ChangeInput, lend: Step[], steps: Step[]): Plan {
  if (!hasNamespace(config, 'mount')) {
    throw new TsociError('NOT_SUPPORTED', 'the container has the mounts of the host', {
      hint: 'only a container with a mount namespace has mounts of its own',
    })
  }
  const namespaces = (config.linux?.namespaces ?? []).filter(({ type }) =>
    /^(mount|user)$/.test(type),
  )
  return {
    clone: planJoinInit({ ...config, linux: { namespaces } }),
    parent: [
      { op: 'release', stage: STAGES.joined },
      ...lend,
      { op: 'expect', stage: STAGES.ready },
    ],
    child: [
      { op: 'await', stage: STAGES.joined },
      ...planBecomeRoot(config, host),
      { op: 'rootfs', path: '/', flags: STEP_FLAGS.ROOTFS_NO_BIND },
      ...steps,
      { op: 'report', stage: STAGES.ready },
    ],
  }
}
