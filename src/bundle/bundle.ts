// Finds and reads a bundle: its config.json, and its rootfs.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { parseConfig } from '../spec/parse.ts'
import { type Problem, refuseProblems } from '../spec/problem.ts'
import type { UnpackOptions } from './archive.ts'
import { describeFault, errnoOf } from './fault.ts'

/** A bundle that was read: what it asks for, and where its rootfs is. */
export interface Bundle {
  /** The bundle's directory, absolute, with symlinks as they were given. */
  readonly path: string
  readonly config: Config
  /** The bytes that `config` was made from, for digests and for positions in them. */
  readonly configText: string
  /** An existing directory, absolute; never a symlink itself. */
  readonly rootfs: string
}

/** What a caller may ask of readBundle(). */
export interface BundleOptions {
  /** Configuration file instead of config.json; a relative one is in the bundle. */
  readonly config?: string | undefined
  /** Where the rootfs is, or is unpacked, instead of the bundle's root.path. */
  readonly rootfsDir?: string | undefined
  readonly onWarning?: ((problem: Problem) => void) | undefined
  /** How a rootfs archive is unpacked, if it comes to that. */
  readonly unpack?: UnpackOptions | undefined
}

// A config.json of engines has some tens of kilobytes. The limit keeps a wrong path such as a
// disk image from filling memory.
const CONFIG_LIMIT = 64 << 20

// The ending says nothing: compression.ts looks into the file.
const ARCHIVES = ['tar', 'tar.gz', 'tgz', 'tar.zst', 'tar.xz', 'tar.bz2', 'tar.lz4'].map(
  (ending) => `rootfs.${ending}`,
)

/** Reads the bundle in `dir`, unpacking its rootfs archive if there is no rootfs yet. */
export async function readBundle(dir: string, options: BundleOptions = {}): Promise<Bundle> {
  const path = absolutePath(dir)
  checkBundleDirectory(path)
  const file = resolve(path, options.config ?? 'config.json')
  const configText = readConfigText(file)
  const { config, problems } = parseConfig(configText, file)
  refuseProblems(problems, file)
  if (options.onWarning !== undefined) {
    for (const problem of problems) if (problem.quiet !== true) options.onWarning(problem)
  }
  return { path, config, configText, rootfs: await findRootfs(path, config, options) }
}

function absolutePath(path: string): string {
  try {
    return resolve(path)
  } catch (error) {
    // The working directory was removed under us.
    throw badBundle(`find "${path}": the working directory does not exist`, error)
  }
}

function checkBundleDirectory(path: string): void {
  let isDirectory: boolean | undefined
  try {
    isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  } catch (error) {
    throw badBundle(`open bundle "${path}": ${describeFault(error)}`, error)
  }
  if (isDirectory === undefined) throw badBundle(`bundle "${path}" does not exist`)
  if (!isDirectory) throw badBundle(`bundle "${path}" is not a directory`)
}

function readConfigText(file: string): string {
  let bytes: Buffer
  let fd: number | undefined
  try {
    // Without O_NONBLOCK a fifo of this name would hang us.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw badBundle(`"${file}" is not a file`)
    if (stat.size > CONFIG_LIMIT) throw badBundle(`"${file}" is too large for a config.json`)
    bytes = readFileSync(fd)
  } catch (error) {
    if (error instanceof TsociError) throw error
    if (errnoOf(error) === 'ENOENT') {
      throw badBundle(`"${file}" does not exist`, error, 'write one with: tsoci spec')
    }
    throw badBundle(`read "${file}": ${describeFault(error)}`, error)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TsociError('BAD_CONFIG', `"${file}" is not UTF-8 text`, { cause })
  }
}

async function findRootfs(path: string, config: Config, options: BundleOptions): Promise<string> {
  const { rootfsDir } = options
  if (config.root === undefined && rootfsDir === undefined) {
    throw new TsociError('BAD_CONFIG', 'config.json names no root', {
      hint: 'add "root": {"path": "rootfs"}',
    })
  }
  const rootfs =
    rootfsDir === undefined ? resolve(path, config.root!.path) : absolutePath(rootfsDir)
  if (hasRootfs(rootfs) && (rootfsDir === undefined || hasEntries(rootfs))) return rootfs

  const archive = findArchive(path)
  if (archive === undefined) {
    if (rootfsDir !== undefined && hasRootfs(rootfs)) return rootfs
    throw badRootfs(`rootfs "${rootfs}" does not exist`, archiveHint(path))
  }
  // Only now: a bundle that brings a directory loads nothing of tar, gzip or zstd.
  const { unpackArchive } = await import('./archive.ts')
  if (options.unpack === undefined) throw badBundle(`"${archive}" is not unpacked yet`)
  await unpackArchive(archive, rootfs, { onWarning: options.onWarning, ...options.unpack })
  if (!hasRootfs(rootfs)) throw badBundle(`rootfs "${rootfs}" vanished while it was unpacked`)
  return rootfs
}

/**
 * Whether `rootfs` is a directory; false when there is nothing of that name.
 *
 * A symlink is refused, as runc does: the rootfs is bind-mounted by name, and a link could be
 * turned elsewhere between this look and that. Links further up in the path are the caller's own
 * (graph roots of engines often have one), so unlike runc we leave them alone.
 */
function hasRootfs(rootfs: string): boolean {
  let stat: ReturnType<typeof lstatSync>
  try {
    stat = lstatSync(rootfs, { throwIfNoEntry: false })
  } catch (error) {
    throw badBundle(`open rootfs "${rootfs}": ${describeFault(error)}`, error)
  }
  if (stat === undefined) return false
  if (stat.isSymbolicLink()) {
    throw badRootfs(`rootfs "${rootfs}" is a symlink`, 'put the path that it points to there')
  }
  if (!stat.isDirectory()) throw badRootfs(`rootfs "${rootfs}" is not a directory`)
  return true
}

function hasEntries(directory: string): boolean {
  try {
    const dir = opendirSync(directory)
    try {
      return dir.readSync() !== null
    } finally {
      dir.closeSync()
    }
  } catch (error) {
    throw badBundle(`read rootfs "${directory}": ${describeFault(error)}`, error)
  }
}

/** The archive that a bundle brings in place of a rootfs; undefined when there is none. */
export function findArchive(path: string): string | undefined {
  // lstat: a link that leads nowhere is told of when it is opened, not taken for absent.
  return ARCHIVES.map((name) => join(path, name)).find(
    (archive) => lstatSync(archive, { throwIfNoEntry: false }) !== undefined,
  )
}

/** What to do where there is neither a rootfs nor its archive. */
export function archiveHint(path: string): string {
  return lstatSync(join(path, 'make-rootfs.sh'), { throwIfNoEntry: false }) === undefined
    ? 'make that directory, or put a rootfs.tar, rootfs.tar.gz or rootfs.tar.zst in the bundle'
    : `make its archive: sh ${join(path, 'make-rootfs.sh')}`
}

function badRootfs(message: string, hint?: string): TsociError {
  return new TsociError('BAD_BUNDLE', message, { at: '/root/path', hint })
}

function badBundle(message: string, cause?: unknown, hint?: string): TsociError {
  return new TsociError('BAD_BUNDLE', message, { cause, hint })
}
