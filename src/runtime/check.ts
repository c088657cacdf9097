// Holds a bundle against this host, all of it, before anything is created.

import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { archiveHint, findArchive } from '../bundle/bundle.ts'
import { describeFault } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import { probeHost } from '../host/probe.ts'
import { findMissing } from '../host/requirements.ts'
import { compilePlan } from '../plan/compile.ts'
import { listIgnored } from '../plan/ignored.ts'
import type { Config } from '../spec/config.ts'
import { parseConfig } from '../spec/parse.ts'
import { placeProblems } from '../spec/positions.ts'
import { error, keysOf, type Problem } from '../spec/problem.ts'
import { makeFilter } from './filter.ts'

/** What `check` looks at. */
export interface CheckOptions {
  /** Bundle directory; default the working directory. */
  readonly bundle?: string | undefined
  /** Configuration file to use instead of BUNDLE/config.json. */
  readonly config?: string | undefined
}

/**
 * Every reason why this host, with the privilege of the caller, would not create the bundle's
 * container, with its remedy; nothing is made. Throws TsociError BAD_BUNDLE when there is no
 * config.json to read.
 */
export async function check(options: CheckOptions = {}): Promise<readonly Problem[]> {
  const bundle = resolve(options.bundle ?? '.')
  const file = resolve(bundle, options.config ?? 'config.json')
  const text = readConfig(file)
  const { config, problems } = parseConfig(text, file)
  // A file that is wrong in itself says nothing reliable about what it needs.
  if (problems.some(({ severity }) => severity === 'error')) return problems
  const host = probeHost()
  const found = [
    ...checkRootfs(bundle, config),
    ...findMissing(config, host, bundle),
    ...listIgnored(config, host.facts),
    ...(await checkFilter(config)),
  ]
  const named = new Set(found.map(({ pointer }) => pointer))
  const refused = compileApart(config, host.facts).filter(({ pointer }) => !named.has(pointer))
  return placeProblems([...problems, ...found, ...refused], text)
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TsociError('BAD_BUNDLE', `read "${file}": ${describeFault(cause)}`, {
      hint: 'name the bundle, or write a config.json with tsoci spec',
      cause,
    })
  }
}

function checkRootfs(bundle: string, { root }: Config): Problem[] {
  if (root === undefined) return [error([], 'no root', { hint: 'add "root": {"path": "rootfs"}' })]
  const rootfs = resolve(bundle, root.path)
  if (existsSync(rootfs) || findArchive(bundle) !== undefined) return []
  const hint = archiveHint(bundle)
  return [error(['root', 'path'], `rootfs "${rootfs}" does not exist`, { hint })]
}

async function checkFilter(config: Config): Promise<Problem[]> {
  return await refusal(['linux', 'seccomp'], async () => {
    await makeFilter(config)
  })
}

/**
 * The compile refuses at the first thing that it can't do. So what config.json may leave out is
 * compiled a part at a time, with only what every container has beside it.
 */
function compileApart(config: Config, host: HostFacts): Problem[] {
  const { process, root, linux, ociVersion, mounts = [], hooks, annotations = {} } = config
  const least: Config = {
    ociVersion,
    root: root ?? { path: 'rootfs' },
    process: { cwd: process?.cwd ?? '/', args: process?.args ?? ['true'] },
    linux: pick(linux, ['namespaces', 'uidMappings', 'gidMappings', 'cgroupsPath']),
  }
  const problems = tryCompile(['linux', 'namespaces'], least, host)
  if (problems.length > 0) return problems
  const parts: [path: (string | number)[], config: Config][] = []
  for (const [key, value] of Object.entries(process ?? {})) {
    parts.push([['process', key], { ...least, process: { ...least.process!, [key]: value } }])
  }
  for (const [i, mount] of mounts.entries())
    parts.push([['mounts', i], { ...least, mounts: [mount] }])
  for (const [key, value] of Object.entries(linux?.resources ?? {})) {
    const resources = { [key]: value }
    parts.push([['linux', 'resources', key], { ...least, linux: { ...least.linux, resources } }])
  }
  for (const [key, value] of Object.entries(linux ?? {})) {
    if (key === 'resources' || key === 'seccomp') continue
    parts.push([['linux', key], { ...least, linux: { ...least.linux, [key]: value } }])
  }
  for (const [name, value] of Object.entries(annotations)) {
    parts.push([['annotations', name], { ...least, annotations: { [name]: value } }])
  }
  if (hooks !== undefined) parts.push([['hooks'], { ...least, hooks }])
  return parts.flatMap(([path, part]) => tryCompile(path, part, host))
}

function pick<T extends object, K extends keyof T>(object: T | undefined, keys: readonly K[]) {
  const entries = keys.flatMap((key) => (object?.[key] === undefined ? [] : [[key, object[key]]]))
  return Object.fromEntries(entries) as Pick<T, K>
}

const OPTIONS = {
  verb: 'create',
  detach: false,
  keep: false,
  noPivot: false,
  noNewKeyring: false,
  cgroupManager: 'cgroupfs',
  rootfs: undefined,
} as const

function tryCompile(path: (string | number)[], config: Config, host: HostFacts): Problem[] {
  try {
    const hasConsoleSocket = config.process?.terminal === true
    compilePlan({ config, configText: '', host, options: { ...OPTIONS, hasConsoleSocket } })
    return []
  } catch (cause) {
    return [asProblem(path, cause)]
  }
}

async function refusal(path: string[], attempt: () => Promise<void>): Promise<Problem[]> {
  try {
    await attempt()
    return []
  } catch (cause) {
    return [asProblem(path, cause)]
  }
}

function asProblem(path: readonly (string | number)[], cause: unknown): Problem {
  if (!(cause instanceof TsociError)) throw cause
  const { at, hint, message } = cause
  const advice = hint === undefined ? {} : { hint }
  if (at === undefined) return error(path, message, advice)
  return error(keysOf(at), message.slice(0, -` [${at}]`.length), advice)
}
