// Makes the plan of a container anew that another version made: after an upgrade every verb goes on.

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readHostFacts } from '../host/facts.ts'
import { lockContainer } from '../launch/lock.ts'
import { encodeRequest, versionOf } from '../plan/encode.ts'
import { compileVerbs } from '../plan/renew.ts'
import {
  readPlainFile,
  readStoredState,
  requireOwnDirectory,
  type StoredState,
  storeFile,
} from '../state/container.ts'
import { jsonText, stopSignal } from './slots.ts'
import { readStoredConfig } from './stored-config.ts'

/**
 * True when the container has a plan of this version now. False when it has none that any version
 * made, or what a new one is made from can't be read: then what the verb has failed for holds.
 */
export async function renewPlan(root: string, id: string, deadline?: number): Promise<boolean> {
  const unlock = await lockContainer(root, id, deadline)
  try {
    const stored = readStoredState(root, id)
    const dir = join(root, id)
    const version = versionOf(readPlainFile(join(dir, 'plan')))
    if (version === 'this') return true // renewed by another verb meanwhile
    if (version === 'none' || stored === undefined) return false
    storeFile(dir, 'plan', compileRequest(root, id, stored))
    return true
  } catch {
    return false
  } finally {
    unlock()
  }
}

/**
 * Removes a plan of another version that can't be made anew: without any the executor finds by itself
 * what can be removed. False when there is none such, or the directory is not ours.
 */
export async function discardPlan(root: string, id: string, deadline?: number): Promise<boolean> {
  const unlock = await lockContainer(root, id, deadline)
  try {
    requireOwnDirectory(root, id)
    const file = join(root, id, 'plan')
    if (versionOf(readPlainFile(file)) !== 'another') return false
    rmSync(file)
    return true
  } catch {
    return false
  } finally {
    unlock()
  }
}

function compileRequest(root: string, id: string, stored: StoredState): Buffer {
  const { bundle, rootfs, created, owner, cgroups, systemd: unit } = stored
  const config = readStoredConfig(root, id)
  const notify = existsSync(join(root, id, 'notify'))
  const plan = compileVerbs({ config, host: readHostFacts(), rootfs, cgroups, unit, notify })
  return encodeRequest(plan, {
    id,
    root,
    bundle,
    'bundle-json': jsonText(bundle),
    'owner-json': jsonText(owner),
    created,
    signal: stopSignal(config),
  })
}
