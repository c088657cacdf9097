// Where systemd listens for us: the system's for root, that of his own session for anybody else.

import type { UserFacts } from './user.ts'

/**
 * The sockets to try in turn. `systemd:UID:PATH` is systemd's own, which needs no message bus to run;
 * `bus:UID:PATH` or `bus:UID:@NAME` is a bus that systemd is on. UID is ours, as they see it.
 */
export function listSystemdSockets(
  user: Pick<UserFacts, 'euid' | 'inInitialUserNamespace' | 'uidMap'>,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  if (user.euid === 0 && user.inInitialUserNamespace) {
    return ['systemd:0:/run/systemd/private', 'bus:0:/run/dbus/system_bus_socket']
  }
  const uid = outsideUid(user)
  const dir = environment.XDG_RUNTIME_DIR || `/run/user/${uid}`
  const bus = readBusAddress(environment.DBUS_SESSION_BUS_ADDRESS ?? '') ?? `${dir}/bus`
  return [`systemd:${uid}:${dir}/systemd/private`, `bus:${uid}:${bus}`]
}

// Root of a user namespace is somebody else outside.
function outsideUid({ euid, uidMap }: Pick<UserFacts, 'euid' | 'uidMap'>): number {
  const range = uidMap.find(({ inside, size }) => euid >= inside && euid < inside + size)
  return range === undefined ? euid : range.outside + euid - range.inside
}

/** The first UNIX socket of a list of addresses (D-Bus Specification, "Server Addresses"). */
function readBusAddress(addresses: string): string | undefined {
  for (const address of addresses.split(';')) {
    const match = /^unix:(?:.*,)?(path|abstract)=([^,]+)/.exec(address)
    if (match === null) continue
    const name = match[2]!.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    return match[1] === 'path' ? name : `@${name}`
  }
  return undefined
}
