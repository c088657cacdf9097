// One entry of a tar archive: what is to be made, checked before anything is made of it.

import type { Header } from 'tar-stream'
import { ArchiveFault } from './fault.ts'
import { paxNumber, paxValue, paxXattrs } from './pax.ts'
import { paxSparseMap, type SparseMap } from './sparse.ts'
import type { EntryNote } from './tar-blocks.ts'

/** What an entry makes. A hard link is a second name of an entry before it. */
export type EntryType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'hard link'
  | 'fifo'
  | 'character device'
  | 'block device'

/** An entry; names hold one byte a char. */
export interface Entry {
  readonly type: EntryType
  /** Components from the rootfs down; none is the rootfs itself. */
  readonly path: readonly string[]
  /** Target of a symlink as it is, or of a hard link, from the rootfs. */
  readonly linkname: string
  readonly attributes: Attributes
  readonly major: number
  readonly minor: number
  readonly sparse: SparseMap | undefined
  /** Bytes of content in the archive. */
  readonly size: number
}

/** What is set on an inode once it has its content. Times are seconds. */
export interface Attributes {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: number
  readonly xattrs: ReadonlyMap<string, Buffer>
}

const TYPES: Record<string, EntryType> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'hard link',
  fifo: 'fifo',
  'character-device': 'character device',
  'block-device': 'block device',
}

const ID_MAX = 0xfffffffe // the last one, -1, means "leave it" to chown

/** The name of an entry, wherever the archive keeps it. */
export function entryName(header: Header, note: EntryNote): string {
  return paxValue(note.pax, 'GNU.sparse.name') ?? paxValue(note.pax, 'path') ?? header.name
}

/** Makes an entry of a header and of what tar-blocks.ts kept back of it. */
export function readEntry(header: Header, note: EntryNote): Entry {
  const name = entryName(header, note)
  // Archives older than POSIX have no type for directories, only the slash.
  const isOldDirectory = header.type === 'file' && name.endsWith('/')
  const type = isOldDirectory ? 'directory' : TYPES[header.type ?? '']
  if (type === undefined) throw new ArchiveFault(`is of the unknown type ${header.type}`)
  if (type === 'directory' && note.size > 0) throw new ArchiveFault('is a directory with data')
  const linkname = paxValue(note.pax, 'linkpath') ?? header.linkname ?? ''
  if (type === 'symlink' && (linkname === '' || linkname.includes('\0'))) {
    throw new ArchiveFault('is a symlink with a bad target')
  }
  const [major, minor] = [header.devmajor ?? 0, header.devminor ?? 0]
  if (!isWithin(major, 0xffffffff) || !isWithin(minor, 0xffffffff)) {
    throw new ArchiveFault('has a bad device number')
  }
  return {
    type,
    path: splitName(name),
    linkname,
    attributes: readAttributes(header, note),
    major,
    minor,
    sparse: type === 'file' ? (note.sparse ?? paxSparseMap(note.pax)) : undefined,
    size: note.size,
  }
}

/** The components of a name, which must lead down from the rootfs and nowhere else. */
export function splitName(name: string): string[] {
  if (name === '') throw new ArchiveFault('has an empty name')
  if (name.includes('\0')) throw new ArchiveFault('has a zero byte in its name')
  if (name.startsWith('/')) throw new ArchiveFault('has an absolute name')
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw new ArchiveFault('has ".." in its name')
  return parts
}

function readAttributes(header: Header, note: EntryNote): Attributes {
  const { pax } = note
  const uid = paxNumber(pax, 'uid') ?? header.uid ?? 0
  const gid = paxNumber(pax, 'gid') ?? header.gid ?? 0
  const mtime = paxNumber(pax, 'mtime', /^-?[0-9]+(\.[0-9]*)?$/) ?? note.mtime
  const mode = header.mode ?? 0
  if (!isWithin(uid, ID_MAX) || !isWithin(gid, ID_MAX)) throw new ArchiveFault('has a bad owner')
  if (!isWithin(mode, 0xffffffff)) throw new ArchiveFault('has a bad mode')
  return { mode: mode & 0o7777, uid, gid, mtime, xattrs: paxXattrs(pax) }
}

function isWithin(number: number, max: number): boolean {
  return Number.isInteger(number) && number >= 0 && number <= max
}
