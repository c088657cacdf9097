// Prepares a tar stream for tar-stream: what it does not know is taken out, and kept.
//
// tar-stream cuts the archive into entries. It has no notion of GNU sparse headers, decodes pax
// values as text although a capability is binary, and reads on after the end of the archive, where
// it can't tell a whole archive from a truncated one. So the 512-byte blocks pass through here
// first. Pax headers are read here and not passed on; a sparse header becomes a plain one.

import { ArchiveFault, quoteName } from './fault.ts'
import { type PaxRecords, parsePax, paxNumber } from './pax.ts'
import { checkExtents, type Extent, pairExtents, type SparseMap } from './sparse.ts'

const BLOCK = 512

// Names, links and pax records in front of an entry. tar-stream has the same limit.
const HEADER_LIMIT = 4 << 20

/** What the blocks said about an entry and tar-stream does not. */
export interface EntryNote {
  readonly pax: PaxRecords
  /** From an old GNU header of type S; the newer forms are in `pax`. */
  readonly sparse: SparseMap | undefined
  /** Bytes of the entry in the archive. */
  readonly size: number
  /** Seconds; tar-stream is off by one for times before 1970. */
  readonly mtime: number
}

type State =
  | { readonly at: 'header' }
  | { readonly at: 'data'; left: number; readonly keep: boolean }
  | { readonly at: 'pax'; left: number; readonly size: number; readonly global: boolean }
  | { readonly at: 'sparse'; readonly header: Buffer; readonly numbers: number[] }
  | { readonly at: 'end' }

/** Walks the blocks of one archive. */
export class TarBlocks {
  /** One note per entry that tar-stream will emit, in its order. */
  readonly notes: EntryNote[] = []
  #state: State = { at: 'header' }
  #carry: Buffer[] = []
  #carried = 0
  #global: PaxRecords = []
  #local: PaxRecords = []
  #headers = 0

  /** Takes a chunk of the archive; returns the bytes for tar-stream. */
  push(chunk: Buffer): Buffer[] {
    const out: Buffer[] = []
    let rest = chunk
    while (rest.length > 0) {
      const state = this.#state
      if (state.at === 'end') {
        checkZeros(rest)
        break
      }
      if (state.at === 'data') {
        const part = rest.subarray(0, state.left)
        if (state.keep) out.push(part)
        rest = rest.subarray(part.length)
        state.left -= part.length
        if (state.left === 0) this.#state = { at: 'header' }
        continue
      }
      const wanted = state.at === 'pax' ? state.left : BLOCK
      const part = rest.subarray(0, wanted - this.#carried)
      this.#carry.push(part)
      this.#carried += part.length
      rest = rest.subarray(part.length)
      if (this.#carried < wanted) break
      const whole = this.#carry.length === 1 ? part : Buffer.concat(this.#carry)
      this.#carry = []
      this.#carried = 0
      if (state.at === 'pax') {
        this.#takePax(whole, state)
      } else {
        const header = state.at === 'sparse' ? state.header : whole
        try {
          if (state.at === 'sparse') this.#takeSparse(whole, state, out)
          else this.#takeHeader(whole, out)
        } catch (error) {
          throw wrapHeaderFault(header, error)
        }
      }
    }
    return out
  }

  /** Says that the archive has no more bytes; throws if it should have had. */
  end(): void {
    if (this.#state.at === 'end') return
    if (this.#headers === 0 && this.#carried === 0) throw new ArchiveFault('the archive is empty')
    if (this.#headers === 0) throw new ArchiveFault('the file is not a tar archive')
    throw new ArchiveFault('the archive is truncated')
  }

  #takeHeader(header: Buffer, out: Buffer[]): void {
    if (isZero(header)) {
      // POSIX asks for two blocks of zeros. Some writers leave it at one, so one is the end.
      this.#state = { at: 'end' }
      if (this.#headers === 0) throw new ArchiveFault('the archive has no entries')
      // tar-stream takes it only when the entry before is done, so it can't close too early.
      out.push(header)
      return
    }
    if (!hasChecksum(header)) {
      throw new ArchiveFault(
        this.#headers === 0
          ? 'the file is not a tar archive'
          : `the archive is damaged after ${this.#headers} headers`,
      )
    }
    this.#headers++
    const type = String.fromCharCode(header[156]!)
    const size = parseSize(header.subarray(124, 136))
    switch (type) {
      case 'x':
      case 'g':
        checkHeaderSize(size)
        this.#state =
          size === 0
            ? { at: 'header' }
            : { at: 'pax', left: padded(size), size, global: type === 'g' }
        return
      case 'L':
      case 'K':
        checkHeaderSize(size)
        // tar-stream loses its place after an empty one.
        if (size > 0) out.push(isPlain(header) ? header : withSize(header, size))
        this.#passData(size, size > 0)
        return
      case 'V': // the label of a volume, no file
        this.#passData(size, false)
        return
      case 'S':
        this.#state = { at: 'sparse', header, numbers: sparseNumbers(header.subarray(386), 4) }
        // The map goes on in blocks of its own.
        if (header[482] === 0) this.#passSparse(this.#state.header, this.#state.numbers, out)
        return
      case '\0':
      case '0':
      case '7':
        this.#passEntry(header, size, out)
        return
      case '5':
        // A directory's size is a quota in old systems; no data follows.
        this.#passEntry(withSize(header, 0), 0, out)
        return
      case '1':
      case '2':
      case '3':
      case '4':
      case '6':
        // Writers disagree on whether data follows such a size, and we can't know.
        if (size > 0) throw new ArchiveFault('is no file but has data')
        this.#passEntry(header, size, out)
        return
      default:
        throw new ArchiveFault(`is of the unknown type ${JSON.stringify(type)}`)
    }
  }

  #passEntry(header: Buffer, size: number, out: Buffer[], sparse?: SparseMap): void {
    const pax = [...this.#global, ...this.#local]
    this.#local = []
    const isFile = '\x000S7'.includes(String.fromCharCode(header[156]!))
    const paxSize = isFile ? paxNumber(pax, 'size') : undefined
    const stored = paxSize ?? size
    out.push(isPlain(header) && paxSize === undefined ? header : withSize(header, stored))
    const mtime = parseNumber(header.subarray(136, 148))
    if (mtime === undefined) throw new ArchiveFault('has a bad modification time')
    this.notes.push({ pax, sparse, size: stored, mtime })
    this.#passData(stored, true)
  }

  #passData(size: number, keep: boolean): void {
    this.#state = size === 0 ? { at: 'header' } : { at: 'data', left: padded(size), keep }
  }

  #takePax(body: Buffer, state: { readonly size: number; readonly global: boolean }): void {
    const records = parsePax(body.subarray(0, state.size))
    if (state.global) this.#global = [...this.#global, ...records]
    else this.#local = [...this.#local, ...records]
    this.#state = { at: 'header' }
  }

  #takeSparse(
    block: Buffer,
    state: { readonly header: Buffer; readonly numbers: number[] },
    out: Buffer[],
  ): void {
    state.numbers.push(...sparseNumbers(block, 21))
    if (state.numbers.length > HEADER_LIMIT / 8) {
      throw new ArchiveFault('has a sparse map without end')
    }
    if (block[504] === 0) this.#passSparse(state.header, state.numbers, out)
  }

  #passSparse(header: Buffer, numbers: readonly number[], out: Buffer[]): void {
    const stored = parseSize(header.subarray(124, 136))
    const size = parseSize(header.subarray(483, 495))
    const extents: Extent[] = pairExtents(numbers)
    checkExtents(extents, size, stored)
    this.#passEntry(withType(header, '0'), stored, out, { size, extents })
  }
}

// A fault of the archive as a whole says so; any other is about the entry of this header. Its name
// field is for the message only: a header in front of it may have set another.
function wrapHeaderFault(header: Buffer, error: unknown): unknown {
  if (!(error instanceof ArchiveFault) || /^the (archive|file) /.test(error.message)) return error
  const name = quoteName(textField(header.subarray(0, 100)))
  return new ArchiveFault(`entry ${name} ${error.message}`, { cause: error })
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}

function checkZeros(bytes: Buffer): void {
  if (!isZero(bytes)) {
    throw new ArchiveFault('the archive goes on after its end')
  }
}

function checkHeaderSize(size: number): void {
  if (size > HEADER_LIMIT) throw new ArchiveFault('is an oversized pax or name header')
}

function textField(field: Buffer): string {
  const end = field.indexOf(0)
  return field.toString('latin1', 0, end < 0 ? field.length : end)
}

function checksum(header: Buffer): number {
  let sum = 8 * 0x20
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i]!
  return sum
}

