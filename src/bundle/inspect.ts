// Looks at a bundle and changes nothing: everything that is wrong with it, as findings.

import { resolve } from 'node:path'
import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { type ParseOptions, parseConfig } from '../spec/parse.ts'
import { placeProblems } from '../spec/positions.ts'
import { error, keysOf, type Path, type Problem } from '../spec/problem.ts'
import { chooseRootfs, describeUnused, readText } from './bundle.ts'

/** A bundle that was looked at. */
export interface Inspection {
  readonly path: string
  /** Only to be used when no problem is an error. */
  readonly config: Config
  readonly configText: string
  readonly problems: readonly Problem[]
}

/** What a caller may ask of inspectBundle(). */
export interface InspectOptions extends ParseOptions {
  /** Configuration file instead of config.json. */
  readonly config?: string | undefined
  /** Look at config.json alone, not at the rootfs. */
  readonly configOnly?: boolean
}

/** Inspects the bundle in `dir`. Throws TsociError BAD_BUNDLE when there is no config.json to read. */
export async function inspectBundle(
  dir: string,
  { config: name, configOnly = false, ...how }: InspectOptions,
): Promise<Inspection> {
  const { path, file, configText } = readText(dir, name)
  const { config, problems } = parseConfig(configText, file, how)
  const whole = { path, config, configText, problems }
  // Where it has no sense in itself, nobody knows where the rootfs is.
  if (configOnly || problems.some(({ severity }) => severity === 'error')) return whole
  const found = await inspectRootfs(path, config)
  if (found.length === 0) return whole
  return { ...whole, problems: placeProblems([...problems, ...found], configText) }
}

async function inspectRootfs(bundle: string, { root }: Config): Promise<Problem[]> {
  try {
    const rootfs = resolve(bundle, root.path)
    const { archive, unused } = chooseRootfs(bundle, rootfs)
    if (unused !== undefined) return [describeUnused(unused, rootfs)]
    if (archive === undefined) return []
    const { surveyArchive } = await import('./survey-archive.ts')
    await surveyArchive(archive)
    return []
  } catch (cause) {
    return [asProblem(['root', 'path'], cause)]
  }
}

/** An error as a finding, at the place that it names itself or else at `path`. */
export function asProblem(path: Path, cause: unknown): Problem {
  if (!(cause instanceof TsociError)) throw cause
  const { at, hint, message } = cause
  const advice = hint === undefined ? {} : { hint }
  if (at === undefined) return error(path, message, advice)
  return error(keysOf(at), message.slice(0, -` [${at}]`.length), advice)
}
