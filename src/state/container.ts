// Reads a container's state directory; its status is derived from what can be seen now.

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { isId } from './root.ts'
import type { Status } from './transitions.ts'

/** What `create` wrote down: state.json. */
export interface StoredState {
  readonly pid: number
  /** Field 22 of /proc/PID/stat: a pid alone may be somebody else's by now. */
  readonly startTime: number
  readonly id: string
  readonly bundle: string
  readonly rootfs: string
  readonly created: string
  readonly owner: string
  /** Directory in each hierarchy. */
  readonly cgroups: readonly string[]
  /** With systemd as the cgroup manager: its unit, and where it listens. */
  readonly systemd?: StoredUnit
  readonly annotations: Readonly<Record<string, string>>
  /** The container keeps the session keyring of whoever starts a process in it. */
  readonly noNewKeyring: boolean
}

/** A unit of systemd. */
export interface StoredUnit {
  readonly unit: string
  readonly sockets: readonly string[]
  /** `/NAME` of the cgroup below the unit's own, or empty. */
  readonly subgroup: string
}

/** Ids of all containers below a root. */
export function listIds(root: string): string[] {
  let names: string[]
  try {
    names = readdirSync(root)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return []
    throw new TsociError(
      'BAD_STATE',
      `cannot read the directory of containers "${root}" (${code})`,
      {
        hint: code === 'EACCES' ? OF_OTHERS : 'name another one with --root',
        cause: error,
      },
    )
  }
  return names
    .filter((name) => isId(name) && (existsSync(join(root, name, 'plan')) || lacksPlan(root, name)))
    .sort()
}

/** Its init lives, so it is not being removed: somebody has taken the plan away. */
export function lacksPlan(root: string, id: string): boolean {
  try {
    const stored = existsSync(join(root, id, 'plan')) ? undefined : readStoredState(root, id)
    return stored !== undefined && isRunning(stored.pid, stored.startTime)
  } catch {
    return false
  }
}

/** Throws unless the directory is there, and one that we have made. */
export function requireOwnDirectory(root: string, id: string): void {
  const dir = join(root, id)
  const found = lstatSync(dir, { throwIfNoEntry: false })
  if (found === undefined) throw notFound(id)
  if (!found.isDirectory()) throw unreadable(id, `"${dir}" is not a directory (ENOTDIR)`, NOT_OURS)
  // Whoever writes it names the processes and cgroups that the verbs go to. As in native/verb.c.
  if (found.uid !== process.geteuid!()) {
    throw unreadable(id, `user ${found.uid} owns "${dir}" (EPERM)`, OF_OTHERS)
  }
}

/** Reads state.json. Undefined while the container is being created. */
export function readStoredState(root: string, id: string): StoredState | undefined {
  requireOwnDirectory(root, id)
  const file = join(root, id, 'state.json')
  let text: string
  try {
    text = readPlainFile(file).toString('utf8')
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw unreadableFile(id, file, cause)
  }
  return parseStoredState(text, id, file)
}

/** Reads another file of a container. Throws NOT_FOUND while it is being removed, or BAD_STATE. */
export function readStateFile(root: string, id: string, name: string): string {
  const dir = join(root, id)
  try {
    return readPlainFile(join(dir, name)).toString('utf8')
  } catch (cause) {
    // The plan is what is removed first: see empty_state_dir() of native/step_state.c.
    if (isAbsent(cause) && !existsSync(join(dir, 'plan'))) throw notFound(id)
    throw unreadableFile(id, join(dir, name), cause)
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const isAbsent = (error: unknown) => codeOf(error) === 'ENOENT'

/** Reads a file of a container: a link may lead anywhere, and a fifo keeps its reader waiting. */
export function readPlainFile(path: string): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (fstatSync(fd).isFile()) return readFileSync(fd)
    throw Object.assign(new Error(`"${path}" is not a file`), { code: 'EBADMSG' })
  } finally {
    closeSync(fd)
  }
}

