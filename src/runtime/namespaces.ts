// The namespaces of this host as far as containers are in them: who is in, who owns them.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { NamespaceType } from '../spec/config.ts'
import { deriveStatus, listIds, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import type { RootOptions } from './options.ts'

/** One namespace. */
export interface NamespaceView {
  readonly type: NamespaceType
  readonly inode: number
  /** Inode of the user namespace that owns it; absent when that is out of sight. */
  readonly owner?: number
  /** Of user namespaces: who made it, as a uid of the caller's user namespace. */
  readonly ownerUid?: number
  /** Inode of the one that it is nested in, of pid and user namespaces. */
  readonly parent?: number
  /** Is it the caller's, too? */
  readonly host: boolean
  /** Ids of the containers whose init is in it. */
  readonly containers: readonly string[]
  /** Pids of the processes in it that can be seen. */
  readonly members: readonly number[]
}

/** What `tsoci ns` prints. */
export interface NamespaceReport {
  readonly namespaces: readonly NamespaceView[]
  /** For each type: how many a user may make (/proc/sys/user), and how many can be seen. */
  readonly limits: readonly { type: NamespaceType; limit: number; seen: number }[]
}

const TYPES = Object.keys(NAMESPACE_FILES) as NamespaceType[]

/**
 * The namespaces of one container, or of all that run, and those that own them. Throws TsociError:
 * NOT_FOUND, NOT_RUNNING.
 */
export async function namespaces(
  id: string | undefined,
  options: RootOptions = {},
): Promise<NamespaceReport> {
  const root = options.root ?? defaultRoot()
  const inits = listInits(root)
  if (id !== undefined) requireInit(root, id, inits)
  const members = readMembers()
  const { loadLibtsoci } = await import('../launch/foreign.ts')
  const { namespaceRelation, namespaceOwnerUid } = loadLibtsoci()
  const relation = (pid: number, type: NamespaceType, parent: boolean): number | undefined => {
    const found = Number(namespaceRelation(namespaceFile(pid, type), parent ? 1 : 0))
    return found > 0 ? found : undefined
  }
  const ownerUidOf = (pid: number): number | undefined => {
    const uid = Number(namespaceOwnerUid(namespaceFile(pid, 'user')))
    return uid < 0 ? undefined : uid
  }
  const views = [...members.values()].map(({ type, inode, pids }): NamespaceView => {
    const owner = type === 'user' ? undefined : relation(pids[0]!, type, false)
    const parent = type === 'user' || type === 'pid' ? relation(pids[0]!, type, true) : undefined
    const ownerUid = type === 'user' ? ownerUidOf(pids[0]!) : undefined
    return {
      type,
      inode,
      ...(owner === undefined ? {} : { owner }),
      ...(ownerUid === undefined ? {} : { ownerUid }),
      ...(parent === undefined ? {} : { parent }),
      host: inode === readInode('self', type),
      containers: [...inits].flatMap(([name, pid]) => (pids.includes(pid) ? [name] : [])),
      members: pids,
    }
  })
  const wanted = views.filter(({ containers }) =>
    id === undefined ? containers.length > 0 : containers.includes(id),
  )
  return {
    namespaces: [...new Set([...wanted, ...wanted.flatMap((view) => listOwners(view, views))])],
    limits: TYPES.flatMap((type) => readLimit(type, views)),
  }
}

function listInits(root: string): Map<string, number> {
  const inits = new Map<string, number>()
  for (const id of listIds(root)) {
    try {
      const stored = readStoredState(root, id)
      if (stored !== undefined && deriveStatus(root, stored, id) !== 'stopped') {
        inits.set(id, stored.pid)
      }
    } catch {
      // Deleted since, or damaged: it has no namespaces that could be told.
    }
  }
  return inits
}

function requireInit(root: string, id: string, inits: ReadonlyMap<string, number>): void {
  checkId(id)
  readStoredState(root, id) // throws when it does not exist
  if (inits.has(id)) return
  throw new TsociError('NOT_RUNNING', `container not running: "${id}"`)
}

interface Members {
  readonly type: NamespaceType
  readonly inode: number
  readonly pids: number[]
}

/** Every namespace that a process is in, by type and inode. */
function readMembers(): Map<string, Members> {
  const found = new Map<string, Members>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const type of TYPES) {
      const inode = readInode(pid, type)
      if (inode === undefined) continue
      const key = `${type} ${inode}`
      if (!found.has(key)) found.set(key, { type, inode, pids: [] })
      found.get(key)!.pids.push(Number(pid))
    }
  }
  return found
}

const namespaceFile = (pid: number | string, type: NamespaceType) =>
  `/proc/${pid}/ns/${NAMESPACE_FILES[type]}`

function readInode(pid: string, type: NamespaceType): number | undefined {
  try {
    const link = readlinkSync(namespaceFile(pid, type))
    return Number(/\[(\d+)\]/.exec(link)?.[1])
  } catch {
    return undefined // gone, not ours to see, or a kernel without this type
  }
}

/** The user namespaces above, up to the first. */
function listOwners(view: NamespaceView, views: readonly NamespaceView[]): NamespaceView[] {
  const owners: NamespaceView[] = []
  let above = view.type === 'user' ? view.parent : view.owner
  while (above !== undefined) {
    const found = views.find(({ type, inode }) => type === 'user' && inode === above)
    if (found === undefined || owners.includes(found)) break
    owners.push(found)
    above = found.parent
  }
  return owners
}

function readLimit(
  type: NamespaceType,
  views: readonly NamespaceView[],
): NamespaceReport['limits'][number][] {
  try {
    const text = readFileSync(`/proc/sys/user/max_${NAMESPACE_FILES[type]}_namespaces`, 'utf8')
    return [{ type, limit: Number(text), seen: views.filter((view) => view.type === type).length }]
  } catch {
    return []
  }
}
