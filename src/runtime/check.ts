// Holds a bundle against this host, all of it, before anything is created.

import { asProblem, inspectBundle } from '../bundle/inspect.ts'
import type { HostFacts } from '../host/facts.ts'
import { probeHost } from '../host/probe.ts'
import { findMissing } from '../host/requirements.ts'
import { compilePlan } from '../plan/compile.ts'
import { listIgnored } from '../plan/ignored.ts'
import type { Config } from '../spec/config.ts'
import { placeProblems } from '../spec/positions.ts'
import { type Problem, pointerOf } from '../spec/problem.ts'
import { makeFilter } from './filter.ts'

const ROOT_PATH = '/root/path'

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
  const { config: name } = options
  const found = await inspectBundle(options.bundle ?? '.', { config: name })
  const { path: bundle, config, configText, problems } = found
  // What is wrong in itself says nothing reliable about what it needs.
  if (problems.some(({ severity, pointer }) => severity === 'error' && pointer !== ROOT_PATH)) {
    return problems
  }
  const host = probeHost()
  const missing = [
    ...findMissing(config, host, bundle),
    ...listIgnored(config, host.facts),
    ...(await checkFilter(config)),
  ]
  const named = new Set(missing.map(({ pointer }) => pointer))
  const refused = compileApart(config, host.facts).filter(({ pointer }) => !named.has(pointer))
  return placeProblems([...problems, ...missing, ...refused], configText)
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
  for (const [i, mount] of mounts.entries()) {
    parts.push([['mounts', i], { ...least, mounts: [mount] }])
  }
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
  return parts.flatMap(([path, part]) => {
    const found = tryCompile(path, part, host)
    // The only mount of its part has the index 0 there.
    return path[0] === 'mounts' ? found.map((it) => moved(it, '/mounts/0', pointerOf(path))) : found
  })
}

function moved(problem: Problem, from: string, to: string): Problem {
  const { pointer } = problem
  if (!`${pointer}/`.startsWith(`${from}/`)) return problem
  return { ...problem, pointer: to + pointer.slice(from.length) }
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
