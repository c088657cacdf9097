// The processes of a container.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { deriveStatus, readStoredState, type StoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import type { RootOptions } from './options.ts'

/** Pids of all processes of a container as this host sees them, in ascending order. */
export function processes(id: string, options: RootOptions = {}): number[] {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  if (stored === undefined || deriveStatus(root, stored, id) === 'stopped') return []
  const found = stored.cgroups.length > 0 ? membersOf(stored.cgroups) : []
  return (found.length > 0 ? found : sharingPidNamespace(stored)).sort((a, b) => a - b)
}

/** Members of the first hierarchy that has any, sub-cgroups included. */
function membersOf(cgroups: readonly string[]): number[] {
  for (const dir of cgroups) {
    const pids = readMembers(dir)
    if (pids.length > 0) return pids
  }
  return []
}

function readMembers(dir: string): number[] {
  try {
    const own = readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)
    const below = readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => readMembers(join(dir, entry.name)))
    return [...own.map(Number), ...below]
  } catch {
    return [] // gone meanwhile, or never made: an ordinary user may have no cgroup
  }
}

/** Without a cgroup: whoever is in the init's pid namespace. */
function sharingPidNamespace({ pid }: StoredState): number[] {
  const namespaceOf = (of: string) => {
    try {
      return readlinkSync(`/proc/${of}/ns/pid`)
    } catch {
      return undefined
    }
  }
  const own = namespaceOf(String(pid))
  if (own === undefined || own === namespaceOf('self')) return [pid]
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && namespaceOf(name) === own)
    .map(Number)
}
