// The device rules of a container: nothing is allowed but what a rule allows.

import type { Config } from '../spec/config.ts'

/**
 * A rule; without major or minor it is about all. The type `a` is for every access to every device,
 * and no less: cgroup v1 reads no further than the letter.
 */
export interface DeviceAccess {
  readonly allow: boolean
  readonly type: 'a' | 'b' | 'c'
  readonly major?: number
  readonly minor?: number
  /** Some of `rwm`. */
  readonly access: string
}

const DENY_ALL: DeviceAccess = { allow: false, type: 'a', access: 'rwm' }

/** What every container may use: making any node, the default devices, its own terminals. */
const DEFAULTS: readonly DeviceAccess[] = [
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' }, // null
  { allow: true, type: 'c', major: 1, minor: 5, access: 'rwm' }, // zero
  { allow: true, type: 'c', major: 1, minor: 7, access: 'rwm' }, // full
  { allow: true, type: 'c', major: 1, minor: 8, access: 'rwm' }, // random
  { allow: true, type: 'c', major: 1, minor: 9, access: 'rwm' }, // urandom
  { allow: true, type: 'c', major: 5, minor: 0, access: 'rwm' }, // tty
  { allow: true, type: 'c', major: 5, minor: 2, access: 'rwm' }, // ptmx
  { allow: true, type: 'c', major: 136, access: 'rwm' }, // pts
]

/**
 * The rules in order; the last that fits decides. The first denies everything, whatever the config
 * says: a list without a denial would allow all (GHSA-g54h-m393-cpwq).
 */
export function listDeviceRules(config: Config): DeviceAccess[] {
  const rules: DeviceAccess[] = [DENY_ALL]
  for (const rule of config.linux?.resources?.devices ?? []) {
    const type = rule.type === undefined || rule.type === '' ? 'a' : rule.type
    const major = numberOrAll(rule.major)
    const minor = numberOrAll(rule.minor)
    // Peers take the letter `a`, for which there is no access.
    const access = (rule.access || 'rwm').replace('a', '')
    const isWhole = major === undefined && minor === undefined && isAllAccess(access)
    if (type === 'a' && isWhole && !rule.allow) {
      rules.length = 1 // nothing that was said before counts
      continue
    }
    const types = type !== 'a' ? [type] : isWhole ? (['a'] as const) : (['c', 'b'] as const)
    const numbers = {
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
    }
    rules.push(...types.map((it) => ({ allow: rule.allow, type: it, access, ...numbers })))
  }
  // Nodes that the config makes can be used by whom the config lets use them: only defaults here.
  return [...rules, ...DEFAULTS]
}

/** Is everything allowed, so that there is nothing to keep? */
export function allowsAll(rules: readonly DeviceAccess[]): boolean {
  const last = rules.findLast(({ type }) => type === 'a')
  return last?.allow === true && rules.every(({ allow }, i) => allow || i < rules.indexOf(last))
}

/** Are there rules that matter? Every engine denies all devices first; that alone is no news. */
export function hasDeviceRules(config: Config): boolean {
  const rules = listDeviceRules(config)
  const own = rules.slice(1, -DEFAULTS.length)
  return own.length > 0 && !allowsAll(rules)
}

// -1 stands for all (config-linux.md).
const numberOrAll = (value: number | undefined) =>
  value === undefined || value < 0 ? undefined : value

const isAllAccess = (access: string) => [...'rwm'].every((letter) => access.includes(letter))
