// node:fs, as far as the verbs of the executable use it.

import { checked, systemError } from './errors.ts'
import { host } from './host.ts'

export const constants = {
  F_OK: 0,
  X_OK: 1,
  W_OK: 2,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_CREAT: 0o100,
  O_NOCTTY: 0o400,
  O_APPEND: 0o2000,
  O_NONBLOCK: 0o4000,
  O_NOFOLLOW: 0o400000,
} as const

const S_IFMT = 0o170000

class Stats {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly dev: number
  readonly ino: number
  readonly rdev: number
  readonly mtimeMs: number
  readonly ctimeMs: number

  constructor([mode, uid, gid, size, dev, ino, rdev, mtimeMs, ctimeMs]: number[]) {
    this.mode = mode!
    this.uid = uid!
    this.gid = gid!
    this.size = size!
    this.dev = dev!
    this.ino = ino!
    this.rdev = rdev!
    this.mtimeMs = mtimeMs!
    this.ctimeMs = ctimeMs!
  }

  get ctime(): Date {
    return new Date(this.ctimeMs)
  }

  isFile(): boolean {
    return (this.mode & S_IFMT) === 0o100000
  }

  isDirectory(): boolean {
    return (this.mode & S_IFMT) === 0o040000
  }

  isSymbolicLink(): boolean {
    return (this.mode & S_IFMT) === 0o120000
  }

  isCharacterDevice(): boolean {
    return (this.mode & S_IFMT) === 0o020000
  }

  isBlockDevice(): boolean {
    return (this.mode & S_IFMT) === 0o060000
  }
}

// The kernel would read to the NUL, and find another file.
function checkPath(path: string, call: string): void {
  if (path.includes('\0')) throw systemError(-2, call, path)
}

function stat(path: string, follow: boolean, call: string, mayBeMissing: boolean) {
  checkPath(path, call)
  const found = host.stat(path, follow)
  if (typeof found !== 'number') return new Stats(found)
  if (mayBeMissing && (found === -2 || found === -20)) return undefined
  throw systemError(found, call, path)
}

interface StatOptions {
  readonly throwIfNoEntry?: boolean
}

export function statSync(path: string): Stats
export function statSync(path: string, options: StatOptions): Stats | undefined
export function statSync(path: string, options?: StatOptions): Stats | undefined {
  return stat(path, true, 'stat', options?.throwIfNoEntry === false)
}

export function lstatSync(path: string): Stats
export function lstatSync(path: string, options: StatOptions): Stats | undefined
export function lstatSync(path: string, options?: StatOptions): Stats | undefined {
  return stat(path, false, 'lstat', options?.throwIfNoEntry === false)
}

export function fstatSync(fd: number): Stats {
  const found = host.stat(fd)
  if (typeof found === 'number') throw systemError(found, 'fstat')
  return new Stats(found)
}

export function existsSync(path: string): boolean {
  return !path.includes('\0') && host.access(path, constants.F_OK) >= 0
}

export function accessSync(path: string, mode: number = constants.F_OK): void {
  checkPath(path, 'access')
  checked(host.access(path, mode), 'access', path)
}

const FLAGS = {
  r: 0,
  'r+': 0o2,
  w: 0o1 | 0o100 | 0o1000,
  wx: 0o1 | 0o100 | 0o200,
  a: 0o1 | 0o100 | 0o2000,
} as const

export function openSync(
  path: string,
  flags: keyof typeof FLAGS | number = 'r',
  mode = 0o666,
): number {
  checkPath(path, 'open')
  const word = typeof flags === 'number' ? flags : FLAGS[flags]
  return checked(host.open(path, word, mode), 'open', path)
}

export function closeSync(fd: number): void {
  checked(host.close(fd), 'close')
}

export function readSync(
  fd: number,
  bytes: Uint8Array,
  offset = 0,
  length = bytes.length - offset,
  position: number | null = null,
): number {
  const { buffer, byteOffset } = bytes
  return checked(host.read(fd, buffer, byteOffset + offset, length, position ?? -1), 'read')
}

