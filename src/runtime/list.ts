// The containers below a root.

import { existsSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import type { State } from '../spec/config.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import {
  createdAt,
  damaged,
  deriveStatus,
  lacksPlan,
  listIds,
  readStoredState,
  unreadable,
} from '../state/container.ts'
import { checkId } from '../state/root.ts'
import type { ListOptions, RootOptions } from './options.ts'
import { ownerName, rootOf } from './slots.ts'

/** A container as `list` shows it. */
export interface ContainerSummary extends State {
  /** RFC 3339. */
  readonly created: string
  /** Name of the user who created it. */
  readonly owner: string
  readonly rootfs: string
}

/** The state of a container (runtime.md "State"). Throws TsociError NOT_FOUND. */
export async function state(id: string, options: RootOptions = {}): Promise<ContainerSummary> {
  checkId(id)
  return summarize(rootOf(options), id)
}

/** The ids of all containers below the root, in order. */
export function listNames(options: RootOptions = {}): string[] {
  const root = rootOf(options)
  // The default one is made with the first container; one that is named is expected to be there.
  if (options.root !== undefined && !existsSync(root)) {
    throw new TsociError('BAD_USAGE', `the directory "${root}" of --root does not exist`)
  }
  return listIds(root)
}

/** All containers below the root, by id. */
export async function list(options: ListOptions = {}): Promise<ContainerSummary[]> {
  const root = rootOf(options)
  const found: ContainerSummary[] = []
  for (const id of listNames(options)) {
    try {
      found.push(summarize(root, id))
      if (lacksPlan(root, id)) options.onUnreadable?.(withoutPlan(root, id))
    } catch (error) {
      const code = error instanceof TsociError ? error.code : ''
      if (code === 'NOT_FOUND') continue // deleted since the directory was read
      if (code !== 'BAD_STATE' || options.onUnreadable === undefined) throw error
      options.onUnreadable(error as TsociError)
    }
  }
  return found
}

const withoutPlan = (root: string, id: string) =>
  unreadable(id, `"${root}/${id}/plan" is missing (ENOENT)`, damaged(id))

function summarize(root: string, id: string): ContainerSummary {
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined) {
    const created = createdAt(root, id)
    const ociVersion = SPEC_VERSION
    return { ociVersion, id, pid: 0, status, bundle: '/', rootfs: '', created, owner: ownerName() }
  }
  const { bundle, rootfs, created, owner, annotations } = stored
  return {
    ociVersion: SPEC_VERSION,
    id,
    pid: status === 'stopped' ? 0 : stored.pid,
    status,
    bundle,
    rootfs,
    created,
    owner,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}
