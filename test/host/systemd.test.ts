import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listSystemdSockets } from '../../src/host/systemd.ts'

const initial = [{ inside: 0, outside: 0, size: 4294967295 }]
const root = { euid: 0, inInitialUserNamespace: true, uidMap: initial }
const user = { euid: 1000, inInitialUserNamespace: true, uidMap: initial }
const mappedRoot = {
  euid: 0,
  inInitialUserNamespace: false,
  uidMap: [{ inside: 0, outside: 1001, size: 1 }],
}

const cases: [
  why: string,
  who: typeof user,
  environment: Record<string, string>,
  sockets: string[],
][] = [
  [
    "root has the system's, whatever his session is",
    root,
    { XDG_RUNTIME_DIR: '/run/user/0' },
    ['systemd:0:/run/systemd/private', 'bus:0:/run/dbus/system_bus_socket'],
  ],
  [
    "a user has that of his runtime directory's",
    user,
    { XDG_RUNTIME_DIR: '/run/me' },
    ['systemd:1000:/run/me/systemd/private', 'bus:1000:/run/me/bus'],
  ],
  [
    'without the variable the directory is the usual one',
    user,
    {},
    ['systemd:1000:/run/user/1000/systemd/private', 'bus:1000:/run/user/1000/bus'],
  ],
  [
    'root of a user namespace is who he is outside',
    mappedRoot,
    {},
    ['systemd:1001:/run/user/1001/systemd/private', 'bus:1001:/run/user/1001/bus'],
  ],
  [
    'the bus may be elsewhere',
    user,
    { DBUS_SESSION_BUS_ADDRESS: 'tcp:host=x;unix:guid=1,path=/a%20b' },
    ['systemd:1000:/run/user/1000/systemd/private', 'bus:1000:/a b'],
  ],
  [
    'the bus may have no file',
    user,
    { DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=/tmp/dbus-X,guid=1' },
    ['systemd:1000:/run/user/1000/systemd/private', 'bus:1000:@/tmp/dbus-X'],
  ],
]
for (const [why, who, environment, sockets] of cases) {
  test(`listSystemdSockets(): ${why}`, () => {
    assert.deepEqual(listSystemdSockets(who, environment), sockets)
  })
}
