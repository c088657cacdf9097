// Plans the later verbs at create time: what each will do is stored with the container.

import type { Config } from '../spec/config.ts'
import { type CgroupDir, findFreezer, freezerFile, planRemoveCgroups } from './cgroups.ts'
import { planHooks } from './hooks.ts'
import { makesNamespace } from './namespaces.ts'
import { planNetDevicesBack } from './net-devices.ts'
import type { NotifySteps } from './notify.ts'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { planState, STATE_DIR } from './state-files.ts'
import type { Step } from './step.ts'
import type { Unit } from './systemd.ts'
import { slot, text } from './text.ts'

/** Section `undo`, and one for each verb. */
export function planVerbs(
  config: Config,
  options: Pick<PlanOptions, 'rootfs'>,
  cgroups: readonly CgroupDir[],
  notify: NotifySteps,
  /** What else stands outside of the container and goes with it. */
  others: readonly Step[] = [],
  unit?: Unit,
): Omit<Plan, 'prepare' | 'clone' | 'parent' | 'child' | 'launch' | 'after'> {
  const freezer = freezerFile(cgroups)
  const v1 = findFreezer(cgroups)?.hierarchy.line !== -1
  const members = findFreezer(cgroups)?.dir ?? cgroups[0]?.dir
  const dirs = members === undefined ? [] : [members]
  const number = text`${slot('signal')}`
  // A launch that fails, a start that a hook fails, delete: a container has one end.
  const end: Step[] = [
    { op: 'kill-init' },
    ...planRemoveCgroups(cgroups, unit),
    ...others,
    ...planHooks(config, 'poststop', 'stopped'),
    { op: 'remove-state', dir: STATE_DIR },
  ]
  return {
    undo: [...planNetDevicesBack(config), ...end],
    state: planState(config, options, freezer),
    start:
      config.process === undefined
        ? [{ op: 'no-process', at: '/process' }]
        : [
            ...notify.listen,
            { op: 'open-gate', path: 'exec.fifo' },
            ...planHooks(config, 'poststart', 'running'),
            ...notify.wait,
          ],
    kill: [
      {
        op: 'signal',
        number,
        thaw: v1 ? freezer : '',
        // The first process of a pid namespace takes the others with it.
        killDirs: makesNamespace(config, 'pid') ? [] : dirs,
      },
    ],
    'kill-all': [{ op: 'signal-all', number, freezer, dirs }],
    pause: [{ op: 'freeze', file: freezer, value: v1 ? 'FROZEN' : '1' }],
    resume: [{ op: 'freeze', file: freezer, value: v1 ? 'THAWED' : '0' }],
    delete: end,
  }
}
