// Plans who is who: the maps of a user namespace.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { CAPABILITIES } from '../linux/capabilities.ts'
import type { Config, IdMapping } from '../spec/config.ts'
import { isOn } from '../spec/rules-annotations.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

/**
 * The id mappings. A new user namespace without any maps its root to the caller, for one where nobody
 * has an id can hold no file.
 */
export function mapsOf(config: Config, host: HostFacts): Record<'uids' | 'gids', IdMapping[]> {
  const { uidMappings: uids = [], gidMappings: gids = [] } = config.linux ?? {}
  if (!makesNamespace(config, 'user')) return { uids, gids }
  const own = (hostID: number) => [{ containerID: 0, hostID, size: 1 }]
  return {
    uids: uids.length > 0 ? uids : own(host.user.euid),
    gids: gids.length > 0 ? gids : own(host.user.egid),
  }
}

/** How the maps get written. */
export type MapWriter = 'kernel' | 'tools' | 'self'

/** Has the caller this capability where it stands? */
export function hasCapability(host: HostFacts, name: keyof typeof CAPABILITIES): boolean {
  return ((host.user.capabilities >> BigInt(CAPABILITIES[name])) & 1n) === 1n
}

/** Is the caller without power over the host: no root, or root of a user namespace only? */
export function isRootless(host: HostFacts): boolean {
  return host.user.euid !== 0 || !host.user.inInitialUserNamespace
}

function isOwnIdAlone(maps: readonly IdMapping[], own: number): boolean {
  return maps.length === 1 && maps[0]!.size === 1 && maps[0]!.hostID === own
}

/** Who may write the maps of the config (user_namespaces(7)). */
export function chooseMapWriter(config: Config, host: HostFacts): MapWriter {
  if (hasCapability(host, 'CAP_SETUID') && hasCapability(host, 'CAP_SETGID')) return 'kernel'
  const { uids, gids } = mapsOf(config, host)
  if (isOwnIdAlone(uids, host.user.euid) && isOwnIdAlone(gids, host.user.egid)) return 'self'
  return 'tools'
}

/** May we set the groups of a process of the container? Not where it keeps the caller's. */
export function maySetGroups(config: Config, host: HostFacts): boolean {
  if (isOn(config, 'run.oci.keep_original_groups')) return false
  if (!host.user.maySetGroups) return false
  return !makesNamespace(config, 'user') || chooseMapWriter(config, host) !== 'self'
}

/** Lines for /proc/PID/uid_map. */
export const mapText = (maps: readonly IdMapping[]) =>
  maps.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join('')

/** Parent's steps that map the ids of a new user namespace; none without one. */
export function planIdMaps(config: Config, host: HostFacts): Step[] {
  if (!makesNamespace(config, 'user')) return []
  refuseHalfMaps(config, host)
  const { uids, gids } = mapsOf(config, host)
  const writer = chooseMapWriter(config, host)
  if (writer === 'tools') requireTools(host)
  return [
    {
      op: 'id-map',
      at: '/linux/uidMappings',
      uidMap: mapText(uids),
      gidMap: mapText(gids),
      uidTool: writer === 'tools' ? host.user.newuidmap! : '',
      gidTool: writer === 'tools' ? host.user.newgidmap! : '',
      setgroups: writer === 'self' ? 0 : 1,
    },
  ]
}

/** Beside a range of users the caller's own group is a guess. */
function refuseHalfMaps({ linux }: Config, { user }: HostFacts): void {
  const { uidMappings = [], gidMappings = [] } = linux ?? {}
  if (uidMappings.length > 0 === gidMappings.length > 0) return
  if (
    isOwnIdAlone([...uidMappings, ...gidMappings], uidMappings.length > 0 ? user.euid : user.egid)
  )
    return
  const missing = uidMappings.length > 0 ? 'gidMappings' : 'uidMappings'
  throw new TsociError('BAD_CONFIG', `cannot make a user namespace without ${missing}`, {
    at: '/linux',
    hint: `add linux.${missing}: the ids that the other list maps are not the caller's own`,
  })
}

function requireTools(host: HostFacts): void {
  if (host.user.newuidmap !== undefined && host.user.newgidmap !== undefined) return
  throw new TsociError(
    'NOT_SUPPORTED',
    'cannot map more than your own user and group without newuidmap and newgidmap',
    {
      at: '/linux/uidMappings',
      hint: 'install them (package uidmap or shadow), or map only your own ids with size 1',
    },
  )
}

/** Child's step that makes it root of its user namespace; none without one. */
export function planBecomeRoot(config: Config, host: HostFacts): Step[] {
  if (!hasNamespace(config, 'user')) return []
  const flags = groupFlags(config, host)
  return [{ op: 'become-root', at: '/linux/uidMappings', flags }]
}

/** The same for the init, which may have to be open to later calls of an ordinary user. */
export function planInitRoot(config: Config, host: HostFacts): Step[] {
  const open = isAlone(config) && !hasCapability(host, 'CAP_SYS_PTRACE')
  return planBecomeRoot(config, host).map((step) =>
    step.op === 'become-root' && open
      ? { ...step, flags: Number(step.flags) | STEP_FLAGS.ROOT_DUMPABLE }
      : step,
  )
}

/** Does the container share no namespace with another, so that nobody in it may trace its init? */
export function isAlone(config: Config): boolean {
  const namespaces = config.linux?.namespaces ?? []
  return makesNamespace(config, 'user') && namespaces.every(({ path }) => path === undefined)
}

function groupFlags(config: Config, host: HostFacts): number {
  if (!maySetGroups(config, host)) return STEP_FLAGS.ROOT_NO_GROUPS
  // Whether a namespace that somebody else made allows setgroups shows only inside.
  const joined = !makesNamespace(config, 'user')
  return joined && isRootless(host) ? STEP_FLAGS.ROOT_GROUPS_IF_ALLOWED : 0
}
