// Finds and reads a bundle: its config.json, and its rootfs.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { parseConfig } from '../spec/parse.ts'
import { type Problem, refuseProblems, warning } from '../spec/problem.ts'
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
  /** Take root.path as it is written, and look at nothing below it. */
  readonly configOnly?: boolean | undefined
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
  const { path, file, configText } = readText(dir, options.config)
  const { config, problems } = parseConfig(configText, file)
  refuseProblems(problems, file)
  if (options.onWarning !== undefined) {
    for (const problem of problems) if (problem.quiet !== true) options.onWarning(problem)
  }
  return { path, config, configText, rootfs: await findRootfs(path, config, options) }
}

/** The text of a bundle's config.json. Throws TsociError. */
export function readText(
  dir: string,
  config = 'config.json',
): Pick<Bundle, 'path' | 'configText'> & { readonly file: string } {
  const path = absolutePath(dir)
  const file = resolve(path, config)
  checkBundleDirectory(path)
  return { path, file, configText: readConfigText(file) }
}

function absolutePath(path: string): string {
  try {
    return resolve(path)
  } catch (error) {
    // The working directory was removed under us.
    const hint = 'cd to a directory that is there'
    throw badBundle(`cannot find "${path}": the working directory is gone (ENOENT)`, error, hint)
  }
}

const NAME_BUNDLE = 'name the directory that holds config.json: --bundle DIR'

function checkBundleDirectory(path: string): void {
  let isDirectory: boolean | undefined
  try {
    isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory()
  } catch (error) {
    throw badBundle(`cannot open bundle "${path}": ${describeFault(error)}`, error, NAME_BUNDLE)
  }
  if (isDirectory === undefined) {
    throw badBundle(`bundle "${path}" does not exist (ENOENT)`, undefined, NAME_BUNDLE)
  }
  if (!isDirectory) {
    throw badBundle(`bundle "${path}" is not a directory (ENOTDIR)`, undefined, NAME_BUNDLE)
  }
}

const NAME_CONFIG = 'a config.json is a file of JSON text: name it with --config FILE'

function readConfigText(file: string): string {
  let bytes: Buffer
  let fd: number | undefined
  try {
    // Without O_NONBLOCK a fifo of this name would hang us.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw badBundle(`"${file}" is not a file`, undefined, NAME_CONFIG)
    if (stat.size > CONFIG_LIMIT) {
      const message = `"${file}" has ${stat.size} bytes: more than ${CONFIG_LIMIT} is no config.json`
      throw badBundle(message, undefined, NAME_CONFIG)
    }
    bytes = readFileSync(fd)
  } catch (error) {
    if (error instanceof TsociError) throw error
    if (errnoOf(error) === 'ENOENT') {
      const hint = 'name another bundle, or write a config.json with: tsoci spec'
      throw badBundle(`"${file}" does not exist (ENOENT)`, error, hint)
    }
    const hint = 'let the caller read the file, or name another with --config FILE'
    throw badBundle(`cannot read "${file}": ${describeFault(error)}`, error, hint)
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TsociError('BAD_CONFIG', `"${file}" is not UTF-8 text`, { cause, hint: NAME_CONFIG })
  }
}

async function findRootfs(path: string, config: Config, options: BundleOptions): Promise<string> {
  const rootfs = rootfsOf(path, config, options.rootfsDir)
  if (options.configOnly === true) return rootfs
  const choice = chooseRootfs(path, rootfs)
  if (choice.unused !== undefined && isNewer(choice.unused, rootfs)) {
    options.onWarning?.(describeUnused(choice.unused, rootfs))
  }
  if (choice.archive === undefined) return rootfs
  // Only now: a bundle that brings a directory loads nothing of tar, gzip or zstd.
  const { unpackArchive } = await import('./archive.ts')
  if (options.unpack === undefined) throw badBundle(`"${choice.archive}" is not unpacked yet`)
  await unpackArchive(choice.archive, rootfs, { onWarning: options.onWarning, ...options.unpack })
  if (!hasRootfs(rootfs)) throw badBundle(`rootfs "${rootfs}" vanished while it was unpacked`)
  return rootfs
}

function rootfsOf(path: string, config: Config, rootfsDir: string | undefined): string {
  if (rootfsDir !== undefined) return absolutePath(rootfsDir)
  return resolve(path, config.root.path)
}

/** Where a rootfs comes from: the directory as it is, or an archive. */
export interface RootfsChoice {
  readonly archive?: string
  /** An archive that is there, too, beside a directory with something in it. */
  readonly unused?: string
}

/** Chooses; changes nothing. Throws TsociError when there is neither. */
export function chooseRootfs(path: string, rootfs: string): RootfsChoice {
  const isThere = hasRootfs(rootfs)
  const archive = findArchive(path)
  if (archive === undefined) {
    if (isThere) return {}
    throw badRootfs(`rootfs "${rootfs}" does not exist (ENOENT)`, archiveHint(path))
  }
  return isThere && hasEntries(rootfs) ? { unused: archive } : { archive }
}

/** The warning about an archive that is not unpacked. */
export function describeUnused(archive: string, rootfs: string): Problem {
  return warning(['root', 'path'], `"${rootfs}" is taken, and "${archive}" is not unpacked`, {
    hint: 'remove the directory to have the archive, or the archive',
  })
}

// What was unpacked changed later than its archive: it need not be told of each time.
function isNewer(archive: string, rootfs: string): boolean {
  return lstatSync(archive).mtimeMs > lstatSync(rootfs).ctimeMs
}

const NAME_ROOTFS = "name the directory that holds the container's files"

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
  if (!stat.isDirectory())
    throw badRootfs(`rootfs "${rootfs}" is not a directory (ENOTDIR)`, NAME_ROOTFS)
  return true
}

function hasEntries(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0
  } catch {
    return true // not for us to read, and so not for us to unpack into
  }
}

/** The archive that a bundle brings in place of a rootfs; undefined when there is none. */
export function findArchive(path: string): string | undefined {
  // lstat: a link that leads nowhere is told of when it is opened, not taken for absent.
  return ARCHIVES.map((name) => join(path, name)).find(isThere)
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false // below a file, or not for us to see: whoever reads the bundle tells why
  }
}

// What to do where there is neither a rootfs nor its archive.
function archiveHint(path: string): string {
  return !isThere(join(path, 'make-rootfs.sh'))
    ? 'make that directory, or put a rootfs.tar, rootfs.tar.gz or rootfs.tar.zst in the bundle'
    : `make its archive: sh ${join(path, 'make-rootfs.sh')}`
}

function badRootfs(message: string, hint?: string): TsociError {
  return new TsociError('BAD_BUNDLE', message, { at: '/root/path', hint })
}

function badBundle(message: string, cause?: unknown, hint?: string): TsociError {
  return new TsociError('BAD_BUNDLE', message, { cause, hint })
}
