// The verbs whose plans `create` stored beside the state: nothing is compiled for them.

import { TsociError } from '../errors.ts'
import { checkId } from '../state/root.ts'
import type { Verb } from '../state/transitions.ts'
import { howToRun } from './executor-options.ts'
import type { KillOptions, RemoveOptions, VerbOptions } from './options.ts'
import { rootOf } from './slots.ts'

async function runVerb(
  verb: Verb,
  id: string,
  options: VerbOptions,
  signal?: number,
): Promise<void> {
  checkId(id)
  const { runStoredVerb } = await import('../launch/executor.ts')
  const root = rootOf(options)
  const run = () => runStoredVerb(verb, root, id, signal, howToRun(options))
  try {
    await run()
  } catch (error) {
    if (!(error instanceof TsociError) || error.code !== 'BAD_STATE') throw error
    const { discardPlan, renewPlan } = await import('./renew.ts')
    const mayGoOn =
      (await renewPlan(root, id, options.deadline)) ||
      (verb === 'delete-force' && (await discardPlan(root, id, options.deadline)))
    if (!mayGoOn) throw error
    await run()
  }
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
