// Facts about the kernel: its release, and what it was built with.

import { readdirSync, readFileSync } from 'node:fs'

export interface KernelFacts {
  /** As uname(2) gives it: `6.1.0-28-amd64`; empty without /proc/sys. */
  readonly release: string
  readonly major: number
  readonly minor: number
  /** Names below /proc/self/ns that are namespaces, in the kernel's words. */
  readonly namespaces: readonly string[]
  /** Number of the last capability that the kernel knows. */
  readonly lastCapability: number
  /** Seccomp actions that the kernel knows; empty when it has no seccomp filters. */
  readonly seccompActions: readonly string[]
}

/** Reads the facts about the running kernel. */
export function readKernelFacts(): KernelFacts {
  const name = readOr('/proc/sys/kernel/osrelease', '').trim()
  return {
    release: name,
    ...parseRelease(name),
    namespaces: listNamespaces(),
    lastCapability: Number(readOr('/proc/sys/kernel/cap_last_cap', '40')),
    seccompActions: readOr('/proc/sys/kernel/seccomp/actions_avail', '')
      .split(/\s+/)
      .filter((word) => word !== ''),
  }
}

/** Major and minor number of a kernel release; zeros when the text is no release. */
export function parseRelease(text: string): { major: number; minor: number } {
  const match = /^(\d+)\.(\d+)/.exec(text)
  return { major: Number(match?.[1] ?? 0), minor: Number(match?.[2] ?? 0) }
}

/** Is the kernel of this release, or a later one? */
export function isAtLeast(
  kernel: Pick<KernelFacts, 'major' | 'minor'>,
  major: number,
  minor: number,
): boolean {
  return kernel.major > major || (kernel.major === major && kernel.minor >= minor)
}

// pid_for_children and time_for_children are views on pid and time, no namespaces of their own.
function listNamespaces(): string[] {
  try {
    return readdirSync('/proc/self/ns').filter((name) => !name.endsWith('_for_children'))
  } catch {
    return [] // no /proc, or a kernel without any namespace
  }
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise // an option the kernel was built without
  }
}
