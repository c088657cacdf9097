// Applies the layers of an image to a directory, the lowest first.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { decompress, decompressor, detectCompression, installHint } from '../bundle/compression.ts'
import { type ExtractMode, extract, type Omission } from '../bundle/extract.ts'
import { ArchiveFault, describeFault, errnoOf } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import { finishDigest, hashFor } from './digest.ts'
import { ImageFault } from './fault.ts'
import type { Layer } from './manifest.ts'

const CHUNK = 256 << 10

// gzip can do 1032, and no layer with programs in it comes near.
const RATIO_LIMIT = 256
const SMALL = 1 << 30

/** How layers are applied. */
export interface LayerOptions {
  /** The executor's file. */
  readonly program: string
  readonly signal?: AbortSignal | undefined
}

/** Applies `layers` to an open directory; returns what was left out. */
export async function applyLayers(
  layers: readonly Layer[],
  directory: number,
  options: LayerOptions,
): Promise<Omission[]> {
  const omissions: Omission[] = []
  for (const [i, layer] of layers.entries()) {
    // A whiteout hides what lower layers have, wherever in the archive it stands.
    if (i > 0) await apply(layer, 'whiteouts', directory, options)
    omissions.push(...(await apply(layer, 'layer', directory, options)))
  }
  return omissions
}

async function apply(
  { name, fd, diffId }: Layer,
  mode: ExtractMode,
  directory: number,
  { program, signal }: LayerOptions,
): Promise<readonly Omission[]> {
  const hash = hashFor(diffId)
  async function* hashed(): AsyncGenerator<Buffer> {
    const limit = Math.max(SMALL, fstatSync(fd).size * RATIO_LIMIT)
    let count = 0
    // Each pass reads from the start.
    const file = openSync(`/proc/self/fd/${fd}`, 'r')
    try {
      for await (const piece of unpacked(file)) {
        count += piece.length
        if (count > limit) {
          throw new ArchiveFault(`unpacks to more than ${RATIO_LIMIT} times its size`)
        }
        hash.update(piece)
        yield piece
      }
    } finally {
      closeSync(file)
    }
  }
  try {
    const omissions = await extract({ program, mode, directory, archive: hashed(), signal })
    const found = finishDigest(diffId, hash)
    if (found === diffId) return omissions
    throw new ArchiveFault(`unpacked it has the digest ${found}, and the config names ${diffId}`)
  } catch (error) {
    if (error instanceof TsociError) throw error
    const hint = error instanceof ArchiveFault ? error.hint : undefined
    throw new ImageFault(`${name}: ${describeFault(error)}`, { cause: error, hint })
  }
}

/** The bytes of a layer without its compression, from the start. */
async function* unpacked(fd: number): AsyncGenerator<Buffer> {
  const kind = detectCompression(fd)
  const command = kind === undefined ? undefined : decompressor(kind)
  if (command !== undefined) yield* piped(fd, command)
  else if (kind === 'gzip' || kind === 'zstd') yield* decompress(fd, kind)
  else yield* plain(fd)
}

async function* plain(fd: number): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const length = readSync(fd, chunk, 0, CHUNK, at)
    if (length === 0) return
    at += length
    yield chunk.subarray(0, length)
  }
}

async function* piped(fd: number, [program, ...args]: readonly string[]): AsyncGenerator<Buffer> {
  const child = spawn(program!, args, {
    stdio: [fd, 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
  })
  const ended = once(child, 'close')
  ended.catch(() => {}) // awaited below
  let words = ''
  child.stderr!.on('data', (chunk) => {
    words += chunk
  })
  try {
    for await (const chunk of child.stdout!) yield chunk as Buffer
    const [status] = await ended
    if (status !== 0) throw new ArchiveFault(`${program} can not decompress it: ${words.trim()}`)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    const hint = installHint(program!)
    throw new ArchiveFault(`needs the program "${program}"`, { hint, cause: error })
  } finally {
    child.kill('SIGKILL')
  }
}
