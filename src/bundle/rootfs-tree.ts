// Makes the entries of an archive below one directory, and nowhere else.
//
// Node has no openat, so paths are resolved by the kernel by name; still nothing can lead outside.
// The tree is below a directory that only we may search (mode 0700, made by us, and reached by an
// open descriptor, so that renaming or replacing it changes nothing). What we saw with lstat thus
// stays as it is until we change it. A name is used only once all in front of its last component
// are directories that we made, and the last is never followed: made with O_EXCL and O_NOFOLLOW or
// by calls that follow no link. Symlinks are only ever leaves.

import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs'
import { type Attributes, type Entry, splitName } from './entry.ts'
import { ArchiveFault, errnoOf, quoteName, wrapEntryFault } from './fault.ts'
import { FileWriter } from './file-writer.ts'
import { type FileCalls, makeSpecialFile } from './special-file.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants

// Of a directory that the archive did not bring and that another entry needs.
const MISSING_DIRECTORY = { mode: 0o755, uid: 0, gid: 0, mtime: undefined, xattrs: new Map() }

type DirectoryAttributes = Omit<Attributes, 'mtime'> & { readonly mtime: number | undefined }

/** What was left out, for a warning: how often, and the first of it. */
export interface Omission {
  count: number
  readonly first: string
  readonly why: string
}

/** The rootfs while it is being made. */
export class RootfsTree {
  readonly omissions = new Map<'device nodes' | 'extended attributes', Omission>()
  #base: string
  #calls: FileCalls
  #isRoot: boolean
  // Their modes and times are set last: what is made in a directory changes its time, and an
  // ordinary user could not write in one that is read-only.
  #directories = new Map<string, DirectoryAttributes>([['', MISSING_DIRECTORY]])
  #skipped = new Set<string>()

  /** `base` is an existing empty directory that only we can search. */
  constructor(base: string, calls: FileCalls) {
    this.#base = base
    this.#calls = calls
    this.#isRoot = process.geteuid!() === 0
  }

  /** Attributes that the archive gives the rootfs itself. */
  get rootAttributes(): DirectoryAttributes {
    return this.#directories.get('')!
  }

