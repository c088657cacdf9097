// Another process in a running container: what the caller named, and all else from its config.

import { closeSync, existsSync, readlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { launchPlan } from '../launch/sink.ts'
import { CAPABILITIES } from '../linux/capabilities.ts'
import { findUngranted, findUnraised } from '../plan/capabilities.ts'
import { compileExec } from '../plan/exec.ts'
import type { CapabilityName, Config, Process } from '../spec/config.ts'
import { parsePart, refuseProblems } from '../spec/parse.ts'
import { type Problem, quote } from '../spec/problem.ts'
import {
  deriveStatus,
  readStoredState,
  type StoredState,
  withoutState,
} from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { countDescriptors, howToRun, listDescriptors } from './executor-options.ts'
import { makeFilter } from './filter.ts'
import type { ExecOptions } from './options.ts'
import { readStoredConfig } from './stored-config.ts'

/** What holds for every process of a container unless another value is named. */
const CONFINEMENT = [
  'apparmorProfile',
  'selinuxLabel',
  'capabilities',
  'noNewPrivileges',
  'rlimits',
  'oomScoreAdj',
  'scheduler',
  'ioPriority',
  'execCPUAffinity',
] as const

/**
 * Runs a process and resolves with its exit status (128 + n for signal n), or with 0 as soon as it
 * runs when detached. Throws TsociError: NOT_FOUND, NOT_RUNNING, WRONG_STATUS, BAD_CONFIG,
 * LAUNCH_FAILED.
 */
export async function exec(id: string, options: ExecOptions): Promise<number> {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = await requireRunning(root, id, options)
  const config = readStoredConfig(root, id)
  const host = readHostFacts()
  const warnings: Problem[] = []
  const process = chooseProcess(config, options, warnings)
  const wanted = { ...withTimeNamespace(config, stored.pid), process }
  warnings.push(...findUngranted(wanted, host))
  if (options.processText !== undefined) warnings.push(...findUnraised(wanted))
  for (const problem of warnings) options.onWarning?.(problem)
  const plan = compileExec(
    {
      config: wanted,
      host,
      seccomp: await makeFilter(config, root),
      cgroups: stored.cgroups,
      unit: stored.systemd,
      noNewKeyring: stored.noNewKeyring,
    },
    {
      subCgroups: options.cgroups,
      pidfdSocket: options.pidfdSocket && resolve(options.pidfdSocket),
      detach: options.detach === true,
      hasConsoleSocket: options.consoleSocket !== undefined,
    },
  )
  const absolute = (path: string | undefined) => (path === undefined ? '' : resolve(path))
  const binding = {
    id,
    root,
    'bundle-json': JSON.stringify(stored.bundle).slice(1, -1),
    'pid-file': absolute(options.pidFile),
    'console-socket': absolute(options.consoleSocket),
    'preserve-fds': String(countDescriptors(options.preserveFds)),
    'init-pid': String(stored.pid),
    'init-start-time': String(stored.startTime),
  }
  return await launchPlan(plan, binding, {
    ...howToRun(options),
    descriptors: listDescriptors(options.preserveFds),
  })
}

// CRIU restores into a time namespace, so that clocks go on: whoever comes later is to see the same.
function withTimeNamespace(config: Config, pid: number): Config {
  const { linux } = config
  const namespaces = linux?.namespaces ?? []
  const has = namespaces.some(({ type }) => type === 'time')
  if (has || readLink(`/proc/${pid}/ns/time`) === readLink('/proc/self/ns/time')) return config
  return { ...config, linux: { ...linux, namespaces: [...namespaces, { type: 'time' }] } }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // a kernel without time namespaces
  }
}

/** Is somebody making or removing the container? */
async function isLocked(dir: string): Promise<boolean> {
  const { loadLibtsoci } = await import('../launch/foreign.ts')
  const fd = loadLibtsoci().lock(dir)
  if (fd >= 0) closeSync(fd)
  return fd < 0
}

async function requireRunning(
  root: string,
  id: string,
  options: ExecOptions,
): Promise<StoredState> {
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined && status === 'stopped') {
    // It was being made when we looked for the one, and is made now.
    if (existsSync(join(root, id, 'state.json'))) return await requireRunning(root, id, options)
    if (!(await isLocked(join(root, id)))) throw withoutState(root, id)
  }
  if (stored === undefined || status === 'creating' || status === 'stopped') {
    throw new TsociError('NOT_RUNNING', `cannot exec in a ${status} container: "${id}"`, {
      hint:
        status === 'stopped'
          ? `remove it, then create and start it again: tsoci delete ${id}`
          : 'wait for its create to end',
    })
  }
  if (status === 'paused' && options.ignorePaused !== true) {
    throw new TsociError(
      'WRONG_STATUS',
      'cannot exec in a paused container (use --ignore-paused to override)',
    )
  }
  return stored
}

