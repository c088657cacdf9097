// Rules of sysctl: only what belongs to one of the container's own namespaces may be set.

import type { Config, NamespaceType } from './config.ts'
import { error, type Problem, quote } from './problem.ts'
import type { Rule } from './rules.ts'
import { namespaceOf } from './rules-namespaces.ts'

export const SYSCTL_RULES: readonly Rule[] = [
  { reads: ['/linux/sysctl', '/linux/namespaces'], check: checkSysctls },
]

const OF_IPC = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
])

function checkSysctls(config: Config): Problem[] {
  return Object.entries(config.linux?.sysctl ?? {}).flatMap(([key, value]) => {
    const path = ['linux', 'sysctl', key]
    // The kernel reads one line, and would drop the others.
    if (value.trim().includes('\n'))
      return [error(path, 'the value has a line break', { expected: 'one line' })]
    const name = dotted(key)
    if (!isSysctlName(key)) {
      return [
        error(path, `${quote(key)} is no name of a kernel parameter`, {
          key: true,
          expected: 'a name such as net.ipv4.ip_forward',
        }),
      ]
    }
    if (name === 'kernel.hostname' && namespaceOf(config, 'uts') !== undefined) {
      const message = 'kernel.hostname conflicts with the hostname property'
      return [error(path, message, { hint: 'set hostname instead', key: true })]
    }
    const type = ownerOf(name)
    if (type === undefined) {
      const message = `${quote(key)} belongs to no namespace: it would change the host`
      return [error(path, message, { key: true, hint: 'remove it, and set it on the host' })]
    }
    if (namespaceOf(config, type) !== undefined) return []
    const hint = `add {"type": "${type}"} to linux.namespaces, or remove it`
    return [error(path, `${quote(key)} needs a private ${type} namespace`, { hint, key: true })]
  })
}

/** A sysctl key with dots between its parts, as sysctl(8) reads it. */
export function dotted(key: string): string {
  // "net/ipv4/conf/eno2.100/rp_filter": a slash first means that the dots are no separators.
  const first = /[./]/.exec(key)?.[0]
  if (first !== '/') return key
  return key.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

/** The path of a sysctl below /proc/sys. */
export function sysctlPath(key: string): string {
  return dotted(key).replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

function ownerOf(name: string): NamespaceType | undefined {
  if (OF_IPC.has(name) || name.startsWith('fs.mqueue.')) return 'ipc'
  if (name.startsWith('net.')) return 'network'
  if (name.startsWith('user.')) return 'user'
  return name === 'kernel.domainname' ? 'uts' : undefined
}

// Its path must not lead out of /proc/sys.
function isSysctlName(key: string): boolean {
  return sysctlPath(key)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..')
}