export function writeSync(fd: number, content: string | Uint8Array, offset = 0): number {
  if (typeof content === 'string') {
    const bytes = host.encode(content)
    return checked(host.write(fd, bytes, 0, bytes.byteLength), 'write')
  }
  const { buffer, byteOffset, length } = content
  return checked(host.write(fd, buffer, byteOffset + offset, length - offset), 'write')
}

type ReadOptions = 'utf8' | 'latin1' | { readonly encoding: 'utf8' }

export function readFileSync(path: string | number, options: ReadOptions): string
export function readFileSync(path: string | number): Buffer
export function readFileSync(path: string | number, options?: ReadOptions): string | Buffer {
  const fd = typeof path === 'number' ? path : openSync(path)
  const bytes = host.readAll(fd)
  if (typeof path !== 'number') host.close(fd)
  if (typeof bytes === 'number') throw systemError(bytes, 'read')
  const encoding = typeof options === 'object' ? options.encoding : options
  if (encoding === 'utf8') return host.decode(bytes, 0, bytes.byteLength)
  const buffer = Buffer.from(bytes)
  return encoding === undefined ? buffer : buffer.toString(encoding)
}

interface WriteOptions {
  readonly mode?: number
  readonly flag?: keyof typeof FLAGS
}

export function writeFileSync(
  path: string,
  content: string | Uint8Array,
  { mode, flag = 'w' }: WriteOptions = {},
): void {
  const fd = openSync(path, flag, mode)
  try {
    const bytes = typeof content === 'string' ? new Uint8Array(host.encode(content)) : content
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
  } finally {
    host.close(fd)
  }
}

function text(result: string | number, call: string, path: string): string {
  if (typeof result === 'number') throw systemError(result, call, path)
  return result
}

export function readlinkSync(path: string): string {
  checkPath(path, 'readlink')
  return text(host.readlink(path), 'readlink', path)
}

interface Entry {
  readonly name: string
  isDirectory(): boolean
}

export function readdirSync(path: string): string[]
export function readdirSync(path: string, options: { readonly withFileTypes: true }): Entry[]
export function readdirSync(
  path: string,
  options?: { readonly withFileTypes: true },
): string[] | Entry[] {
  checkPath(path, 'scandir')
  const names = host.readdir(path)
  if (typeof names === 'number') throw systemError(names, 'scandir', path)
  names.sort()
  if (options === undefined) return names
  return names.map((name) => ({
    name,
    isDirectory: () =>
      lstatSync(`${path}/${name}`, { throwIfNoEntry: false })?.isDirectory() === true,
  }))
}

export function mkdirSync(
  path: string,
  { recursive = false, mode = 0o777 }: { recursive?: boolean; mode?: number } = {},
): void {
  checkPath(path, 'mkdir')
  const result = host.mkdir(path, mode)
  if (result >= 0) return
  if (recursive) {
    if (result === -17 && statSync(path)?.isDirectory()) return
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (result === -2 && parent !== '') {
      mkdirSync(parent, { recursive, mode })
      checked(host.mkdir(path, mode), 'mkdir', path)
      return
    }
  }
  throw systemError(result, 'mkdir', path)
}

export function renameSync(from: string, to: string): void {
  checkPath(from, 'rename')
  checkPath(to, 'rename')
  checked(host.rename(from, to), 'rename', from)
}

function unlink(path: string): void {
  checkPath(path, 'unlink')
  checked(host.unlink(path), 'unlink', path)
}

export function rmSync(
  path: string,
  { force = false, recursive = false }: { force?: boolean; recursive?: boolean } = {},
): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) {
    if (force) return
    throw systemError(-2, 'rm', path)
  }
  if (!found.isDirectory()) {
    unlink(path)
    return
  }
  if (!recursive) throw systemError(-21, 'rm', path)
  for (const name of readdirSync(path)) rmSync(`${path}/${name}`, { force, recursive })
  checked(host.rmdir(path), 'rmdir', path)
}
