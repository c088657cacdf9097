// Makes a bundle of an image: all of it, or nothing.

import { mkdirSync, readdirSync, renameSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  openArchive,
  type UnpackOptions,
  unpackOpenArchive,
  warnOfOmissions,
} from '../bundle/archive.ts'
import { ArchiveFault, describeFault, errnoOf } from '../bundle/fault.ts'
import { Staging } from '../bundle/staging.ts'
import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { parseConfig } from '../spec/parse.ts'
import { refuseProblems } from '../spec/problem.ts'
import { Blobs } from './blobs.ts'
import { convertConfig, mergePatch } from './convert.ts'
import { ImageFault } from './fault.ts'
import { applyLayers } from './layers.ts'
import { findImage } from './manifest.ts'
import { parsePlatform } from './platform.ts'
import { parseReference } from './reference.ts'

/** How an image becomes a bundle. */
export interface ImageOptions extends UnpackOptions {
  /** What IMAGE and BUNDLE are relative to. */
  readonly cwd: string
  /** OS/ARCH of an image that has several; default this host's. */
  readonly platform?: string | undefined
  /** The config to start from. */
  readonly base: Config
  /** What is merged into the config.json of the image (RFC 7396). */
  readonly patch?: unknown
}

/** Unpacks IMAGE, as PATH[:TAG][@DIGEST], to the directory `bundle`, which is absent or empty. */
export async function unpackImage(
  image: string,
  bundle: string,
  options: ImageOptions,
): Promise<void> {
  const directory = resolve(options.cwd, bundle)
  const isNew = makeBundle(directory)
  let staging: Staging | undefined
  let isDone = false
  try {
    staging = new Staging(join(directory, 'rootfs'), options.program)
    refuseFull(directory)
    isDone = await fill(image, directory, staging, options)
  } catch (error) {
    if (error instanceof TsociError && error.code !== 'ABORTED') throw error
    const code = error instanceof TsociError ? error.code : 'BAD_BUNDLE'
    const known = error instanceof ImageFault || error instanceof ArchiveFault
    throw new TsociError(code, `unpack image "${image}": ${describeFault(error)}`, {
      cause: error,
      hint: known ? error.hint : undefined,
    })
  } finally {
    try {
      staging?.remove()
      if (isNew && !isDone) rmdirSync(directory)
    } catch {
      // The next one tries again.
    }
  }
}

function makeBundle(directory: string): boolean {
  try {
    mkdirSync(directory)
    return true
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST' && statSync(directory).isDirectory()) return false
    throw new TsociError('BAD_BUNDLE', `make bundle "${directory}": ${describeFault(cause)}`, {
      cause,
    })
  }
}

// What is being unpacked by another process ends by itself.
function refuseFull(directory: string): void {
  const names = readdirSync(directory).filter((name) => !name.startsWith('.tsoci-unpack-'))
  if (names.length === 0) return
  throw new TsociError('BAD_BUNDLE', `bundle "${directory}" is not empty`, {
    hint: 'name a directory that is empty, or not there yet',
  })
}

async function fill(
  image: string,
  directory: string,
  staging: Staging,
  options: ImageOptions,
): Promise<boolean> {
  const reference = parseReference(image, options.cwd)
  const blobs = new Blobs(await layoutOf(reference.path, staging, options))
  try {
    const found = findImage(blobs, reference, parsePlatform(options.platform))
    const omissions = await applyLayers(found.layers, staging.root, options)
    const config = convertConfig(found.config, staging.tree, options.base)
    const text = `${JSON.stringify(mergePatch(config, options.patch ?? {}), null, 2)}\n`
    refuseProblems(parseConfig(text, 'config.json').problems, 'config.json')
    writeFileSync(join(staging.path, 'config.json'), text, { mode: 0o644 })
    renameSync(join(staging.path, 'config.json'), join(directory, 'config.json'))
    if (!staging.publish()) throw new ImageFault('another process has made the bundle')
    warnOfOmissions(omissions, options.onWarning)
    return true
  } finally {
    blobs.close()
  }
}

/** The directory of the image; that of an archive is unpacked beside the rootfs, and goes with it. */
async function layoutOf(path: string, staging: Staging, options: ImageOptions): Promise<string> {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new ImageFault('there is no such file or layout')
  if (stat.isDirectory()) return path
  const directory = join(staging.path, 'image')
  mkdirSync(directory, { mode: 0o700 })
  await unpackOpenArchive(path, openArchive(path), directory, options)
  return directory
}
