// Changes the limits of a running container: all of them, or none.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { readHostFacts } from '../host/facts.ts'
import { type CgroupChange, planUpdate } from '../plan/update.ts'
import type { Resources } from '../spec/config.ts'
import { parseConfig, refuseProblems } from '../spec/parse.ts'
import { deriveStatus, readStoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import type { RootOptions } from './options.ts'

/**
 * Sets what `resources` names (config-linux.md "Control groups"); zero and null leave a limit as it
 * is. Throws TsociError; then every limit is what it was.
 */
export function update(id: string, resources: Resources, options: RootOptions = {}): void {
  checkId(id)
  const root = options.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  if (stored === undefined || deriveStatus(root, stored, id) === 'stopped') {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}"`)
  }
  const host = readHostFacts()
  const whole = host.cgroups.layout === 'v2' ? addLimit(resources, stored.cgroups) : resources
  apply(planUpdate(whole, host, stored.cgroups))
}

/** Reads resources from JSON text, checked as those of a config.json are. */
export function parseResources(text: string): Resources {
  const whole = `{"ociVersion":"1.3.0","root":{"path":"/"},"linux":{"resources":${text}}}`
  const { config, problems } = parseConfig(whole, 'resources')
  refuseProblems(problems, 'resources')
  return config.linux?.resources ?? {}
}

// v2 keeps swap alone, the specification memory and swap together: it needs the present limit.
function addLimit(resources: Resources, cgroups: readonly string[]): Resources {
  const { memory } = resources
  if (!memory?.swap || memory.limit || cgroups[0] === undefined) return resources
  const limit = readOld(join(cgroups[0], 'memory.max'))
  if (!/^\d+$/.test(limit)) return resources
  return { ...resources, memory: { ...memory, limit: BigInt(limit) } }
}

function readOld(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/**
 * Writes the changes. Some hang together, as memory and swap do, and the kernel takes them in one
 * order only: what it refuses is tried again once the others are in.
 */
function apply(changes: readonly CgroupChange[]): void {
  const old = changes.map(({ path }) => readOld(path))
  let refused = attempt(changes)
  while (refused.length > 0) {
    const again = attempt(refused.map(({ change }) => change))
    if (again.length === refused.length) {
      undo(changes, old)
      throw failed(again[0]!)
    }
    refused = again
  }
}

interface Refused {
  readonly change: CgroupChange
  readonly cause: NodeJS.ErrnoException
}

function attempt(changes: readonly CgroupChange[]): Refused[] {
  const refused: Refused[] = []
  for (const change of changes) {
    try {
      writeFileSync(change.path, change.value, { flag: 'r+' })
    } catch (cause) {
      refused.push({ change, cause: cause as NodeJS.ErrnoException })
    }
  }
  return refused
}

// The order is unknown here, too: as often as there are changes is enough for any.
function undo(changes: readonly CgroupChange[], old: readonly string[]): void {
  const back = changes.map((change, i) => ({ ...change, value: old[i]! }))
  for (let i = 0; i < back.length && attempt(back.filter(isKnown)).length > 0; i++);
}

const isKnown = ({ value }: CgroupChange) => value !== ''

function failed({ change, cause }: Refused): TsociError {
  const reason = cause.code === 'ENOENT' ? 'no such path' : cause.message.split(':')[0]
  return new TsociError(
    'LAUNCH_FAILED',
    `write "${change.value}" to ${change.path}: ${reason} (${cause.code}) [${change.at}]`,
    { hint: 'nothing was changed: the kernel does not take this value now', cause },
  )
}
