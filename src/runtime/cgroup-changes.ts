// Writes changed limits to the cgroup files of a running container: all of them, or none.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { describeErrno } from '../launch/explain.ts'
import type { CgroupWrite } from '../plan/cgroup-value.ts'
import type { CgroupChange } from '../plan/update.ts'

/** The text of a cgroup file, without its newline; empty when it can't be read. */
export function readOld(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

/** A change, the file that this kernel has for it, and what undoes it. */
interface Attempt {
  readonly change: CgroupChange
  readonly path: string
  readonly value: string
  readonly back: string
}

interface Refused {
  readonly attempt: Attempt
  readonly cause: NodeJS.ErrnoException
}

/**
 * Writes the changes. Some hang together, as memory and swap do, and the kernel takes them in one
 * order only: what it refuses is tried again once the others are in. Returns what undoes them.
 */
export function applyChanges(changes: readonly CgroupChange[]): () => void {
  const attempts = changes.map(prepare)
  let refused = attemptAll(attempts)
  while (refused.length > 0) {
    const again = attemptAll(refused.map(({ attempt }) => attempt))
    if (again.length === refused.length) {
      undo(attempts)
      throw failed(again[0]!)
    }
    refused = again
  }
  return () => undo(attempts)
}

function prepare(change: CgroupChange): Attempt {
  const first = join(change.dir, change.file)
  const { otherwise } = change
  const isThere = otherwise === undefined || existsSync(first)
  const write: CgroupWrite = isThere ? change : otherwise
  const path = isThere ? first : join(change.dir, otherwise.file)
  return { change, path, value: write.value, back: oldValue(change, path) }
}

/** What the file holds, as it is written. */
function oldValue({ key, reset, file }: CgroupChange, path: string): string {
  const old = readOld(path)
  if (key !== undefined) {
    const line = old.split('\n').find((it) => it.startsWith(`${key} `))
    // BFQ shows the default with its name, and takes it without.
    return line?.replace(path.endsWith('bfq.weight') ? 'default ' : '', '') ?? reset ?? old
  }
  return file === 'memory.oom_control' ? (/oom_kill_disable (\d)/.exec(old)?.[1] ?? '') : old
}

function attemptAll(attempts: readonly Attempt[]): Refused[] {
  const refused: Refused[] = []
  for (const attempt of attempts) {
    try {
      writeFileSync(attempt.path, attempt.value, { flag: 'r+' })
    } catch (error) {
      const cause = error as NodeJS.ErrnoException
      if (cause.code === 'ENOENT' && attempt.change.optional === true) continue
      refused.push({ attempt, cause })
    }
  }
  return refused
}

// The order is unknown here, too: as often as there are changes is enough for any.
function undo(attempts: readonly Attempt[]): void {
  const known = attempts.filter(({ back }) => back !== '')
  const back = known.map((attempt) => ({ ...attempt, value: attempt.back }))
  for (let i = 0; i < back.length && attemptAll(back).length > 0; i++);
}

function failed({ attempt: { change, path, value }, cause }: Refused): TsociError {
  const usage = cause.code === 'EBUSY' ? describeUsage(change.dir) : ''
  return new TsociError(
    'LAUNCH_FAILED',
    `write "${value}" to ${path}: ${describeErrno(Math.abs(cause.errno!))}${usage} [${change.at}]`,
    { hint: 'nothing was changed: the kernel does not take this value now', cause },
  )
}

function describeUsage(dir: string): string {
  const usage = readOld(join(dir, 'memory.usage_in_bytes'))
  return usage === '' ? '' : `, ${usage} bytes are in use`
}
