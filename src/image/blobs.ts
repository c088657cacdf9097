// The files of an image: of a layout of OCI, or of an archive that was taken apart.

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describeFault } from '../bundle/fault.ts'
import { type Descriptor, finishDigest, hashFor } from './digest.ts'
import { ImageFault } from './fault.ts'

const CHUNK = 256 << 10
// Manifests and configs have some kilobytes.
const TEXT_LIMIT = 16 << 20

/** Files below one directory. */
export class Blobs {
  readonly directory: string
  #open: number[] = []

  constructor(directory: string) {
    this.directory = realpathSync(directory)
  }

  /** Closes what openFile() and openBlob() have opened. */
  close(): void {
    for (const fd of this.#open) closeSync(fd)
    this.#open = []
  }

  /** Opens a file by its name in the image; a link in it leads nowhere else. */
  openFile(name: string, where = JSON.stringify(name)): number {
    let path: string
    let fd: number
    try {
      path = realpathSync(join(this.directory, name))
      if (!path.startsWith(`${this.directory}/`)) throw new ImageFault(`${where} leads outside`)
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    } catch (error) {
      if (error instanceof ImageFault) throw error
      throw new ImageFault(`read ${where}: ${describeFault(error)}`, { cause: error })
    }
    this.#open.push(fd)
    if (!fstatSync(fd).isFile()) throw new ImageFault(`${where} is not a file`)
    return fd
  }

  /** The blob of a descriptor, once its size and its digest are what that says. */
  openBlob({ digest, size }: Descriptor, where: string): number {
    const fd = this.openFile(pathOf(digest), `${where} (${digest})`)
    const found = fstatSync(fd).size
    if (found !== size) {
      throw new ImageFault(`${where} (${digest}) has ${found} bytes where ${size} are named`)
    }
    checkDigest(fd, digest, where)
    return fd
  }

  /** What a descriptor names, as JSON. */
  readBlob(descriptor: Descriptor, where: string): unknown {
    const name = `${where} (${descriptor.digest})`
    // Its digest is taken from the same bytes: the file may change meanwhile.
    const text = this.readText(pathOf(descriptor.digest), name)
    if (text.length !== descriptor.size) {
      throw new ImageFault(`${name} has ${text.length} bytes where ${descriptor.size} are named`)
    }
    checkText(text, descriptor.digest, where)
    return parseJson(text, name)
  }

  readText(file: string, where: string): Buffer {
    const fd = this.openFile(file, where)
    const { size } = fstatSync(fd)
    if (size > TEXT_LIMIT) throw new ImageFault(`${where} is too large: ${size} bytes`)
    const text = Buffer.alloc(size)
    return text.subarray(0, readSync(fd, text, 0, size, 0))
  }
}

function pathOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

/** Throws unless the bytes of `fd` have this digest. */
export function checkDigest(fd: number, digest: string, where: string): void {
  const hash = hashFor(digest)
  const chunk = Buffer.allocUnsafe(CHUNK)
  for (let at = 0; ; ) {
    const length = readSync(fd, chunk, 0, CHUNK, at)
    if (length === 0) break
    hash.update(chunk.subarray(0, length))
    at += length
  }
  refuseDigest(digest, finishDigest(digest, hash), where)
}

/** The same of bytes that were read. */
export function checkText(text: Buffer, digest: string, where: string): void {
  refuseDigest(digest, finishDigest(digest, hashFor(digest).update(text)), where)
}

function refuseDigest(wanted: string, found: string, where: string): void {
  if (found === wanted) return
  throw new ImageFault(`${where} (${wanted}) is damaged: its bytes have the digest ${found}`)
}

/** The value of a file of JSON. */
export function parseJson(text: Buffer, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (error) {
    throw new ImageFault(`${where} is no JSON: ${(error as Error).message}`, { cause: error })
  }
}
