// How an archive is compressed, by its first bytes and never by its name, and what undoes it.

import { existsSync, readSync } from 'node:fs'
import { Readable, type Transform } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as zlib from 'node:zlib'
import { ArchiveFault, errnoOf } from './fault.ts'

export type Compression = 'gzip' | 'zstd' | 'xz' | 'bzip2' | 'lz4'

const MAGIC: readonly (readonly [Compression, RegExp])[] = [
  ['gzip', /^1f8b/],
  // A frame to skip may come first; lz4 has the same ones, and nobody begins with them.
  ['zstd', /^(28b52ffd|5.2a4d18)/],
  ['xz', /^fd377a585a00/],
  ['bzip2', /^425a68/],
  ['lz4', /^(04224d18|02214c18)/],
]

// What Node does not decode is left to a program, which tar takes as well. zstd refuses windows of
// more than 128 MiB unless it is told that they are wanted.
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  zstd: ['zstd', '-dcq', '--long=31'],
  xz: ['xz', '-dcq'],
  bzip2: ['bzip2', '-dcq'],
  lz4: ['lz4', '-dcq'],
}

const PACKAGES: Readonly<Record<string, string>> = {
  zstd: 'zstd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
  lz4: 'lz4',
}

/** The compression of an open file; undefined when it has none that is known. */
export function detectCompression(fd: number): Compression | undefined {
  const head = Buffer.alloc(6)
  const hex = head.toString('hex', 0, readSync(fd, head, 0, head.length, 0))
  return MAGIC.find(([, magic]) => magic.test(hex))?.[0]
}

/** The program that decompresses standard input; undefined where Node does it. */
export function decompressor(kind: Compression): readonly string[] | undefined {
  const program = PROGRAMS[kind]
  // The program takes half the time: its bytes need not pass through here.
  if (kind === 'zstd' && createZstd() !== undefined && !isInPath('zstd')) return undefined
  return program
}

function isInPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((dir) => existsSync(`${dir}/${program}`))
}

/** What to do without a program of `decompressor`. */
export function installHint(program: string): string {
  return `apt-get install ${PACKAGES[program] ?? program}`
}

// From Node 22.15 on; its types are older.
function createZstd(): ((options: object) => Transform) | undefined {
  return (zlib as { createZstdDecompress?: (options: object) => Transform }).createZstdDecompress
}

const CHUNK = 64 << 10

/** The rest of `fd`, decompressed in this process. */
export async function* decompress(fd: number, kind: 'gzip' | 'zstd'): AsyncGenerator<Buffer> {
  const options = { chunkSize: CHUNK }
  // More than 128 MiB of a window would not fit beside other things either.
  const unpacked =
    kind === 'gzip'
      ? zlib.createGunzip(options)
      : createZstd()!({ ...options, params: { [ZSTD_WINDOW_LOG_MAX]: 31 } })
  const source = Readable.from(readChunks(fd), { highWaterMark: 2 })
  source.on('error', (error) => unpacked.destroy(error))
  source.pipe(unpacked)
  const tidy = tidier()
  try {
    for await (const chunk of unpacked) {
      tidy(chunk.length)
      yield chunk as Buffer
    }
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'Z_BUF_ERROR') throw new ArchiveFault('the archive is truncated')
    if (code === undefined || !/^(Z_|ZSTD_)/.test(code)) throw error
    throw new ArchiveFault(`the ${kind} data is damaged: ${(error as Error).message}`)
  } finally {
    source.destroy()
    unpacked.destroy()
  }
  if (kind === 'gzip') checkTail(fd, (unpacked as unknown as { bytesWritten: number }).bytesWritten)
}

const ZSTD_WINDOW_LOG_MAX = 100

// A fresh buffer each time: what is downstream holds on to parts of it.
function* readChunks(fd: number): Generator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const length = readSync(fd, chunk, 0, CHUNK, null)
    if (length === 0) return
    yield chunk.subarray(0, length)
  }
}

// zlib goes on with what follows a member unless it begins with a zero, which is allowed as
// padding; it does not look whether zeros are all that is there.
function checkTail(fd: number, from: number): void {
  const chunk = Buffer.alloc(CHUNK)
  for (let at = from; ; ) {
    const length = readSync(fd, chunk, 0, CHUNK, at)
    if (length === 0) return
    if (!chunk.subarray(0, length).every((byte) => byte === 0)) {
      throw new ArchiveFault('the file goes on after its gzip data')
    }
    at += length
  }
}

// V8 lets buffers pile up to tens of megabytes before it looks at them.
function tidier(): (length: number) => void {
  let collect: ((options: object) => void) | undefined
  try {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('globalThis.gc')
  } catch {
    // Another engine.
  }
  let count = 0
  return (length) => {
    count += length
    if (count < 4 << 20) return
    count = 0
    collect?.({ type: 'minor' })
  }
}
