// Looks into a rootfs archive and makes nothing of it: is it a tar, whole, and can it be read here?

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream } from 'node:fs'
import { TsociError } from '../errors.ts'
import { openArchive } from './archive.ts'
import { decompress, decompressor, detectCompression, installHint } from './compression.ts'
import { ArchiveFault, describeFault, errnoOf } from './fault.ts'

const BLOCK = 512

/** Reads the archive to its end. Throws TsociError BAD_BUNDLE. */
export async function surveyArchive(archive: string): Promise<void> {
  let fd: number | undefined
  try {
    fd = openArchive(archive)
    await readHeaders(readUnpacked(fd))
  } catch (error) {
    const message = `cannot unpack "${archive}" to root.path: ${describeFault(error)}`
    const hint = error instanceof ArchiveFault ? error.hint : undefined
    throw new TsociError('BAD_BUNDLE', message, {
      at: '/root/path',
      cause: error,
      hint: hint ?? 'make or download the archive again, and let the caller read it',
    })
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function readUnpacked(fd: number): AsyncIterable<Buffer> {
  const kind = detectCompression(fd)
  const command = kind === undefined ? undefined : decompressor(kind)
  if (command !== undefined) return readFrom(fd, command)
  if (kind === 'gzip' || kind === 'zstd') return decompress(fd, kind)
  return createReadStream('', { fd, autoClose: false })
}

async function* readFrom(fd: number, command: readonly string[]): AsyncGenerator<Buffer> {
  const [program = '', ...words] = command
  const child: ChildProcess = spawn(program, words, { stdio: [fd, 'pipe', 'ignore'] })
  const ended = once(child, 'close')
  ended.catch(() => {}) // awaited below, but it may fail before
  try {
    for await (const piece of child.stdout!) yield piece as Buffer
    const [status] = await ended
    if (status !== 0) throw new ArchiveFault(`${program} can not decompress it`)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    throw new ArchiveFault(`${program} is not installed`, { hint: installHint(program) })
  } finally {
    child.kill()
  }
}

/** Goes from header to header, and past what each is followed by. */
async function readHeaders(pieces: AsyncIterable<Buffer>): Promise<void> {
  let rest = Buffer.alloc(0)
  let skip = 0
  let count = 0
  for await (const piece of pieces) {
    const skipped = Math.min(skip, piece.length)
    skip -= skipped
    rest = Buffer.concat([rest, piece.subarray(skipped)])
    while (rest.length >= BLOCK) {
      const header = rest.subarray(0, BLOCK)
      if (header.every((byte) => byte === 0)) return // the end of the archive
      if (!hasItsSum(header)) {
        throw new ArchiveFault(count === 0 ? 'it is no tar archive' : 'the tar data is damaged')
      }
      count++
      const past = BLOCK + Math.ceil(sizeOf(header) / BLOCK) * BLOCK
      skip = Math.max(0, past - rest.length)
      rest = rest.subarray(Math.min(past, rest.length))
    }
  }
  if (count === 0 && rest.length === 0 && skip === 0) throw new ArchiveFault('the file is empty')
  if (count === 0) throw new ArchiveFault('it is no tar archive')
  if (rest.length > 0 || skip > 0) throw new ArchiveFault('the archive is truncated')
}

const number = (field: Buffer) => Number.parseInt(field.toString('latin1').trim(), 8)

// The sum counts its own field as blanks.
function hasItsSum(header: Buffer): boolean {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0)
  return sum === number(header.subarray(148, 156))
}

function sizeOf(header: Buffer): number {
  // Links, directories and devices are followed by nothing, whatever their size says.
  if (/[1-6]/.test(String.fromCharCode(header[156]!))) return 0
  const field = header.subarray(124, 136)
  // Above 8 GiB it is binary, with the first bit set (GNU).
  return (field[0]! & 0x80) !== 0 ? Number(field.readBigUInt64BE(4)) : number(field) || 0
}
