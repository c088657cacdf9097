// Plans what security modules call things: the profile or label of the process, and of its mounts.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import type { Step } from './step.ts'
import { slot, text } from './text.ts'

/** File systems of the kernel: its policy labels them, and it refuses a label from us. */
const LABELLED_BY_POLICY = new Set(['proc', 'sysfs', 'cgroup', 'cgroup2'])

/**
 * Child: what the next exec turns it into. While it is privileged, since a module may deny the
 * change to others; hooks of startContainer are confined by it, too.
 */
export function planLabels({ process }: Config, host: HostFacts): Step[] {
  const steps: Step[] = []
  const { apparmorProfile: profile = '', selinuxLabel: label = '' } = process ?? {}
  if (profile !== '') {
    const at = '/process/apparmorProfile'
    if (!host.lsm.apparmor) throw isOff('AppArmor', 'profile', profile, at)
    steps.push({ op: 'apparmor', at, profile })
  }
  if (label !== '') {
    const at = '/process/selinuxLabel'
    if (!host.lsm.selinux) throw isOff('SELinux', 'label', label, at)
    steps.push({ op: 'selinux-exec', at, label })
  }
  return steps
}

/** Child: a session keyring of its own, labelled as the process will be. */
export function planKeyring({ process }: Config): Step {
  return { op: 'keyring', name: text`_ses.${slot('id')}`, label: process?.selinuxLabel ?? '' }
}

/**
 * linux.mountLabel; empty for none. Where SELinux is not enabled no mount has a label and nothing
 * asks for one: told by listIgnored(), and left out as mount(8) leaves out context=.
 */
export function mountLabel({ linux }: Config, host: HostFacts): string {
  return host.lsm.selinux ? (linux?.mountLabel ?? '') : ''
}

/** The steps with the label on each file system that they mount; what they bind keeps its own. */
export function labelMounts(steps: readonly Step[], label: string): Step[] {
  if (label === '') return [...steps]
  return steps.flatMap((step): Step[] => {
    if (step.op === 'mask-path') return [{ ...step, label }]
    if (step.op !== 'mount' || LABELLED_BY_POLICY.has(String(step.type))) return [step]
    // There is one of each ipc namespace already, and mounting it again can't change its label.
    if (step.type === 'mqueue') {
      return [step, { op: 'label-path', at: '/linux/mountLabel', path: step.target, label }]
    }
    return [{ ...step, options: [...step.options, `context=${label}`] }]
  })
}

function isOff(module: string, what: string, name: string, at: string): TsociError {
  return new TsociError(
    'NOT_SUPPORTED',
    `cannot apply ${what} "${name}": ${module} is not enabled on this host`,
    { at, hint: `remove it from config.json, or boot with ${module} enabled` },
  )
}
