// Plans what a container leaves in its state directory.

import type { Config } from '../spec/config.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import type { PlanOptions } from './options.ts'
import type { Step } from './step.ts'
import type { Scope } from './systemd.ts'
import { concat, slot, type Text, text } from './text.ts'

/** The state directory of this container. */
export const STATE_DIR = text`${slot('root')}/${slot('id')}`

/** Where the rootfs is: config.md "Root" takes a relative path from the bundle. */
export function rootfsPath(config: Config, options: PlanOptions): Text {
  if (options.rootfs !== undefined) return options.rootfs
  const path = config.root.path
  return path.startsWith('/') ? path : text`${slot('bundle')}/${path}`
}

function rootfsJson(config: Config, options: Pick<PlanOptions, 'rootfs'>): Text {
  const path = JSON.stringify(options.rootfs ?? config.root.path).slice(1, -1)
  return path.startsWith('/') ? path : text`${slot('bundle-json')}/${path}`
}

/** Text for a JSON string. */
function jsonText(value: Text): Text {
  const escaped = (literal: string) => JSON.stringify(literal).slice(1, -1)
  if (typeof value === 'string') return escaped(value)
  return {
    parts: value.parts.map((part) =>
      typeof part === 'string' ? escaped(part) : { ...part, json: true },
    ),
  }
}

/** The line that native/step_state.c reads first, and all that the later verbs may want to know. */
function stateJson(
  config: Config,
  options: PlanOptions,
  cgroups: readonly Text[],
  scope: Scope | undefined,
): Text {
  const list = cgroups.flatMap((dir, i) => [i === 0 ? '"' : ',"', jsonText(dir), '"'])
  return concat(
    text`{"pid":${slot('pid')},"startTime":${slot('start-time')},`,
    text`"id":"${slot('id')}","bundle":"${slot('bundle-json')}",`,
    concat('"rootfs":"', rootfsJson(config, options), '",'),
    text`"created":"${slot('created')}","owner":"${slot('owner-json')}",`,
    concat('"cgroups":[', ...list, '],'),
    scope === undefined ? '' : unitJson(scope),
    `"annotations":${JSON.stringify(config.annotations ?? {})},`,
    `"noNewKeyring":${options.noNewKeyring}}\n`,
  )
}

function unitJson({ unit, sockets, subgroup }: Scope): Text {
  const more = `"sockets":${JSON.stringify(sockets)},"subgroup":${JSON.stringify(subgroup)}`
  return concat('"systemd":{"unit":"', jsonText(unit), `",${more}},`)
}

/** Prepare: the directory, and in it the plan before anything exists that it could undo. */
export function planStateDir(configText: string, verb: PlanOptions['verb']): Step[] {
  return [
    { op: 'state-dir', root: text`${slot('root')}`, dir: STATE_DIR },
    { op: 'store-plan', path: 'plan' },
    { op: 'store', path: 'config.json', content: configText, mode: 0o600 },
    { op: 'make-gate', path: 'creating.fifo' },
    // Whoever runs it waits, and is told by the record in memory.
    ...(verb === 'create' ? [{ op: 'failure-file', path: 'failure' } as const] : []),
  ]
}

/** Parent: what is known once the child exists. */
export function planStoreState(
  config: Config,
  options: PlanOptions,
  cgroups: readonly Text[],
  scope?: Scope,
): Step[] {
  const content = stateJson(config, options, cgroups, scope)
  return [{ op: 'store', path: 'state.json', content, mode: 0o600 }]
}

/** What `tsoci state` prints (runtime.md "State"). */
export function planState(
  config: Config,
  options: Pick<PlanOptions, 'rootfs'>,
  freezer: Text,
): Step[] {
  const annotations =
    config.annotations === undefined
      ? ''
      : `,\n  "annotations": ${JSON.stringify(config.annotations, null, 2).replaceAll('\n', '\n  ')}`
  const content = concat(
    `{\n  "ociVersion": "${SPEC_VERSION}",\n  "id": "`,
    text`${slot('id')}",\n  "pid": ${slot('pid')},\n  "status": "${slot('status')}",\n`,
    text`  "bundle": "${slot('bundle-json')}",\n  "rootfs": "`,
    rootfsJson(config, options),
    text`",\n  "created": "${slot('created')}",\n  "owner": "${slot('owner-json')}"`,
    `${annotations}\n}\n`,
  )
  return [{ op: 'print-state', content, freezer }]
}
