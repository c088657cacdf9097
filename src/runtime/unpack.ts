// Makes bundles of images.

import { readFileSync } from 'node:fs'
import { describeFault } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import { readCgroupFacts } from '../host/cgroups.ts'
import { unpackImage } from '../image/unpack-image.ts'
import { frontPath } from '../launch/front-path.ts'
import { defaultConfig, rootlessConfig } from '../spec/defaults.ts'
import type { Problem } from '../spec/problem.ts'

/** How an image becomes a bundle. */
export interface UnpackImageOptions {
  /** What relative paths are relative to; default the working directory. */
  readonly cwd?: string | undefined
  /** OS/ARCH, of an image for several; default this host's. */
  readonly platform?: string | undefined
  /** A file of JSON that is merged into the config.json. */
  readonly config?: string | undefined
  /** Ends the unpacking; nothing is left of it. */
  readonly signal?: AbortSignal | undefined
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

/**
 * Makes the bundle `bundle` of an image: PATH of an OCI layout or an archive, with :TAG or @DIGEST.
 * Throws TsociError: BAD_BUNDLE, BAD_CONFIG, ABORTED.
 */
export async function unpack(
  image: string,
  bundle: string,
  { cwd = process.cwd(), config, ...options }: UnpackImageOptions = {},
): Promise<void> {
  const host = { cgroup2: readCgroupFacts().layout === 'v2' }
  const [uid, gid] = [process.geteuid!(), process.getegid!()]
  await unpackImage(image, bundle, {
    ...options,
    cwd,
    program: frontPath(),
    base: uid === 0 ? defaultConfig(host) : rootlessConfig(uid, gid, host),
    patch: config === undefined ? undefined : readPatch(config),
  })
}

function readPatch(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new TsociError('BAD_CONFIG', `read "${file}": ${describeFault(cause)}`, { cause })
  }
}