function hasChecksum(header: Buffer): boolean {
  return parseInt(textField(header.subarray(148, 156)).trim(), 8) === checksum(header)
}

function parseSize(field: Buffer): number {
  const number = parseNumber(field)
  if (number === undefined || number < 0) throw new ArchiveFault('has a bad size')
  return number
}

/** A number field: octal digits, or base 256 in two's complement when the first bit is set. */
function parseNumber(field: Buffer): number | undefined {
  if ((field[0]! & 0x80) === 0) {
    const text = textField(field).trim()
    if (!/^[0-7]*$/.test(text)) return undefined
    return text === '' ? 0 : parseInt(text, 8)
  }
  const digits = Buffer.from(field)
  // The first bit is the mark, and the second the sign.
  if ((digits[0]! & 0x40) === 0) digits[0] = digits[0]! & 0x7f
  const number = Number(BigInt.asIntN(digits.length * 8, BigInt(`0x${digits.toString('hex')}`)))
  return Number.isSafeInteger(number) ? number : undefined
}

/** Offsets and lengths in a sparse header: `count` pairs of 12 bytes each, the unused ones empty. */
function sparseNumbers(field: Buffer, count: number): number[] {
  const numbers: number[] = []
  for (let i = 0; i < count; i++) {
    const pair = field.subarray(i * 24, i * 24 + 24)
    if (pair[0] === 0 && pair[12] === 0) break
    numbers.push(parseSize(pair.subarray(0, 12)), parseSize(pair.subarray(12, 24)))
  }
  return numbers
}

// Numbers as nearly all writers pad them. The rest is written anew, so that tar-stream, which is
// stricter here and laxer there, can't take another size for it than we do.
function isPlain(header: Buffer): boolean {
  const size = header.toString('latin1', 124, 136)
  const sum = header.toString('latin1', 148, 156)
  return /^[0-7]{11}[\0 ]$/.test(size) && /^[0-7]{6}[\0 ]{2}$/.test(sum)
}

function withSize(header: Buffer, size: number): Buffer {
  const copy = Buffer.from(header)
  copy.fill(0, 124, 136)
  copy[124] = 0x80
  copy.writeBigUInt64BE(BigInt(size), 128)
  return withChecksum(copy)
}

function withType(header: Buffer, type: string): Buffer {
  const copy = Buffer.from(header)
  copy.write(type, 156, 'latin1')
  copy.fill(0, 345)
  return withChecksum(copy)
}

function withChecksum(header: Buffer): Buffer {
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
