// Facts about who calls: ids, capabilities, the user namespace and the tools that map ids.

import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** One line of uid_map or gid_map. */
export interface IdRange {
  /** First id inside this user namespace. */
  readonly inside: number
  /** First id in the parent user namespace. */
  readonly outside: number
  readonly size: number
}

export interface UserFacts {
  readonly uid: number
  readonly gid: number
  readonly euid: number
  readonly egid: number
  readonly groups: readonly number[]
  readonly inInitialUserNamespace: boolean
  /** The maps of the user namespace that we are in. */
  readonly uidMap: readonly IdRange[]
  readonly gidMap: readonly IdRange[]
  /** False where /proc/self/setgroups says deny. */
  readonly maySetGroups: boolean
  /** Effective capabilities, bit n is capability n. */
  readonly capabilities: bigint
  readonly noNewPrivs: boolean
  /** Absolute path of newuidmap, undefined when not installed. */
  readonly newuidmap: string | undefined
  readonly newgidmap: string | undefined
}

/** A range of ids that /etc/subuid or /etc/subgid gives to a user. */
export interface SubIdRange {
  readonly first: number
  readonly size: number
}

// PROC_USER_INIT_INO. The map can't tell: systemd 260 writes an identity map into namespaces too.
const INITIAL_USER_NAMESPACE = 0xeffffffd

// Callers start us with an empty or a foreign PATH.
const TOOL_DIRS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin']

/** Reads the facts about this process's user. */
export function readUserFacts(status = readFileSync('/proc/self/status', 'utf8')): UserFacts {
  return {
    uid: process.getuid!(),
    gid: process.getgid!(),
    euid: process.geteuid!(),
    egid: process.getegid!(),
    groups: process.getgroups!(),
    inInitialUserNamespace: isInitialUserNamespace(),
    uidMap: parseIdMap(readOr('/proc/self/uid_map', '0 0 4294967295')),
    gidMap: parseIdMap(readOr('/proc/self/gid_map', '0 0 4294967295')),
    maySetGroups: readOr('/proc/self/setgroups', 'allow').trim() === 'allow',
    capabilities: BigInt(`0x${statusField(status, 'CapEff') ?? '0'}`),
    noNewPrivs: statusField(status, 'NoNewPrivs') === '1',
    newuidmap: findTool('newuidmap'),
    newgidmap: findTool('newgidmap'),
  }
}

/** The value of a field of /proc/PID/status. */
export function statusField(status: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1]
}

/** Parses uid_map or gid_map. */
export function parseIdMap(text: string): IdRange[] {
  const ranges: IdRange[] = []
  for (const line of text.split('\n')) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s*$/.exec(line)
    if (match === null) continue
    ranges.push({ inside: Number(match[1]), outside: Number(match[2]), size: Number(match[3]) })
  }
  return ranges
}

/** The ranges of a user in the text of /etc/subuid or /etc/subgid; by name or by number. */
export function parseSubIds(text: string, user: string | undefined, uid: number): SubIdRange[] {
  const ranges: SubIdRange[] = []
  for (const line of text.split('\n')) {
    const [owner, first, size] = line.trim().split(':')
    if (owner === undefined || owner === '' || (owner !== user && owner !== String(uid))) continue
    if (!/^\d+$/.test(first ?? '') || !/^\d+$/.test(size ?? '')) continue
    ranges.push({ first: Number(first), size: Number(size) })
  }
  return ranges
}

/** The absolute path of a program in the system's directories, without regard to PATH. */
export function findTool(name: string): string | undefined {
  return TOOL_DIRS.map((dir) => join(dir, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false // not there, or not for us
    }
  })
}

/** The name of a user in /etc/passwd; read here since engines differ in where they look. */
export function readUserName(uid: number): string | undefined {
  return findUserName(readOr('/etc/passwd', ''), uid)
}

/** The name of a user in the text of /etc/passwd. */
export function findUserName(passwd: string, uid: number): string | undefined {
  return new RegExp(`^([^:\\n]+):[^:\\n]*:${uid}:`, 'm').exec(passwd)?.[1]
}

function isInitialUserNamespace(): boolean {
  const found = statSync('/proc/self/ns/user', { throwIfNoEntry: false })
  // Without the file the kernel has no user namespaces, and all is initial.
  return found === undefined || found.ino === INITIAL_USER_NAMESPACE
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise // a kernel without user namespaces has no such file
  }
}
