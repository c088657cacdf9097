// Reads what `tsoci doctor` wants to know beyond the facts of the compile. Slow; for people only.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { type HostFacts, readHostFacts } from './facts.ts'
import { findTool, parseSubIds, readUserName, type SubIdRange } from './user.ts'

export interface HostProbe {
  readonly facts: HostFacts
  /** Name of the user in passwd, undefined when there is none. */
  readonly userName: string | undefined
  /** user.max_*_namespaces by the kernel's word; no entry when the kernel has no such limit. */
  readonly namespaceLimits: Readonly<Record<string, number>>
  /** kernel.unprivileged_userns_clone, of Debian and Arch kernels. */
  readonly unprivilegedUsernsClone: string | undefined
  /** kernel.apparmor_restrict_unprivileged_userns, of Ubuntu kernels. */
  readonly apparmorRestrictsUserns: string | undefined
  readonly subUids: readonly SubIdRange[]
  readonly subGids: readonly SubIdRange[]
  /** May we make a cgroup below our own, by hierarchy's mount? */
  readonly writableCgroups: Readonly<Record<string, boolean>>
  readonly compiler: string | undefined
  readonly make: string | undefined
  readonly runtimeDir: string | undefined
}

/** Reads everything that doctor judges. */
export function probeHost(): HostProbe {
  const facts = readHostFacts()
  const name = userName()
  const { v1, v2 } = facts.cgroups
  return {
    facts,
    userName: name,
    namespaceLimits: readNamespaceLimits(facts.kernel.namespaces),
    unprivilegedUsernsClone: readSysctl('kernel/unprivileged_userns_clone'),
    apparmorRestrictsUserns: readSysctl('kernel/apparmor_restrict_unprivileged_userns'),
    subUids: parseSubIds(readText('/etc/subuid') ?? '', name, facts.user.uid),
    subGids: parseSubIds(readText('/etc/subgid') ?? '', name, facts.user.uid),
    writableCgroups: Object.fromEntries(
      [...v1, ...(v2 === undefined ? [] : [v2])].map((it) => [it.mount, isWritable(it.ownDir)]),
    ),
    compiler: findTool('cc') ?? findTool('gcc') ?? findTool('clang'),
    make: findTool('make'),
    runtimeDir: process.env.XDG_RUNTIME_DIR || undefined,
  }
}

function readNamespaceLimits(names: readonly string[]): Record<string, number> {
  const limits: Record<string, number> = {}
  for (const name of names) {
    const text = readSysctl(`user/max_${name}_namespaces`)
    if (text !== undefined) limits[name] = Number(text)
  }
  return limits
}

function readSysctl(name: string): string | undefined {
  return readText(`/proc/sys/${name}`)?.trim()
}

function readText(file: string): string | undefined {
  try {
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined // not for us to read, which is as good as absent
  }
}

function isWritable(dir: string): boolean {
  try {
    accessSync(dir, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function userName(): string | undefined {
  try {
    // What /etc/passwd does not know may be in a directory service.
    return readUserName(process.geteuid!()) ?? userInfo().username
  } catch {
    return undefined // a uid without a passwd line
  }
}
