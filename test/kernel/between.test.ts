// What takes a process between: namespaces to join, or offsets of a new time namespace, each with a
// user namespace, as root and as an ordinary user. The process is hidden from the namespaces it joins.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Namespace } from '../../src/spec/config.ts'
import {
  type Change,
  draft,
  ORDINARY_USER,
  type Site,
  setNamespaces,
  whyNot,
  whyNotRootless,
} from './container.ts'
import { openOrdinarySite, rootlessDraft } from './rootless.ts'

const RANGE = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = RANGE
  config.linux.gidMappings = RANGE
}

/** Makes a bundle that is the caller's, and carries out a verb with it. */
function call(site: Site, user: number, verb: string[], args: string[], change: Change): string {
  const base = user === 0 ? draft(args) : rootlessDraft(args)
  const bundle = site.bundle(change, base)
  spawnSync('chown', ['-hR', `${user}:${user}`, bundle])
  const id = site.id()
  const options = user === 0 ? {} : { user, cwd: site.dir }
  const stdio = verb.includes('--detach') ? { stdio: 'ignore' as const } : {}
  const out = site.ok([...verb, '--bundle', bundle, id], { ...options, ...stdio })
  return verb.includes('--detach') ? id : out
}

const users = [
  ['root', 0, whyNot()],
  ['an ordinary user', ORDINARY_USER, whyNotRootless()],
] as const

for (const [who, user, skip] of users) {
  const base: Change = user === 0 ? mapped : () => {}
  const joined: [what: string, change: (pid: number) => Change][] = [
    ['a new user namespace', () => base],
    [
      'a joined one',
      (pid) => (config) => {
        setNamespaces(config, { type: 'user', path: `/proc/${pid}/ns/user` })
        delete config.linux.uidMappings
        delete config.linux.gidMappings
      },
    ],
  ]
  for (const [what, change] of joined) {
    test(`${who} gives a new time namespace its offsets, with ${what}`, { skip }, (t) => {
      const site = openOrdinarySite(t)
      const id = call(site, user, ['run', '--detach'], ['sleep', '1000'], base)
      const { pid } = site.stored(id)
      const time: Namespace = { type: 'time' }
      const out = call(site, user, ['run'], ['cat', '/proc/uptime'], (config) => {
        change(pid)(config)
        setNamespaces(config, time)
        config.linux.timeOffsets = { boottime: { secs: 1_000_000 } }
      })
      const host = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
      assert.ok(Math.abs(Number(out.split(' ')[0]) - host - 1_000_000) < 60, out)
    })
  }
}
