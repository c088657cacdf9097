// Plans the hooks (config.md "POSIX-platform Hooks").

import type { Config, Hook } from '../spec/config.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import { annotation } from '../spec/rules-annotations.ts'
import type { Status } from '../state/transitions.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { concat, slot, type Text, text } from './text.ts'

export type HookName = keyof NonNullable<Config['hooks']>

/** The state of a container (runtime.md "State") as one JSON object. */
export function containerState(config: Config, status: Status, init: Text = slotPid): Text {
  const pid = status === 'stopped' ? '' : concat(',"pid":', init)
  const annotations =
    config.annotations === undefined ? '' : `,"annotations":${JSON.stringify(config.annotations)}`
  return concat(
    `{"ociVersion":"${SPEC_VERSION}","id":"`,
    text`${slot('id')}","status":"${status}"`,
    pid,
    text`,"bundle":"${slot('bundle-json')}"`,
    `${annotations}}`,
  )
}

const slotPid = text`${slot('pid')}`
const slotOwnPid = text`${slot('own-pid')}`

// Where the environment of a hook without one comes from.
function hookEnvironment(hook: Hook, env: readonly string[] | undefined): number {
  if (hook.env !== undefined) return 0
  return env === undefined ? STEP_FLAGS.HOOK_INHERIT : STEP_FLAGS.HOOK_PROCESS_ENV
}

/** One step for each hook of that name. `env` stands in for hooks that bring none. */
export function planHooks(
  config: Config,
  name: HookName,
  status: Status,
  more: { readonly env?: readonly string[] } = {},
): Step[] {
  // "For hooks executed in the container namespace, it is the pid as seen by the container."
  const inContainer = name === 'createContainer' || name === 'startContainer'
  const state = containerState(config, status, inContainer ? slotOwnPid : slotPid)
  // The files are the host's: a startContainer hook is where it has none.
  const onHost = name !== 'startContainer'
  const output = (onHost && annotation(config, 'run.oci.hooks.stdout')) || ''
  const errors = (onHost && annotation(config, 'run.oci.hooks.stderr')) || ''
  return (config.hooks?.[name] ?? []).map((hook: Hook, i) => ({
    op: 'hook',
    at: `/hooks/${name}/${i}`,
    path: hook.path,
    args: hook.args === undefined || hook.args.length === 0 ? [hook.path] : hook.args,
    env: hook.env ?? more.env ?? [],
    timeout: hook.timeout ?? 0,
    state: concat(state, '\n'), // one line on its standard input
    output,
    errors,
    flags:
      (name === 'createContainer' ? STEP_FLAGS.HOOK_IN_ROOTFS : 0) |
      (name === 'poststop' ? STEP_FLAGS.HOOK_POSTSTOP : 0) |
      hookEnvironment(hook, more.env),
  }))
}
