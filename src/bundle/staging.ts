// The private directory that a rootfs is made in, next to where it will be.
//
// BUNDLE/.tsoci-unpack-NAMESPACE-PID-START-RANDOM/rootfs becomes BUNDLE/rootfs by one rename, so a
// rootfs is whole or not there. The name says which process owns the directory: pids are reused,
// pairs of a pid and a start time are not. What a killed process left is removed by the next one.

import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { emptyDirectory } from './extract.ts'
import { ArchiveFault, describeFault, errnoOf } from './fault.ts'

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants
const PREFIX = '.tsoci-unpack-'
const DAY = 24 * 60 * 60 * 1000

/** A staging directory of ours. All paths lead through its open descriptor. */
export class Staging {
  /** The directory itself; what else is put there goes with it. */
  readonly path: string
  /** Where the rootfs is made: an empty directory. */
  readonly tree: string
  /** A descriptor of that. */
  readonly root: number
  #program: string
  #parent: number
  #directory: number
  #name: string
  #target: string

  /** Makes one next to `rootfs`, whose parent directory must exist; `program` is the executor. */
  constructor(rootfs: string, program: string) {
    this.#program = program
    this.#target = basename(rootfs)
    try {
      this.#parent = openSync(dirname(rootfs), O_RDONLY | O_DIRECTORY)
    } catch (error) {
      throw wrapFault(dirname(rootfs), error)
    }
    try {
      removeStale(program, this.#parent)
      const path = mkdtempSync(`/proc/self/fd/${this.#parent}/${PREFIX}${describeOwner()}-`)
      this.#name = basename(path)
      this.#directory = openOwn(path)!
    } catch (error) {
      closeSync(this.#parent)
      throw wrapFault(dirname(rootfs), error)
    }
    this.path = `/proc/self/fd/${this.#directory}`
    this.tree = `${this.path}/rootfs`
    mkdirSync(this.tree, 0o700)
    this.root = openSync(this.tree, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    // Without an entry of its own a rootfs is one as root would make it.
    fchmodSync(this.root, 0o755)
  }

  /** Gives the rootfs its name. False when another process was faster: then its is there, just as whole. */
  publish(): boolean {
    const { mode } = fstatSync(this.root)
    try {
      // Moving a directory takes write permission on it.
      fchmodSync(this.root, (mode & 0o7777) | 0o700)
      // Takes the place of nothing, or of an empty directory.
      renameSync(this.tree, `/proc/self/fd/${this.#parent}/${this.#target}`)
      return true
    } catch (error) {
      if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') return false
      throw error
    } finally {
      fchmodSync(this.root, mode & 0o7777)
    }
  }

  /** Removes what is left: nothing but the directory itself, once the rootfs is published. */
  remove(): void {
    try {
      removeOwn(this.#program, this.#parent, this.#name, this.#directory)
    } finally {
      closeSync(this.root)
      closeSync(this.#directory)
      closeSync(this.#parent)
    }
  }
}

function wrapFault(parent: string, error: unknown): ArchiveFault {
  return new ArchiveFault(`make a directory in "${parent}": ${describeFault(error)}`, {
    cause: error,
  })
}

function describeOwner(): string {
  return `${pidNamespace()}-${process.pid}-${startTime('self')}`
}

function pidNamespace(): string {
  return /[0-9]+/.exec(readlinkSync('/proc/self/ns/pid'))![0]
}

/** Field 22 of /proc/PID/stat, in clock ticks since boot; undefined when no such process lives. */
function startTime(pid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The program's name, field 2, may hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // One that was killed and that nobody has reaped yet does nothing any more.
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function removeStale(program: string, parent: number): void {
  for (const name of readdirSync(`/proc/self/fd/${parent}`)) {
    const owner = /^\.tsoci-unpack-([0-9]+)-([0-9]+)-([0-9]+)-/.exec(name)
    if (owner === null) continue
    const [, namespace, pid, start] = owner
    const path = `/proc/self/fd/${parent}/${name}`
    // A pid of another namespace can't be looked up, but nobody unpacks for a day.
    const isLive =
      namespace === pidNamespace()
        ? startTime(pid!) === start
        : Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) < DAY
    if (isLive) continue
    let directory: number | undefined
    try {
      directory = openOwn(path)
      if (directory !== undefined) removeOwn(program, parent, name, directory)
    } catch {
      // What can't be removed is in nobody's way; the next extraction tries again.
    } finally {
      if (directory !== undefined) closeSync(directory)
    }
  }
}

/**
 * Opens a staging directory, if it is one that only we could have made: anyone may put things into
 * a shared parent directory, for root to remove.
 */
function openOwn(path: string): number | undefined {
  const fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  const stat = fstatSync(fd)
  if (stat.uid === process.geteuid!() && (stat.mode & 0o7777 & ~0o2000) === 0o700) return fd
  closeSync(fd)
  return undefined
}

function removeOwn(program: string, parent: number, name: string, directory: number): void {
  const path = `/proc/self/fd/${directory}`
  try {
    // Should its process be alive after all, it can't publish a rootfs with parts missing now.
    renameSync(`${path}/rootfs`, `${path}/removed`)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTEMPTY') throw error
  }
  emptyDirectory(program, directory)
  rmdirSync(`/proc/self/fd/${parent}/${name}`)
}