/** Writes a file of a container: all of it, or nothing. As store_file() of native/path.c. */
export function storeFile(dir: string, name: string, content: string | Uint8Array): void {
  const temporary = join(dir, `.${name}.${process.pid}`)
  try {
    rmSync(temporary, { force: true })
    writeFileSync(temporary, content, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, join(dir, name))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function parseStoredState(text: string, id: string, file: string): StoredState {
  let state: Partial<StoredState> | null
  try {
    state = JSON.parse(text)
  } catch (cause) {
    throw unreadable(id, `"${file}" is not JSON`, damaged(id), cause)
  }
  const { pid, startTime, bundle, cgroups } = state ?? {}
  const isOurs = Number.isInteger(pid) && Number.isInteger(startTime) && Array.isArray(cgroups)
  if (!isOurs || typeof bundle !== 'string') {
    throw unreadable(id, `"${file}" is not one of this version`, damaged(id))
  }
  return state as StoredState
}

/** The remedy where no container has the id. */
export const LIST_HINT = 'list all with: tsoci list. Another --root has others'

/** What to do about a state directory that is none, in the words for both sides. */
export const NOT_OURS = 'something else has this name: take another id, or move that away by hand'
export const OF_OTHERS =
  'it is the container of another user: tsoci answers nobody else, not even root'
export const damaged = (id: string) =>
  `it is damaged, or another version wrote it: tsoci delete --force ${id}`

/** The error of a verb that can't go on without it. */
export const unreadable = (id: string, why: string, hint: string, cause?: unknown) =>
  new TsociError('BAD_STATE', `cannot read the state of container "${id}": ${why}`, { hint, cause })

const unreadableFile = (id: string, file: string, cause: unknown) =>
  unreadable(id, `"${file}" can not be read (${codeOf(cause)})`, damaged(id), cause)

/** The error for a container whose state.json is missing though it was made: or is it being removed? */
export function withoutState(root: string, id: string): TsociError {
  if (!existsSync(join(root, id, 'plan'))) return notFound(id)
  return unreadable(id, `"${join(root, id, 'state.json')}" is missing (ENOENT)`, damaged(id))
}

const notFound = (id: string) =>
  new TsociError('NOT_FOUND', `container does not exist: ${JSON.stringify(id)}`, {
    hint: LIST_HINT,
  })

interface FoundProcess {
  readonly startTime: number
  readonly ended: boolean
  /** It is on its way out: as the init of a pid namespace it waits for all others there to end. */
  readonly exiting: boolean
}

const PF_EXITING = 4

/** What there is of a process; undefined when there is none. */
function readProcess(pid: number): FoundProcess | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // The name in field 2 may hold anything, `)` too: look from the end.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return {
    startTime: Number(fields[19]) - ticksAhead(),
    ended: fields[0] === 'X' || (fields[0] === 'Z' && !hasLiveThreads(pid)),
    exiting: (Number(fields[6]) & PF_EXITING) !== 0,
  }
}

// The main thread may end before the others: as native/step_state.c has it.
function hasLiveThreads(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((name) => name !== String(pid))
  } catch {
    return false
  }
}

// In a time namespace the kernel tells when a process has begun by the clock of whoever reads it.
function ticksAhead(): number {
  try {
    const text = readFileSync('/proc/self/timens_offsets', 'utf8')
    const [, seconds, nanoseconds] = /^boottime +(-?\d+) +(\d+)$/m.exec(text) ?? []
    return Number(seconds ?? 0) * 100 + Math.floor(Number(nanoseconds ?? 0) / 10_000_000)
  } catch {
    return 0 // a kernel without it
  }
}

// Another may have its pid by now.
function isRunning(pid: number, startTime: number): boolean {
  const found = readProcess(pid)
  return found !== undefined && !found.ended && found.startTime === startTime
}

/** Has the process ended, or begun to? */
export function isEnding(pid: number, startTime: number): boolean {
  return !isRunning(pid, startTime) || readProcess(pid)?.exiting !== false
}

/** The status as native/step_state.c derives it. */
export function deriveStatus(root: string, stored: StoredState | undefined, id: string): Status {
  const has = (name: string) => existsSync(join(root, id, name))
  if (stored === undefined) return has('creating.fifo') ? 'creating' : 'stopped'
  if (!isRunning(stored.pid, stored.startTime)) return 'stopped'
  if (has('creating.fifo')) return 'creating'
  if (isFrozen(stored)) return 'paused'
  return has('exec.fifo') ? 'created' : 'running'
}

function isFrozen({ cgroups }: StoredState): boolean {
  return cgroups.some((dir) =>
    ['freezer.state', 'cgroup.freeze'].some((file) => {
      try {
        return /^(F|1)/.test(readFileSync(join(dir, file), 'utf8'))
      } catch {
        return false
      }
    }),
  )
}

/** When the directory was made: the creation time of a container whose state.json is missing. */
export function createdAt(root: string, id: string): string {
  return statSync(join(root, id)).ctime.toISOString()
}
