// Plans capabilities: what is asked for, as far as this kernel and this caller can give it.

import type { HostFacts } from '../host/facts.ts'
import { CAPABILITIES } from '../linux/capabilities.ts'
import type { CapabilityName, Config } from '../spec/config.ts'
import { type Problem, warning } from '../spec/problem.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { Step } from './step.ts'

type Sets = NonNullable<NonNullable<Config['process']>['capabilities']>
type SetName = keyof Sets

const SETS: readonly SetName[] = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient']

/** All that a process of the container could have: in a user namespace everything. */
function grantable(config: Config, host: HostFacts): bigint {
  const known = (1n << BigInt(host.kernel.lastCapability + 1)) - 1n
  return hasNamespace(config, 'user') ? known : known & host.user.capabilities
}

function bitOf(name: CapabilityName): bigint {
  const number: number | undefined = CAPABILITIES[name]
  // The reader of config.json has warned of a name that is none.
  return number === undefined ? 0n : 1n << BigInt(number)
}

function bitsOf(names: readonly CapabilityName[] = []): bigint {
  let bits = 0n
  for (const name of names) bits |= bitOf(name)
  return bits
}

/** The sets of the config: one that is absent is empty, and so are all without process.capabilities. */
const setsOf = (config: Config): Sets => config.process?.capabilities ?? {}

/** Child, before it becomes the user. */
export function planBounding(config: Config): Extract<Step, { op: 'drop-bounding' }> {
  const at = '/process/capabilities/bounding'
  return { op: 'drop-bounding', at, keep: bitsOf(setsOf(config).bounding) }
}

/** Child, once it is the user. */
export function planCapabilities(
  config: Config,
  host: HostFacts,
): Extract<Step, { op: 'capabilities' }> {
  const sets = setsOf(config)
  const given = grantable(config, host)
  const permitted = bitsOf(sets.permitted) & given
  const inheritable = bitsOf(sets.inheritable) & given
  return {
    op: 'capabilities',
    at: '/process/capabilities',
    effective: bitsOf(sets.effective) & given,
    permitted,
    inheritable,
    // As findUnraised() says.
    ambient: bitsOf(sets.ambient) & inheritable & permitted,
  }
}

/** What the process does not get of what it asks for: a warning, and no failure (config.md). */
export function findUngranted(config: Config, host: HostFacts): Problem[] {
  const sets = setsOf(config)
  const given = grantable(config, host)
  const names = SETS.flatMap((set) => sets[set] ?? []).filter((name) => bitOf(name) & ~given)
  if (names.length === 0) return []
  const message = `not granted: ${[...new Set(names)].join(', ')}`
  const hint = makesNamespace(config, 'user')
    ? 'this kernel does not know them'
    : 'the caller does not hold them, or this kernel does not know them'
  return [warning(['process', 'capabilities'], message, { hint })]
}

/**
 * The kernel raises only what is inheritable and permitted, too (capabilities(7)): a warning. Many
 * configs name ambient ones and no inheritable at all; of those nobody expects more.
 */
export function findUnraised(config: Config): Problem[] {
  const { ambient = [], inheritable = [], permitted } = setsOf(config)
  if (inheritable.length === 0) return []
  const others = bitsOf(inheritable) & bitsOf(permitted)
  return ambient.flatMap((name, i) => {
    if ((bitOf(name) & ~others) === 0n) return []
    const message = `can't raise ambient capability ${name}: it is not inheritable and permitted`
    return [warning(['process', 'capabilities', 'ambient', i], message)]
  })
}
