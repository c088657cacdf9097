// Unpacks a rootfs archive: all of it, or nothing.

import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import type { Problem } from '../spec/problem.ts'
import { decompress, decompressor, detectCompression } from './compression.ts'
import { extract, type Omission } from './extract.ts'
import { ArchiveFault, describeFault } from './fault.ts'
import { Progress } from './progress.ts'
import { Staging } from './staging.ts'

/** What a caller may ask of unpackArchive(). */
export interface UnpackOptions {
  /** The executor's file. */
  readonly program: string
  /** Where the progress is shown; default standard error if it is a terminal. `false`: nowhere. */
  readonly progress?: NodeJS.WriteStream | false | undefined
  /** Ends the unpacking; nothing is left of it. */
  readonly signal?: AbortSignal | undefined
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

/** Unpacks `archive` to `rootfs`, which is absent or an empty directory. */
export async function unpackArchive(
  archive: string,
  rootfs: string,
  options: UnpackOptions,
): Promise<void> {
  let fd: number | undefined
  let staging: Staging | undefined
  try {
    fd = openArchive(archive)
    staging = new Staging(rootfs, options.program)
    const omissions = await extractFile(archive, fd, staging.root, options)
    refuseImage(staging.tree)
    if (staging.publish()) warnOfOmissions(omissions, options.onWarning)
  } catch (error) {
    if (error instanceof TsociError && error.code !== 'ABORTED') throw error
    const code = error instanceof TsociError ? error.code : 'BAD_BUNDLE'
    const hint = error instanceof ArchiveFault ? error.hint : undefined
    throw new TsociError(code, `cannot unpack "${archive}": ${describeFault(error)}`, {
      cause: error,
      at: '/root/path',
      hint: hint ?? 'make or download the archive again, and see to space and rights in the bundle',
    })
  } finally {
    if (fd !== undefined) closeSync(fd)
    try {
      staging?.remove()
    } catch {
      // It is in nobody's way, and the next extraction tries again.
    }
  }
}

/** Unpacks an open archive to a directory that is there; closes it. What is left out goes untold. */
export async function unpackOpenArchive(
  path: string,
  fd: number,
  directory: string,
  options: UnpackOptions,
): Promise<void> {
  const target = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await extractFile(path, fd, target, options)
  } finally {
    closeSync(target)
    closeSync(fd)
  }
}

/** Opens an archive to read; throws ArchiveFault for what is no file. */
export function openArchive(path: string): number {
  // Without O_NONBLOCK a fifo of this name would hang us.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new ArchiveFault('it is not a file')
}

async function extractFile(
  path: string,
  fd: number,
  directory: number,
  options: UnpackOptions,
): Promise<readonly Omission[]> {
  const { program, signal } = options
  const kind = detectCompression(fd)
  const command = kind === undefined ? undefined : decompressor(kind)
  const isOurs = command === undefined && (kind === 'gzip' || kind === 'zstd')
  const terminal = options.progress ?? (process.stderr.isTTY ? process.stderr : false)
  const progress = new Progress(path, terminal === false ? undefined : terminal)
  const { size } = fstatSync(fd)
  const timer =
    terminal === false ? undefined : setInterval(() => progress.update(position(fd), size), 100)
  try {
    return await extract({
      program,
      mode: 'rootfs',
      directory,
      archive: isOurs ? decompress(fd, kind) : fd,
      decompressor: command,
      signal,
    })
  } finally {
    clearInterval(timer)
    progress.clear()
  }
}

// Whoever reads the file shares its offset with us.
function position(fd: number): number {
  return Number(/^pos:\s*([0-9]+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1])
}

// What is in there is as hostile as any archive: no link is followed.
function refuseImage(tree: string): void {
  const kind =
    readHead(`${tree}/oci-layout`).includes('imageLayoutVersion') && readHead(`${tree}/index.json`)
      ? 'an OCI image layout'
      : /"Layers":\s*\[/.test(readHead(`${tree}/manifest.json`))
        ? 'an image as docker save writes it'
        : undefined
  if (kind === undefined) return
  throw new ArchiveFault(`it is ${kind}, and no rootfs`, {
    hint: 'make a bundle of it with: tsoci unpack IMAGE BUNDLE',
  })
}

function readHead(path: string): string {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch {
    return ''
  }
  try {
    const head = Buffer.alloc(64 << 10)
    return fstatSync(fd).isFile() ? head.toString('utf8', 0, readSync(fd, head)) : ''
  } finally {
    closeSync(fd)
  }
}

/** Tells what the rootfs lacks. */
export function warnOfOmissions(
  omissions: readonly Omission[],
  onWarning: UnpackOptions['onWarning'],
): void {
  for (const { what, count, first, why } of omissions) {
    onWarning?.({
      severity: 'warning',
      pointer: '/root/path',
      message: `left ${count} ${what} out of the rootfs, first ${first}: ${why}`,
    })
  }
}
