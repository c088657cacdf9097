// Sparse files: where the bytes in the archive belong in the file, in the four forms of GNU tar.

import { ArchiveFault } from './fault.ts'
import { type PaxRecords, paxNumber, paxValue } from './pax.ts'

/** A run of bytes that is in the archive; what is between two runs is a hole. */
export interface Extent {
  readonly offset: number
  readonly length: number
}

/** The layout of a sparse file. `extents` is absent when the file's data begins with it (1.0). */
export interface SparseMap {
  readonly size: number
  readonly extents?: readonly Extent[]
}

// The map of pax format 1.0 is text before the data. 4 MiB hold some hundred thousand extents.
const MAP_LIMIT = 4 << 20

/** The layout that a pax header describes: GNU formats 0.0, 0.1 and 1.0; none for other files. */
export function paxSparseMap(pax: PaxRecords): SparseMap | undefined {
  const major = paxValue(pax, 'GNU.sparse.major')
  const minor = paxValue(pax, 'GNU.sparse.minor')
  const size = paxNumber(pax, 'GNU.sparse.realsize') ?? paxNumber(pax, 'GNU.sparse.size')
  if (major === '1' && minor === '0' && size !== undefined) return { size }
  if (major !== undefined && `${major}.${minor}` !== '0.0' && `${major}.${minor}` !== '0.1') {
    throw new ArchiveFault(`is sparse in the unknown format ${major}.${minor}`)
  }

  const map = paxValue(pax, 'GNU.sparse.map')
  const numbers =
    map !== undefined
      ? map.split(',')
      : pax
          .filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
          .map(([, value]) => value)
  if (size === undefined) {
    if (numbers.length > 0) throw new ArchiveFault('is sparse and names no size')
    return undefined
  }
  return { size, extents: pairExtents(numbers.map(parseDecimal)) }
}

/** Refuses a layout that overlaps, runs backwards or does not add up to the bytes in the archive. */
export function checkExtents(extents: readonly Extent[], size: number, stored: number): void {
  let end = 0
  let sum = 0
  for (const { offset, length } of extents) {
    if (offset < end || offset + length > size) throw new ArchiveFault('has a bad sparse map')
    end = offset + length
    sum += length
  }
  if (sum !== stored) throw new ArchiveFault('has a sparse map that does not fit its data')
}

/** Collects the map at the start of a file's data in format 1.0. */
export class SparseMapReader {
  extents: readonly Extent[] | undefined
  /** How many bytes of the data the map took, with its padding. */
  taken = 0
  #text: Buffer = Buffer.alloc(0)

  /** Takes a chunk; returns what is left of it for the file, once the map is complete. */
  push(chunk: Buffer): Buffer {
    this.#text = Buffer.concat([this.#text, chunk])
    const end = this.#parse()
    if (end === undefined) {
      if (this.#text.length > MAP_LIMIT) throw new ArchiveFault('has a sparse map without end')
      return Buffer.alloc(0)
    }
    return this.#text.subarray(end)
  }

  // Lines: how many extents, then the offset and the length of each; padded to a block.
  #parse(): number | undefined {
    // Only whole blocks: the map may be cut anywhere, but its padding ends on a block.
    if (this.#text.length < 512) return undefined
    const numbers: number[] = []
    let at = 0
    let wanted = 1
    while (numbers.length < wanted) {
      const newline = this.#text.indexOf(0x0a, at)
      if (newline < 0) return undefined
      numbers.push(parseDecimal(this.#text.toString('latin1', at, newline)))
      if (numbers.length === 1) wanted = 1 + 2 * numbers[0]!
      at = newline + 1
    }
    const end = Math.ceil(at / 512) * 512
    if (this.#text.length < end) return undefined
    this.extents = pairExtents(numbers.slice(1))
    this.taken = end
    return end
  }
}

/** Pairs of offset and length as extents. */
export function pairExtents(numbers: readonly number[]): Extent[] {
  if (numbers.length % 2 !== 0) throw new ArchiveFault('has a bad sparse map')
  const extents: Extent[] = []
  for (let i = 0; i < numbers.length; i += 2) {
    extents.push({ offset: numbers[i]!, length: numbers[i + 1]! })
  }
  return extents
}

function parseDecimal(text: string): number {
  const number = Number(text)
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new ArchiveFault('has a bad sparse map')
  }
  return number
}