  /** Makes an entry. For a file it returns where the content goes; then comes endFile(). */
  add(entry: Entry): FileWriter | undefined {
    const name = entry.path.join('/')
    if (entry.type === 'directory') {
      this.#addDirectory(name, entry)
      return undefined
    }
    if (name === '') throw new ArchiveFault(`is the rootfs itself, as a ${entry.type}`)
    this.#makeParents(entry.path)
    this.#skipped.delete(name)
    switch (entry.type) {
      case 'file':
        return this.#openFile(name, entry)
      case 'symlink':
        this.#makeWay(name)
        symlinkSync(Buffer.from(entry.linkname, 'latin1'), this.#at(name))
        this.#dressLink(name, entry.attributes)
        return undefined
      case 'hard link':
        this.#addHardLink(name, entry.linkname)
        return undefined
      case 'fifo':
      case 'character device':
      case 'block device':
        this.#addSpecialFile(name, entry)
        return undefined
    }
  }

  /** The content of the file is complete: sets its attributes and closes it. */
  endFile(writer: FileWriter, entry: Entry): void {
    writer.finish()
    const { mode, uid, gid, mtime, xattrs } = entry.attributes
    // chown takes setuid bits and capabilities away, so it comes first.
    this.#own(uid, gid, () => fchownSync(writer.fd, uid, gid))
    fchmodSync(writer.fd, mode)
    this.#setXattrs(entry.path.join('/'), xattrs)
    const time = toTime(mtime)
    futimesSync(writer.fd, time, time)
    writer.close()
  }

  /** All entries are made: sets the attributes of directories, the deepest first. */
  finish(): void {
    const names = [...this.#directories.keys()].sort((a, b) => depth(b) - depth(a))
    for (const name of names) {
      const { mode, uid, gid, mtime, xattrs } = this.#directories.get(name)!
      const path = this.#at(name)
      try {
        this.#own(uid, gid, () => chownSync(path, uid, gid))
        this.#setXattrs(name, xattrs)
        // Moving a directory takes write permission on it; publish() sets the rootfs's own mode.
        chmodSync(path, name === '' ? mode | 0o700 : mode)
        if (mtime !== undefined) utimesSync(path, toTime(mtime), toTime(mtime))
      } catch (error) {
        throw wrapEntryFault(name, error)
      }
    }
  }

  #addDirectory(name: string, entry: Entry): void {
    this.#makeParents(entry.path)
    if (!this.#directories.has(name)) {
      const stat = this.#lstat(name)
      if (stat !== undefined) {
        throw new ArchiveFault(`is a directory where there is a ${kindOf(stat)} already`)
      }
      mkdirSync(this.#at(name), 0o700)
    }
    this.#directories.set(name, entry.attributes)
  }

  #openFile(name: string, entry: Entry): FileWriter {
    this.#makeWay(name)
    const fd = openSync(this.#at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    try {
      return new FileWriter(fd, entry.size, entry.sparse)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  #addHardLink(name: string, linkname: string): void {
    let path: readonly string[]
    try {
      path = splitName(linkname)
    } catch (error) {
      if (!(error instanceof ArchiveFault)) throw error
      throw new ArchiveFault(`is a hard link to ${quoteName(linkname)}, which ${error.message}`)
    }
    const target = path.join('/')
    if (target === name) throw new ArchiveFault('is a hard link to itself')
    if (this.#skipped.has(target)) {
      this.#skipped.add(name)
      return
    }
    this.#checkParents(path)
    const stat = this.#lstat(target)
    if (stat === undefined) {
      throw new ArchiveFault(
        `is a hard link to ${quoteName(linkname)}, which is not in the archive before it`,
      )
    }
    if (stat.isDirectory()) {
      throw new ArchiveFault(`is a hard link to the directory ${quoteName(linkname)}`)
    }
    this.#makeWay(name)
    // link(2) does not follow a symlink at the end; it gives the symlink a second name.
    linkSync(this.#at(target), this.#at(name))
  }

  #addSpecialFile(name: string, entry: Entry): void {
    this.#makeWay(name)
    const isDevice = entry.type !== 'fifo'
    if (isDevice && !this.#isRoot) {
      this.#skip(name, 'only root can make them')
      return
    }
    try {
      makeSpecialFile(this.#at(name), entry, this.#calls)
    } catch (error) {
      // Root in a user namespace.
      if (!isDevice || errnoOf(error) !== 'EPERM') throw error
      this.#skip(name, 'the kernel does not allow it')
      return
    }
    const { mode, uid, gid, mtime, xattrs } = entry.attributes
    const path = this.#at(name)
    this.#own(uid, gid, () => lchownSync(path, uid, gid))
    chmodSync(path, mode)
    this.#setXattrs(name, xattrs)
    lutimesSync(path, toTime(mtime), toTime(mtime))
  }

  /** Only root can give files away; anyone else keeps them. */
  #own(uid: number, gid: number, chown: () => void): void {
    if (!this.#isRoot) return
    try {
      chown()
    } catch (error) {
      if (errnoOf(error) !== 'EINVAL') throw error
      throw new ArchiveFault(`belongs to ${uid}:${gid}, which has no map in this user namespace`)
    }
  }

  #dressLink(name: string, { uid, gid, mtime, xattrs }: Attributes): void {
    const path = this.#at(name)
    this.#own(uid, gid, () => lchownSync(path, uid, gid))
    this.#setXattrs(name, xattrs)
    lutimesSync(path, toTime(mtime), toTime(mtime))
  }

  // Some values have no place: the caller brought no call, the filesystem has no xattrs, the user
  // may not set trusted ones. tar goes on with a warning then, and so do we.
  #setXattrs(name: string, xattrs: ReadonlyMap<string, Buffer>): void {
    for (const [key, value] of xattrs) {
      const { lsetxattr } = this.#calls
      if (lsetxattr === undefined) {
        this.#omit('extended attributes', `${key} of ${quoteName(name)}`, 'not supported here')
        continue
      }
      try {
        lsetxattr(this.#at(name), key, value)
      } catch (error) {
        const why = errnoOf(error) ?? (error as Error).message
        this.#omit('extended attributes', `${key} of ${quoteName(name)}`, why)
      }
    }
  }

  #skip(name: string, why: string): void {
    this.#skipped.add(name)
    this.#omit('device nodes', quoteName(name), why)
  }

  #omit(what: 'device nodes' | 'extended attributes', first: string, why: string): void {
    const omission = this.omissions.get(what)
    if (omission === undefined) this.omissions.set(what, { count: 1, first, why })
    else omission.count++
  }

  /** Makes the directories in front of the last component. */
  #makeParents(path: readonly string[]): void {
    for (let i = 1; i < path.length; i++) {
      const name = path.slice(0, i).join('/')
      if (this.#directories.has(name)) continue
      const stat = this.#lstat(name)
      if (stat !== undefined) throw throughFault(name, stat)
      mkdirSync(this.#at(name), 0o700)
      this.#directories.set(name, MISSING_DIRECTORY)
    }
  }

  #checkParents(path: readonly string[]): void {
    for (let i = 1; i < path.length; i++) {
      const name = path.slice(0, i).join('/')
      if (this.#directories.has(name)) continue
      const stat = this.#lstat(name)
      if (stat !== undefined) throw throughFault(name, stat)
    }
  }

  /** The last entry of a name wins, as in tar; but nothing takes the place of a directory. */
  #makeWay(name: string): void {
    const stat = this.#lstat(name)
    if (stat === undefined) return
    if (stat.isDirectory()) throw new ArchiveFault('would take the place of a directory')
    unlinkSync(this.#at(name))
  }

  #lstat(name: string): Stats | undefined {
    return lstatSync(this.#at(name), { throwIfNoEntry: false })
  }

  #at(name: string): Buffer {
    return Buffer.from(name === '' ? this.#base : `${this.#base}/${name}`, 'latin1')
  }
}

function throughFault(name: string, stat: Stats): ArchiveFault {
  return new ArchiveFault(`passes through the ${kindOf(stat)} ${quoteName(name)}`)
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return 'symlink'
  if (stat.isDirectory()) return 'directory'
  if (stat.isFile()) return 'file'
  return stat.isFIFO() ? 'fifo' : 'device'
}

function depth(name: string): number {
  return name === '' ? 0 : name.split('/').length
}

// Node takes a negative number for "now", and a negative date for what it says.
function toTime(seconds: number): number | Date {
  return seconds < 0 ? new Date(seconds * 1000) : seconds
}
