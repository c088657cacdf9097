// Plans sd_notify(3): the container tells a socket of ours that it is ready, and we tell the caller's.

import type { HostFacts } from '../host/facts.ts'
import { MOUNT_ATTR } from '../linux/mounts.ts'
import type { Config } from '../spec/config.ts'
import { type BindStep, parentLends, planLend } from './mounts.ts'
import { makesNamespace } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import { STATE_DIR } from './state-files.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { text } from './text.ts'

/** Where the container finds the socket, as other runtimes have it. */
const TARGET = '/run/notify'

export const NOTIFY_SOCKET = `${TARGET}/notify.sock`

/** Does the caller wait for READY=1? Without mounts of its own a container has no place for it. */
export function notifies(config: Config, options: Pick<PlanOptions, 'notify'>): boolean {
  return options.notify === true && makesNamespace(config, 'mount')
}

/** Steps around the launch; all empty when nobody waits. */
export interface NotifySteps {
  readonly prepare: readonly Step[]
  /** Parent: what the child borrows. */
  readonly lend: readonly Step[]
  /** Child, after the other mounts. */
  readonly child: readonly Step[]
  /** Before the process runs. */
  readonly listen: readonly Step[]
  /** Once it runs: until it is ready, or has ended. */
  readonly wait: readonly Step[]
}

export const NO_NOTIFY: NotifySteps = { prepare: [], lend: [], child: [], listen: [], wait: [] }

export function planNotify(
  config: Config,
  host: HostFacts,
  options: Pick<PlanOptions, 'notify'>,
): NotifySteps {
  if (!notifies(config, options)) return NO_NOTIFY
  const lends = parentLends(config, host)
  const bind: BindStep = {
    op: 'bind',
    target: TARGET,
    source: text`${STATE_DIR}/notify`,
    set: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC,
    clear: 0,
    reset: 0,
    recursiveSet: 0,
    recursiveClear: 0,
    propagation: [],
    flags: lends ? STEP_FLAGS.MOUNT_BORROW : 0,
  }
  return {
    prepare: [{ op: 'notify-dir', path: 'notify' }],
    lend: lends ? [planLend(bind, undefined)] : [],
    child: [bind],
    listen: [{ op: 'notify-listen', path: 'notify/notify.sock' }],
    wait: [{ op: 'notify-wait' }],
  }
}
