// The library: the verbs of an OCI runtime as functions.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Bundle, readBundle } from '../bundle/bundle.ts'
import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { keepForm, readFacts } from '../launch/kept-forms.ts'
import { type KeptPlan, listKeptPlans } from '../launch/kept-plans.ts'
import { launchPlan } from '../launch/sink.ts'
import { findUngranted, findUnraised } from '../plan/capabilities.ts'
import { type CompileInput, compilePlan } from '../plan/compile.ts'
import { makeForm } from '../plan/form.ts'
import { listIgnored, listLoose } from '../plan/ignored.ts'
import type { PlanOptions } from '../plan/options.ts'
import type { Binding, Plan } from '../plan/plan.ts'
import type { State } from '../spec/config.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import type { Problem } from '../spec/problem.ts'
import { createdAt, deriveStatus, listIds, readStoredState } from '../state/container.ts'
import { checkId } from '../state/root.ts'
import type { Verb } from '../state/transitions.ts'
import { countDescriptors, howToRun, listDescriptors } from './executor-options.ts'
import { makeFilter } from './filter.ts'
import type {
  CreateOptions,
  KillOptions,
  ListOptions,
  RemoveOptions,
  RootOptions,
  RunOptions,
  VerbOptions,
} from './options.ts'
import { bindSlots, ownerName, rootOf } from './slots.ts'

export type { ErrorCode } from '../errors.ts'
export { TsociError } from '../errors.ts'
export type { KeptPlan } from '../launch/kept-plans.ts'
export type { Plan } from '../plan/plan.ts'
export type { Config, State } from '../spec/config.ts'
export { check } from './check.ts'
export { checkpoint } from './checkpoint.ts'
export { enter } from './enter.ts'
export type { ContainerEvent, EventsOptions } from './events.ts'
export { events } from './events.ts'
export { exec } from './exec.ts'
export { addMounts, parseMounts, removeMounts } from './mounts.ts'
export type { NamespaceReport, NamespaceView } from './namespaces.ts'
export { namespaces } from './namespaces.ts'
export type {
  CheckpointFlags,
  CreateOptions,
  Descriptors,
  EnterOptions,
  ExecOptions,
  KillOptions,
  ListOptions,
  RemoveOptions,
  RestoreFlags,
  RootOptions,
  RunOptions,
  UpdateOptions,
  VerbOptions,
} from './options.ts'
export { processes } from './processes.ts'
export { restore } from './restore.ts'
export type { Stats } from './stats.ts'
export { stats } from './stats.ts'
export type { Span } from './trace.ts'
export { readTrace } from './trace.ts'
export { parseResources, update } from './update.ts'

/** A container as `list` shows it. */
export interface ContainerSummary extends State {
  /** RFC 3339. */
  readonly created: string
  /** Name of the user who created it. */
  readonly owner: string
  readonly rootfs: string
}

/**
 * Creates a container: its init waits for `start` (runtime.md "Create").
 * Throws TsociError: BAD_CONFIG, BAD_BUNDLE, NOT_SUPPORTED, EXISTS, LAUNCH_FAILED, ABORTED.
 */
export async function create(id: string, options: CreateOptions = {}): Promise<void> {
  await launch(id, options, { verb: 'create', detach: false, keep: false })
}

/**
 * Runs a container and resolves with its exit status (128 + n for signal n), or with 0 at once
 * when detached. Without an id it gets a UUID. Throws as `create` does.
 */
export async function run(id: string | undefined, options: RunOptions = {}): Promise<number> {
  const detach = options.detach === true
  const keep = options.keep === true
  return await launch(id ?? (await makeId()), options, { verb: 'run', detach, keep })
}

async function makeId(): Promise<string> {
  const { v4 } = await import('uuid')
  return v4()
}

async function launch(
  id: string,
  options: RunOptions,
  how: Pick<PlanOptions, 'verb' | 'detach' | 'keep'>,
): Promise<number> {
  checkId(id)
  options.signal?.throwIfAborted()
  const { plan, bundle, input, mayKeep } = await compileBundle(options, how, rootOf(options))
  const binding = bindSlots(id, bundle, options)
  try {
    const status = await launchPlan(plan, binding, {
      ...howToRun(options),
      descriptors: [
        ...listDescriptors(options.listenFds),
        ...listDescriptors(options.preserveFds, countDescriptors(options.listenFds)),
      ],
      mayKeep,
    })
    if (mayKeep) keepFormOf(input, plan, binding, rootOf(options))
    return status
  } catch (error) {
    // The executor was killed in the middle: put back what it had done so far.
    if (error instanceof TsociError && error.code === 'ABORTED') {
      await remove(id, { root: options.root, force: true })
    }
    throw error
  }
}

/** Under the front door the container is being made by now: what goes wrong here is not its fault. */
function keepFormOf(input: CompileInput, plan: Plan, binding: Binding, root: string): void {
  try {
    const facts = readFacts()
    const form = facts === undefined ? undefined : makeForm(input, plan)
    if (form !== undefined) keepForm(root, facts!, form, binding)
  } catch {
    // A blank that the compile looks into: the config has no form, and is compiled each time.
  }
}

