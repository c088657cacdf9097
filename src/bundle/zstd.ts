// Takes zstd compression off, frame by frame and block by block (RFC 8878).
//
// Node has zstd only from version 22.15 on, so fzstd decodes the blocks. It wants to be fed with
// care: a push returns all that it can be expanded to, and one block is at most 128 KiB (2 MiB if it
// is one repeated byte), so blocks are pushed one at a time. It does not look at checksums either;
// damage in a literal would go unnoticed.

import { Decompress } from 'fzstd'
import { ArchiveFault } from './fault.ts'
import { Xxh64 } from './xxh64.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50 // and the 15 after it

// fzstd reads at most 25 bits of a match's offset: with larger windows it yields wrong bytes.
const WINDOW_LIMIT = 32 << 20

/** The bytes that were compressed; throws when they are not all there, or not what they were. */
export function* readZstd(chunks: Iterable<Buffer>): Generator<Buffer> {
  const input = new ByteQueue(chunks)
  if (!input.has(4) || !isFrame(input.peek(4).readUInt32LE())) {
    throw new ArchiveFault('the file is not zstd data')
  }
  while (input.has(1)) {
    if (!input.has(4)) throw new ArchiveFault('the file goes on after its zstd data')
    const magic = input.peek(4).readUInt32LE()
    if (magic === MAGIC) yield* readFrame(input)
    else if (isFrame(magic)) skipFrame(input)
    else throw new ArchiveFault('the file goes on after its zstd data')
  }
}

function isFrame(magic: number): boolean {
  return magic === MAGIC || (magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC
}

function skipFrame(input: ByteQueue): void {
  let left = input.take(8).readUInt32LE(4)
  for (; left > 0; left -= Math.min(left, 65536)) input.take(Math.min(left, 65536))
}

function* readFrame(input: ByteQueue): Generator<Buffer> {
  const { bytes, size, hasChecksum } = readFrameHeader(input)
  const hash = hasChecksum ? new Xxh64() : undefined
  let out: Buffer[] = []
  const decoder = new Decompress((data) => {
    out.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  })
  push(decoder, bytes, false)

  let total = 0
  for (let last = false; !last; ) {
    const header = input.take(3)
    const word = header.readUIntLE(0, 3)
    const type = (word >> 1) & 3
    last = (word & 1) === 1
    if (type === 3) throw damaged('a block of unknown type')
    // A block of type 1 is one byte, repeated.
    const block = input.take(type === 1 ? 1 : word >> 3)
    const checksum = last && hasChecksum ? input.take(4) : Buffer.alloc(0)
    push(decoder, Buffer.concat([header, block, checksum]), last)
    for (const piece of out) {
      total += piece.length
      hash?.update(piece)
    }
    if (last && hash !== undefined && hash.digestLow() !== checksum.readUInt32LE()) {
      throw damaged('its checksum is another')
    }
    if (last && size !== undefined && size !== total) throw damaged('its length is another')
    yield* out
    out = []
  }
}

function readFrameHeader(input: ByteQueue): {
  bytes: Buffer
  size: number | undefined
  hasChecksum: boolean
} {
  const start = input.take(5)
  const flags = start[4]!
  const isSingleSegment = (flags & 0x20) !== 0
  const idLength = [0, 1, 2, 4][flags & 3]!
  const sizeLength = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!
  const windowLength = isSingleSegment ? 0 : 1
  const rest = input.take(windowLength + idLength + sizeLength)
  if (idLength > 0 && rest.subarray(windowLength, windowLength + idLength).some((byte) => byte)) {
    throw new ArchiveFault('the zstd data needs a dictionary')
  }
  const at = windowLength + idLength
  const size =
    sizeLength === 0
      ? undefined
      : sizeLength === 8
        ? Number(rest.readBigUInt64LE(at))
        : rest.readUIntLE(at, sizeLength) + (sizeLength === 2 ? 256 : 0)
  const descriptor = rest[0] ?? 0
  const windowBase = 2 ** (10 + (descriptor >> 3))
  const window = isSingleSegment ? size! : windowBase + (windowBase / 8) * (descriptor & 7)
  if (window > WINDOW_LIMIT) {
    throw new ArchiveFault('the zstd data needs a window of more than 32 MiB', {
      hint: 'compress it without --long and with at most --ultra -20',
    })
  }
  return { bytes: Buffer.concat([start, rest]), size, hasChecksum: (flags & 4) !== 0 }
}

// fzstd reads past the end of its arrays on bad input and then fails in whatever way comes first.
function push(decoder: Decompress, bytes: Buffer, last: boolean): void {
  try {
    decoder.push(bytes, last)
  } catch (error) {
    throw damaged((error as Error).message, error)
  }
}

function damaged(why: string, cause?: unknown): ArchiveFault {
  return new ArchiveFault(`the zstd data is damaged: ${why}`, { cause })
}

/** Takes exact counts of bytes out of chunks of any length. */
class ByteQueue {
  #chunks: Iterator<Buffer>
  #front: Buffer = Buffer.alloc(0)

  constructor(chunks: Iterable<Buffer>) {
    this.#chunks = chunks[Symbol.iterator]()
  }

  has(count: number): boolean {
    while (this.#front.length < count) {
      const next = this.#chunks.next()
      if (next.done) return false
      this.#front = this.#front.length === 0 ? next.value : Buffer.concat([this.#front, next.value])
    }
    return true
  }

  peek(count: number): Buffer {
    return this.#front.subarray(0, count)
  }

  take(count: number): Buffer {
    if (!this.has(count)) throw new ArchiveFault('the archive is truncated')
    const bytes = this.#front.subarray(0, count)
    this.#front = this.#front.subarray(count)
    return bytes
  }
}
