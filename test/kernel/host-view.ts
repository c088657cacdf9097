// What a container could leave on the host: processes, mounts, cgroups, state. Taken before and after.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readHostFacts } from '../../src/host/facts.ts'
import { readText, type Site } from './container.ts'

export interface HostView {
  readonly processes: readonly string[]
  readonly mounts: readonly string[]
  readonly cgroups: readonly string[]
  readonly state: readonly string[]
}

/** Looks at what belongs to the site, and at all mounts. */
export function viewHost(site: Site): HostView {
  return {
    processes: listProcesses(site),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n').sort(),
    cgroups: listCgroups(),
    state: site.ids(),
  }
}

/** Processes that carry the site's marker in their environment. */
export function listProcesses({ marker }: Site): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readText(`/proc/${pid}/environ`)?.split('\0').includes(marker))
    .map((pid) => `${pid} ${(readText(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ')}`)
}

/** Cgroups made by this process's tests: below our own in each hierarchy, named by id. */
export function listCgroups(): string[] {
  const { v1, v2 } = readHostFacts().cgroups
  const ours = new RegExp(`^t${process.pid}-`)
  return [...v1, ...(v2 === undefined ? [] : [v2])].flatMap(({ mount, ownDir }) =>
    [...new Set([mount, ownDir, join(ownDir, '..')])].flatMap((dir) =>
      (existsSync(dir) ? readdirSync(dir) : [])
        .filter((name) => ours.test(name))
        .map((name) => join(dir, name)),
    ),
  )
}
