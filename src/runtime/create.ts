// Makes containers: compiles a bundle, and has the plan carried out.

import { resolve } from 'node:path'
import { type Bundle, readBundle } from '../bundle/bundle.ts'
import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { frontPath } from '../launch/front-path.ts'
import { launchPlan } from '../launch/sink.ts'
import { findUngranted, findUnraised } from '../plan/capabilities.ts'
import { type CompileInput, compilePlan } from '../plan/compile.ts'
import { listIgnored, listLoose } from '../plan/ignored.ts'
import type { PlanOptions } from '../plan/options.ts'
import type { Plan } from '../plan/plan.ts'
import type { Problem } from '../spec/problem.ts'
import { checkId } from '../state/root.ts'
import { countDescriptors, howToRun, listDescriptors } from './executor-options.ts'
import { makeFilter } from './filter.ts'
import type { CreateOptions, RunOptions } from './options.ts'
import { bindSlots, rootOf } from './slots.ts'
import { remove } from './verbs.ts'

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
  const { plan, bundle } = await compileBundle(options, how, rootOf(options))
  const binding = bindSlots(id, bundle, options)
  try {
    return await launchPlan(plan, binding, {
      ...howToRun(options),
      descriptors: [
        ...listDescriptors(options.listenFds),
        ...listDescriptors(options.preserveFds, countDescriptors(options.listenFds)),
      ],
    })
  } catch (error) {
    // The executor was killed in the middle: put back what it had done so far.
    if (error instanceof TsociError && error.code === 'ABORTED') {
      await remove(id, { root: options.root, force: true })
    }
    throw error
  }
}

async function compileBundle(
  options: CreateOptions,
  how: Pick<PlanOptions, 'verb' | 'detach' | 'keep'>,
  root?: string,
  configOnly = false,
): Promise<{ plan: Plan; bundle: Bundle }> {
  const warn = (problem: Problem) => options.onWarning?.(problem)
  const bundle = await readBundle(options.bundle ?? process.cwd(), {
    config: options.config,
    rootfsDir: options.rootfsDir,
    configOnly,
    onWarning: warn,
    unpack: { program: frontPath(), signal: options.signal },
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
      hasConsoleSocket:
        options.consoleSocket !== undefined ||
        (configOnly && bundle.config.process?.terminal === true),
      pidfdSocket: options.pidfdSocket && resolve(options.pidfdSocket),
      listenFds: options.listenFds === undefined ? undefined : countDescriptors(options.listenFds),
      listenFdNames: options.listenFdNames,
      notify: options.notify,
      rootfs: options.rootfsDir === undefined ? undefined : bundle.rootfs,
    },
  }
  return { plan: compilePlan(input), bundle }
}

/**
 * The plan that `create` would carry out, and nothing else: no privilege is needed, nor a rootfs.
 * A terminal gets the console socket that it would take.
 */
export async function planBundle(options: CreateOptions = {}): Promise<Plan> {
  const how = { verb: 'create', detach: false, keep: false } as const
  const { plan } = await compileBundle(options, how, undefined, true)
  return plan
}