function chooseProcess(config: Config, options: ExecOptions, warnings: Problem[]): Process {
  if (options.processText !== undefined) {
    return confineAs(config, parseProcess(options.processText, warnings))
  }
  checkWords(options)
  const base = config.process ?? { cwd: '/' }
  const [uid, gid] = options.user === undefined ? [] : parseUser(options.user)
  const gids = (options.additionalGids ?? []).map((word) => parseNumber(word, 'group'))
  const { consoleSize: _size, ...inherited } = base
  return {
    ...inherited,
    terminal: options.terminal === true,
    args: [...(options.args ?? [])],
    env: [...(base.env ?? []), ...(options.env ?? [])],
    cwd: options.cwd ?? base.cwd,
    user: {
      uid: 0,
      gid: 0,
      ...base.user,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
      additionalGids: [...(base.user?.additionalGids ?? []), ...gids],
    },
    ...addCapabilities(base, options.capabilities ?? []),
    ...(options.noNewPrivileges === true ? { noNewPrivileges: true } : {}),
    ...(options.apparmorProfile === undefined ? {} : { apparmorProfile: options.apparmorProfile }),
    ...(options.selinuxLabel === undefined ? {} : { selinuxLabel: options.selinuxLabel }),
  }
}

/** A process file holds what stands at /process of a config.json, and is checked like that. */
function parseProcess(text: string, warnings: Problem[]): Process {
  const { config, problems } = parsePart(text, 'process', '"process":', '')
  refuseProblems(problems, 'process')
  warnings.push(...problems)
  return config.process!
}

/** What the reader of a config.json would refuse. */
function checkWords({ cwd = '/', env = [] }: ExecOptions): void {
  if (!cwd.startsWith('/')) {
    throw new TsociError('BAD_USAGE', `cwd ${quote(cwd)}: not an absolute path`)
  }
  // Not with its text, which may be a password.
  const bad = env.findIndex((entry) => !/^[^=]+=/.test(entry))
  if (bad !== -1) {
    throw new TsociError('BAD_USAGE', `env ${bad}: sets no variable`, {
      hint: 'give NAME=VALUE',
    })
  }
}

/**
 * What a process file leaves out of what confines a process is as in the container: whoever writes
 * one does not mean to run unconfined.
 */
function confineAs({ process: base }: Config, process: Process): Process {
  const confined: Record<string, unknown> = { ...process }
  for (const key of CONFINEMENT) {
    if (process[key] === undefined || process[key] === '') confined[key] = base?.[key]
  }
  const umask = process.user?.umask ?? base?.user?.umask
  const given = Object.entries(confined).filter(([, value]) => value !== undefined)
  return {
    ...(Object.fromEntries(given) as unknown as Process),
    user: { uid: 0, gid: 0, ...process.user, ...(umask === undefined ? {} : { umask }) },
  }
}

// Numbers only, to the last character: a name would be looked up in a file of the container
// (CVE-2016-3697), and trailing text would be lost (CVE-2026-30892).
function parseUser(text: string): [uid: number, gid: number | undefined] {
  const [uid, gid, ...rest] = text.split(':')
  if (rest.length > 0) throw badUser(text)
  return [parseNumber(uid!, 'user'), gid === undefined ? undefined : parseNumber(gid, 'group')]
}

function parseNumber(text: string, what: string): number {
  const number = Number(text)
  if (!/^\d{1,10}$/.test(text) || number > 0xfffffffe) throw badUser(text, what)
  return number
}

function badUser(text: string, what = 'user'): TsociError {
  return new TsociError('BAD_USAGE', `${what} ${quote(text)}: not a number`, {
    hint: what === 'user' ? 'give numbers: UID or UID:GID' : 'give a number from 0 to 4294967294',
  })
}

function addCapabilities(base: Process, names: readonly string[]): Pick<Process, 'capabilities'> {
  if (names.length === 0) return {}
  const unknown = names.find((name) => !(name in CAPABILITIES))
  if (unknown !== undefined) {
    throw new TsociError('BAD_USAGE', `unknown capability ${quote(unknown)}`, {
      hint: 'names are spelled like CAP_NET_ADMIN',
    })
  }
  const added = names as CapabilityName[]
  const sets = base.capabilities ?? {}
  // Not inheritable: a set that is filled unasked is CVE-2022-29162. Ambient takes what is.
  return {
    capabilities: {
      ...sets,
      bounding: [...(sets.bounding ?? []), ...added],
      effective: [...(sets.effective ?? []), ...added],
      permitted: [...(sets.permitted ?? []), ...added],
      ambient: [...(sets.ambient ?? []), ...added],
    },
  }
}
