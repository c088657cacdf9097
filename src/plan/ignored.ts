// What a config asks for and this host has nothing for, though engines send it all the same: told as
// a warning. What would change the container is refused where it is planned.

import type { HostFacts } from '../host/facts.ts'
import type { Config, Memory } from '../spec/config.ts'
import { type Problem, warning } from '../spec/problem.ts'
import { isSet } from './cgroup-value.ts'
import { findWeight, isIdle } from './cpu-idle.ts'
import { allowsAll, hasDeviceRules, listDeviceRules } from './device-rules.ts'
import { listBoundDevices, listUnmappedOwners } from './devices.ts'
import { isRootless } from './ids.ts'
import { makesNamespace } from './namespaces.ts'
import type { CgroupManager } from './options.ts'

const TOP = ['linux', 'resources'] as const

/** Warnings about properties that have no effect here. */
export function listIgnored(config: Config, host: HostFacts): Problem[] {
  const found = host.cgroups.layout === 'v2' ? listV1Only(config) : []
  if (isRootless(host) && hasDeviceRules(config)) {
    const message = 'device rules take privilege: not kept'
    const hint = 'in a user namespace only the devices of the container can be opened'
    found.push(warning([...TOP, 'devices'], message, { hint }))
  }
  for (const [i, { path, fileMode, uid, gid }] of listBoundDevices(config, host)) {
    if (fileMode === undefined && uid === undefined && gid === undefined) continue
    const message = `"${path}" keeps the mode and owner that it has on the host`
    const hint = 'only root of the host can make a device node: remove fileMode, uid and gid'
    found.push(warning(['linux', 'devices', i], message, { hint }))
  }
  for (const [i, key, id] of isRootless(host) ? [] : listUnmappedOwners(config)) {
    const { path } = config.linux!.devices![i]!
    const message = `${key} ${id} is not mapped: "${path}" belongs to nobody`
    found.push(warning(['linux', 'devices', i, key], message))
  }
  const weight = findWeight(config.linux?.resources ?? {})
  if (weight !== undefined && isIdle(config.linux!.resources!)) {
    const message = `unable to apply both idle and ${weight[1]}: what is idle has the least weight`
    found.push(warning([...TOP, ...weight], message))
  }
  if (config.linux?.mountLabel && !host.lsm.selinux) {
    const message = 'SELinux is not enabled on this host: mounts have no labels'
    found.push(warning(['linux', 'mountLabel'], message))
  }
  return found
}

/** Warnings about what goes with the cgroup: device control, and what kill and delete find processes by. */
export function listLoose(config: Config, host: HostFacts, manager: CgroupManager): Problem[] {
  // The cgroup that goes without saying is one that only root may make.
  const mayHaveCgroup =
    manager === 'systemd' || (manager === 'cgroupfs' && config.linux?.cgroupsPath !== undefined)
  const denied = config.linux?.resources?.devices?.length && !allowsAll(listDeviceRules(config))
  if (manager === 'disabled' && !isRootless(host) && denied && !hasDeviceRules(config)) {
    const message = 'not kept: the container has no cgroup'
    return [warning([...TOP, 'devices'], message)]
  }
  if (!isRootless(host) || mayHaveCgroup || makesNamespace(config, 'pid')) return []
  const message = 'without a pid namespace and a cgroup of its own, processes may outlive kill'
  const hint =
    'Such configuration is strongly discouraged: add {"type": "pid"}, or a linux.cgroupsPath that you may write'
  return [warning(['linux', 'namespaces'], message, { hint })]
}

function listV1Only(config: Config): Problem[] {
  const { memory = {}, blockIO = {} } = config.linux?.resources ?? {}
  const found: Problem[] = []
  const tell = (...path: (string | number)[]) => {
    found.push(warning([...TOP, ...path], 'only cgroup v1 has it: not set'))
  }
  for (const key of ['kernel', 'kernelTCP'] as const satisfies readonly (keyof Memory)[]) {
    const value = memory[key]
    if (isSet(value) && value >= 0) tell('memory', key)
  }
  if (memory.swappiness !== undefined) tell('memory', 'swappiness')
  if (memory.disableOOMKiller === true) tell('memory', 'disableOOMKiller')
  if (isSet(blockIO.leafWeight)) tell('blockIO', 'leafWeight')
  for (const [i, { leafWeight }] of (blockIO.weightDevice ?? []).entries()) {
    if (isSet(leafWeight)) tell('blockIO', 'weightDevice', i, 'leafWeight')
  }
  return found
}
