// Plans the host's network devices that the container gets (config-linux.md "Network Devices").

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { hasCapability } from './ids.ts'
import { hasNamespace } from './namespaces.ts'
import type { Step } from './step.ts'

/** Has the config any? */
export function hasNetDevices(config: Config): boolean {
  return Object.keys(config.linux?.netDevices ?? {}).length > 0
}

/** Parent's steps, once the child's namespace is there. */
export function planNetDevices(config: Config, host: HostFacts): Step[] {
  if (!hasNetDevices(config)) return []
  if (!hasNamespace(config, 'network')) {
    throw new TsociError('BAD_CONFIG', 'cannot move network devices: no own network namespace', {
      at: '/linux/netDevices',
      hint: 'add {"type": "network"} to linux.namespaces, or remove linux.netDevices',
    })
  }
  if (!hasCapability(host, 'CAP_NET_ADMIN')) {
    throw new TsociError('NOT_SUPPORTED', 'an ordinary user can not move network devices', {
      at: '/linux/netDevices',
      hint: 'run as root, or remove linux.netDevices',
    })
  }
  return Object.entries(config.linux?.netDevices ?? {}).map(([device, { name }]) => ({
    op: 'net-device',
    at: `/linux/netDevices/${device.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    device,
    name: name || device,
  }))
}

/** Undo, while the executor that moved them lives. A later delete leaves them where they are. */
export function planNetDevicesBack(config: Config): Step[] {
  return hasNetDevices(config) ? [{ op: 'net-devices-back', at: '/linux/netDevices' }] : []
}