async function compileBundle(
  options: CreateOptions,
  how: Pick<PlanOptions, 'verb' | 'detach' | 'keep'>,
  root?: string,
): Promise<{ plan: Plan; bundle: Bundle; input: CompileInput; mayKeep: boolean }> {
  let warned = false
  const warn = (problem: Problem) => {
    warned = true
    options.onWarning?.(problem)
  }
  const bundle = await readBundle(options.bundle ?? process.cwd(), {
    config: options.config,
    rootfsDir: options.rootfsDir,
    onWarning: warn,
  })
  const host = readHostFacts()
  findUngranted(bundle.config, host).forEach(warn)
  findUnraised(bundle.config).forEach(warn)
  listIgnored(bundle.config, host).forEach(warn)
  const cgroupManager = options.cgroupManager ?? 'cgroupfs'
  listLoose(bundle.config, host, cgroupManager).forEach(warn)
  const input: CompileInput = {
    config: bundle.config,
    configText: bundle.configText,
    host,
    seccomp: await makeFilter(bundle.config, root),
    options: {
      ...how,
      noPivot: options.noPivot === true,
      noNewKeyring: options.noNewKeyring === true,
      cgroupManager,
      hasConsoleSocket: options.consoleSocket !== undefined,
      pidfdSocket: options.pidfdSocket && resolve(options.pidfdSocket),
      listenFds: options.listenFds === undefined ? undefined : countDescriptors(options.listenFds),
      listenFdNames: options.listenFdNames,
      notify: options.notify,
      rootfs: options.rootfsDir === undefined ? undefined : bundle.rootfs,
    },
  }
  const plan = compilePlan(input)
  // Where resctrl is mounted is no part of what a kept plan is found by.
  const usesResctrl = bundle.config.linux?.intelRdt !== undefined
  // A warning must be told each time; and where a mount shows only a part of a hierarchy our own
  // cgroup is no slot, but a part of the plan.
  const { v1, v2 } = host.cgroups
  const slotted = [...v1, ...(v2 === undefined ? [] : [v2])].every(({ root }) => root === '/')
  return { plan, bundle, input, mayKeep: !warned && slotted && !usesResctrl }
}

/** The plans that are kept for the next container of their bundle, the newest first. */
export function keptPlans(options: RootOptions = {}): KeptPlan[] {
  return listKeptPlans(rootOf(options))
}

/** The plan that `create` would carry out, and nothing else: no privilege is needed. */
export async function planBundle(options: CreateOptions = {}): Promise<Plan> {
  const { plan } = await compileBundle(options, { verb: 'create', detach: false, keep: false })
  return plan
}

async function runVerb(
  verb: Verb,
  id: string,
  options: VerbOptions,
  signal?: number,
): Promise<void> {
  checkId(id)
  const { runStoredVerb } = await import('../launch/executor.ts')
  await runStoredVerb(verb, rootOf(options), id, signal, howToRun(options))
}

/** Starts a created container: its process runs when this resolves (runtime.md "Start"). */
export async function start(id: string, options: VerbOptions = {}): Promise<void> {
  await runVerb('start', id, options)
}

/**
 * Sends a signal to the init, or to all processes (runtime.md "Kill"). Without one it is that of
 * the annotation org.opencontainers.image.stopSignal, or SIGTERM.
 */
export async function kill(id: string, signal?: number, options: KillOptions = {}): Promise<void> {
  await runVerb(options.all === true ? 'kill-all' : 'kill', id, options, signal)
}

/** Removes a container that has stopped, or with `force` any (runtime.md "Delete"). */
export async function remove(id: string, options: RemoveOptions = {}): Promise<void> {
  await runVerb(options.force === true ? 'delete-force' : 'delete', id, options)
}

/** Stops every process of a container where it is (cgroup freezer). */
export async function pause(id: string, options: VerbOptions = {}): Promise<void> {
  await runVerb('pause', id, options)
}

/** Lets a paused container go on. */
export async function resume(id: string, options: VerbOptions = {}): Promise<void> {
  await runVerb('resume', id, options)
}

/** The state of a container (runtime.md "State"). Throws TsociError NOT_FOUND. */
export async function state(id: string, options: RootOptions = {}): Promise<ContainerSummary> {
  checkId(id)
  return summarize(rootOf(options), id)
}

/** The ids of all containers below the root, in order. */
export function listNames(options: RootOptions = {}): string[] {
  const root = rootOf(options)
  // The default one is made with the first container; one that is named is expected to be there.
  if (options.root !== undefined && !existsSync(root)) {
    throw new TsociError('BAD_USAGE', `the directory "${root}" of --root does not exist`)
  }
  return listIds(root)
}

/** All containers below the root, by id. */
export async function list(options: ListOptions = {}): Promise<ContainerSummary[]> {
  const root = rootOf(options)
  const found: ContainerSummary[] = []
  for (const id of listNames(options)) {
    try {
      found.push(summarize(root, id))
    } catch (error) {
      const code = error instanceof TsociError ? error.code : ''
      if (code === 'NOT_FOUND') continue // deleted since the directory was read
      if (code !== 'BAD_STATE' || options.onUnreadable === undefined) throw error
      options.onUnreadable(error as TsociError)
    }
  }
  return found
}

function summarize(root: string, id: string): ContainerSummary {
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined) {
    const created = createdAt(root, id)
    const ociVersion = SPEC_VERSION
    return { ociVersion, id, pid: 0, status, bundle: '/', rootfs: '', created, owner: ownerName() }
  }
  const { bundle, rootfs, created, owner, annotations } = stored
  return {
    ociVersion: SPEC_VERSION,
    id,
    pid: status === 'stopped' ? 0 : stored.pid,
    status,
    bundle,
    rootfs,
    created,
    owner,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}
