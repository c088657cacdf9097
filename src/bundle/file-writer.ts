// Writes the content of one file, with its holes where they were.

import { closeSync, ftruncateSync, writeSync } from 'node:fs'
import { ArchiveFault } from './fault.ts'
import { checkExtents, type Extent, type SparseMap, SparseMapReader } from './sparse.ts'

/** Takes the bytes of an entry in order; the caller closes it. */
export class FileWriter {
  readonly fd: number
  #stored: number
  #size: number | undefined
  #extents: readonly Extent[]
  #map: SparseMapReader | undefined
  #extent = 0
  #done = 0

  /** `stored` is how many bytes of the entry are in the archive. */
  constructor(fd: number, stored: number, sparse: SparseMap | undefined) {
    this.fd = fd
    this.#stored = stored
    this.#size = sparse?.size
    this.#extents = sparse?.extents ?? [{ offset: 0, length: stored }]
    if (sparse !== undefined && sparse.extents === undefined) this.#map = new SparseMapReader()
    else if (sparse !== undefined) checkExtents(this.#extents, sparse.size, stored)
  }

  write(chunk: Buffer): void {
    const map = this.#map
    if (map === undefined) {
      this.#place(chunk)
      return
    }
    const rest = map.push(chunk)
    if (map.extents === undefined) return
    this.#extents = map.extents
    checkExtents(map.extents, this.#size!, this.#stored - map.taken)
    this.#map = undefined
    this.#place(rest)
  }

  /** All bytes came: makes a last hole. */
  finish(): void {
    if (this.#map !== undefined) throw new ArchiveFault('has a sparse map without end')
    if (this.#size !== undefined) ftruncateSync(this.fd, this.#size)
  }

  close(): void {
    closeSync(this.fd)
  }

  #place(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      const extent = this.#extents[this.#extent]
      if (extent === undefined) throw new ArchiveFault('has more data than its sparse map')
      const length = Math.min(extent.length - this.#done, chunk.length - at)
      writeAll(this.fd, chunk.subarray(at, at + length), extent.offset + this.#done)
      at += length
      this.#done += length
      if (this.#done === extent.length) {
        this.#extent++
        this.#done = 0
      }
    }
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at, bytes.length - at, position + at)
  }
}
