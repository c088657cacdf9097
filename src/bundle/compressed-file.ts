// Reads an archive file in pieces, and takes its compression off on the way.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { Readable } from 'node:stream'
import { ArchiveFault, errnoOf } from './fault.ts'

const CHUNK = 256 << 10

/** An open archive: how large it is, and how much of it was read so far. */
export class CompressedFile {
  readonly path: string
  readonly size: number
  bytesRead = 0
  #fd: number

  constructor(path: string) {
    this.path = path
    // Without O_NONBLOCK a fifo of this name would hang us.
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(this.#fd)
    this.size = stat.size
    if (!stat.isFile()) {
      this.close()
      throw new ArchiveFault('it is not a file')
    }
  }

  /** The archive without its compression, in pieces of some hundred kilobytes. */
  async *unpacked(): AsyncGenerator<Buffer> {
    if (this.size === 0) throw new ArchiveFault('the file is empty')
    if (this.path.endsWith('.zst')) {
      const { readZstd } = await import('./zstd.ts')
      yield* readZstd(this.#chunks())
    } else if (this.path.endsWith('gz')) {
      yield* this.#gunzipped()
    } else {
      yield* this.#chunks()
    }
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  // A fresh buffer each time: what is downstream holds on to parts of it.
  *#chunks(): Generator<Buffer> {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK)
      const length = readSync(this.#fd, chunk, 0, CHUNK, this.bytesRead)
      if (length === 0) return
      this.bytesRead += length
      yield chunk.subarray(0, length)
    }
  }

  async *#gunzipped(): AsyncGenerator<Buffer> {
    const { createGunzip } = await import('node:zlib')
    const gunzip = createGunzip({ chunkSize: CHUNK })
    const source = Readable.from(this.#chunks(), { highWaterMark: 2 })
    source.on('error', (error) => gunzip.destroy(error))
    source.pipe(gunzip)
    try {
      for await (const chunk of gunzip) yield chunk as Buffer
    } catch (error) {
      const code = errnoOf(error)
      if (code === 'Z_BUF_ERROR') throw new ArchiveFault('the archive is truncated')
      if (code?.startsWith('Z_')) {
        throw new ArchiveFault(`the gzip data is damaged: ${(error as Error).message}`)
      }
      throw error
    } finally {
      source.destroy()
      gunzip.destroy()
    }
    this.#checkTail(gunzip.bytesWritten)
  }

  // zlib goes on with what follows a member unless it begins with a zero, which is allowed as
  // padding; it does not look whether zeros are all that is there.
  #checkTail(from: number): void {
    this.bytesRead = from
    for (const chunk of this.#chunks()) {
      if (!chunk.every((byte) => byte === 0)) {
        throw new ArchiveFault('the file goes on after its gzip data')
      }
    }
  }
}
