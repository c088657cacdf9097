// Holds a config against this host: what it asks for that is not here, and what mends that.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CAPABILITIES } from '../linux/capabilities.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { RLIMITS } from '../linux/rlimits.ts'
import type { CapabilityName, Config, Hook, IdMapping, Mount } from '../spec/config.ts'
import { error, type Problem, quote, warning } from '../spec/problem.ts'
import { isAtLeast } from './kernel.ts'
import type { HostProbe } from './probe.ts'
import {
  checkFile,
  checkNamespaceFile,
  checkProgram,
  FILE_CHECKS,
  readText,
} from './requirements-files.ts'
import { LIMIT_CHECKS } from './requirements-limits.ts'
import type { SubIdRange } from './user.ts'

type Check = (config: Config, host: HostProbe, bundle: string) => Problem[]

/** Everything that this host lacks, in the order of the specification. `bundle` is absolute. */
export const findMissing: Check = (config, host, bundle) =>
  checks.flatMap((check) => check(config, host, bundle))

const checks: readonly Check[] = [
  checkKernel,
  checkPrivilege,
  checkNamespaces,
  checkIdMaps,
  checkMounts,
  checkCapabilities,
  checkRlimits,
  checkLabels,
  checkHooks,
  checkSysctls,
  checkSeccomp,
  checkNetworkDevices,
  ...LIMIT_CHECKS,
  ...FILE_CHECKS.map(
    (check): Check =>
      (config, _host, bundle) =>
        check(config, bundle),
  ),
]

const holds = ({ facts }: HostProbe, name: CapabilityName): boolean =>
  (facts.user.capabilities & (1n << BigInt(CAPABILITIES[name]))) !== 0n

const makesUserNamespace = ({ linux }: Config): boolean =>
  linux?.namespaces?.some(({ type }) => type === 'user') === true

function checkKernel(_config: Config, { facts }: HostProbe): Problem[] {
  if (isAtLeast(facts.kernel, 5, 12)) return []
  const hint = 'boot a kernel of 5.12 or later: openat2 and mount_setattr are needed'
  return [error([], `kernel ${facts.kernel.release} is older than 5.12`, { hint })]
}

function checkPrivilege(config: Config, host: HostProbe): Problem[] {
  if (holds(host, 'CAP_SYS_ADMIN') || makesUserNamespace(config)) return []
  const hint = 'run as root, or add {"type": "user"} with uidMappings and gidMappings'
  return [error(['linux', 'namespaces'], 'no user namespace, and no CAP_SYS_ADMIN', { hint })]
}

function checkNamespaces({ linux }: Config, host: HostProbe): Problem[] {
  return (linux?.namespaces ?? []).flatMap(({ type, path }, i) => {
    const at = ['linux', 'namespaces', i] as const
    const name = NAMESPACE_FILES[type]
    if (!host.facts.kernel.namespaces.includes(name)) {
      return [error(at, `this kernel has no ${type} namespaces`, { hint: 'remove it' })]
    }
    if (path) return checkNamespaceFile([...at, 'path'], path, type)
    if (host.namespaceLimits[name] !== 0) return []
    const hint = `sysctl -w user.max_${name}_namespaces=15000`
    return [error(at, `the limit of ${type} namespaces is 0`, { hint })]
  })
}

function checkIdMaps({ linux }: Config, host: HostProbe): Problem[] {
  if (holds(host, 'CAP_SETUID') && holds(host, 'CAP_SETGID')) return []
  const { user } = host.facts
  const { uidMappings = [], gidMappings = [] } = linux ?? {}
  return [
    ...checkMappings('uidMappings', uidMappings, user.euid, host.subUids, user.newuidmap),
    ...checkMappings('gidMappings', gidMappings, user.egid, host.subGids, user.newgidmap),
  ]
}

// One id of one's own maps without help; ranges are a matter of newuidmap(1) and /etc/subuid.
function checkMappings(
  name: 'uidMappings' | 'gidMappings',
  mappings: readonly IdMapping[],
  own: number,
  ranges: readonly SubIdRange[],
  tool: string | undefined,
): Problem[] {
  if (mappings.length === 1 && mappings[0]!.hostID === own && mappings[0]!.size === 1) return []
  const [file, program] =
    name === 'uidMappings' ? ['/etc/subuid', 'newuidmap'] : ['/etc/subgid', 'newgidmap']
  if (mappings.length > 0 && tool === undefined) {
    const hint = `install ${program} (package uidmap or shadow)`
    return [error(['linux', name], `mapping a range of ids takes ${program}`, { hint })]
  }
  return mappings.flatMap(({ hostID, size }, i) => {
    const isOwn = hostID === own && size === 1
    const isGiven = ranges.some((it) => hostID >= it.first && hostID + size <= it.first + it.size)
    if (isOwn || isGiven) return []
    const hint = `add a line to ${file}: USER:${hostID}:${size}`
    return [error(['linux', name, i], `the ids from ${hostID} on are not yours`, { hint })]
  })
}

function checkMounts({ mounts = [] }: Config, { facts }: HostProbe, bundle: string): Problem[] {
  const known = readText('/proc/filesystems').split(/\s+/)
  return mounts.flatMap((mount, i) => {
    const at = ['mounts', i] as const
    if (isBind(mount)) {
      const source = join(mount.source?.startsWith('/') ? '/' : bundle, mount.source ?? '')
      return existsSync(source)
        ? []
        : [error([...at, 'source'], `${quote(source)} does not exist`, { hint: 'make it first' })]
    }
    const { type } = mount
    if (!type || type === 'none' || type === 'cgroup' || known.includes(type)) return []
    const modules = readText(`/lib/modules/${facts.kernel.release}/modules.alias`)
    if (modules.includes(`alias fs-${type} `)) {
      const hint = `modprobe ${type}, or let the mount load it`
      return [warning([...at, 'type'], `the module of ${quote(type)} is not loaded`, { hint })]
    }
    const message = `this kernel has no file system ${quote(type)}`
    return [error([...at, 'type'], message, { hint: 'see /proc/filesystems' })]
  })
}

const isBind = ({ type, options = [] }: Mount): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind')

function checkCapabilities(config: Config, host: HostProbe): Problem[] {
  if (makesUserNamespace(config)) return [] // its creator holds all of them
  const bounding = config.process?.capabilities?.bounding ?? []
  const lacking = bounding.filter((name) => name in CAPABILITIES && !holds(host, name))
  if (lacking.length === 0) return []
  const hint = 'remove them, or start tsoci with them'
  const message = `the caller does not hold ${lacking.join(', ')} itself`
  return [warning(['process', 'capabilities', 'bounding'], message, { hint })]
}

function checkRlimits(config: Config, host: HostProbe): Problem[] {
  const { rlimits = [], oomScoreAdj } = config.process ?? {}
  if (holds(host, 'CAP_SYS_RESOURCE')) return []
  const limits = readText('/proc/self/limits')
  const problems = rlimits.flatMap(({ type, hard }, i) => {
    const own = hardLimit(limits, type)
    if (own === undefined || BigInt(hard) <= own) return []
    const hint = `lower it, or run with CAP_SYS_RESOURCE`
    return [error(['process', 'rlimits', i, 'hard'], `your own limit is ${own}`, { hint })]
  })
  const score = Number(readText('/proc/self/oom_score_adj'))
  if (oomScoreAdj !== undefined && oomScoreAdj < score) {
    const hint = 'raise it, or run with CAP_SYS_RESOURCE'
    problems.push(error(['process', 'oomScoreAdj'], `your own score is ${score}`, { hint }))
  }
  return problems
}

// proc_pid_limits(5): "Max open files  1024  4096  files".
const LIMIT_NAMES: Readonly<Record<keyof typeof RLIMITS, string>> = {
  RLIMIT_CPU: 'cpu time',
  RLIMIT_FSIZE: 'file size',
  RLIMIT_DATA: 'data size',
  RLIMIT_STACK: 'stack size',
  RLIMIT_CORE: 'core file size',
  RLIMIT_RSS: 'resident set',
  RLIMIT_NPROC: 'processes',
  RLIMIT_NOFILE: 'open files',
  RLIMIT_MEMLOCK: 'locked memory',
  RLIMIT_AS: 'address space',
  RLIMIT_LOCKS: 'file locks',
  RLIMIT_SIGPENDING: 'pending signals',
  RLIMIT_MSGQUEUE: 'msgqueue size',
  RLIMIT_NICE: 'nice priority',
  RLIMIT_RTPRIO: 'realtime priority',
  RLIMIT_RTTIME: 'realtime timeout',
}

/** The hard limit; undefined for none. */
function hardLimit(limits: string, type: keyof typeof RLIMITS): bigint | undefined {
  const line = limits.split('\n').find((it) => it.startsWith(`Max ${LIMIT_NAMES[type]} `))
  const words = line?.slice(26).trim().split(/\s+/) // two numbers or words, then the unit
  return words?.[1] === undefined || words[1] === 'unlimited' ? undefined : BigInt(words[1])
}

function checkLabels({ process }: Config, { facts }: HostProbe): Problem[] {
  const problems: Problem[] = []
  const profile = process?.apparmorProfile
  if (profile) {
    const at = ['process', 'apparmorProfile']
    const loaded = readText('/sys/kernel/security/apparmor/profiles')
    if (!facts.lsm.apparmor) {
      const hint = 'boot with apparmor=1 security=apparmor, or remove it'
      problems.push(error(at, 'AppArmor is not on', { hint }))
    } else if (
      loaded !== '' &&
      !`\n${loaded}`.includes(`\n${profile} (`) &&
      profile !== 'unconfined'
    ) {
      problems.push(
        error(at, `no profile ${quote(profile)} is loaded`, { hint: 'apparmor_parser -r FILE' }),
      )
    }
  }
  const selinux = { hint: 'enable SELinux, or remove it' }
  if (process?.selinuxLabel && !facts.lsm.selinux) {
    problems.push(error(['process', 'selinuxLabel'], 'SELinux is not on', selinux))
  }
  return problems
}

// startContainer hooks are files of the container.
const HOST_HOOKS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'poststart',
  'poststop',
] as const

function checkHooks({ hooks }: Config): Problem[] {
  return HOST_HOOKS.flatMap((name) =>
    (hooks?.[name] ?? []).flatMap(({ path }: Hook, i) =>
      checkProgram(['hooks', name, i, 'path'], path, 'install it, or remove the hook'),
    ),
  )
}

function checkSysctls({ linux }: Config): Problem[] {
  return Object.keys(linux?.sysctl ?? {}).flatMap((key) => {
    const at = ['linux', 'sysctl', key]
    // Either spelling: net.ipv4.conf.eth0/1.x and net/ipv4/conf/eth0.1/x.
    const path = key.includes('/') && key.indexOf('/') < key.indexOf('.') ? key : swap(key)
    if (existsSync(join('/proc/sys', path))) return []
    // A device has its own, and may come with the container.
    if (/^net\/\w+\/(conf|neigh)\//.test(path)) return []
    return [error(at, 'this kernel does not have that sysctl', { hint: 'remove it' })]
  })
}

const swap = (key: string) => key.replace(/[./]/g, (it) => (it === '.' ? '/' : '.'))

function checkSeccomp({ linux }: Config, { facts }: HostProbe): Problem[] {
  const seccomp = linux?.seccomp
  if (seccomp === undefined) return []
  const at = ['linux', 'seccomp']
  const known = facts.kernel.seccompActions
  if (known.length === 0) {
    return [error(at, 'this kernel has no seccomp filters', { hint: 'CONFIG_SECCOMP_FILTER=y' })]
  }
  const problems: Problem[] = []
  for (const [i, { action }] of (seccomp.syscalls ?? []).entries()) {
    const word = ACTION_WORDS[action] ?? action.slice('SCMP_ACT_'.length).toLowerCase()
    if (!known.includes(word)) {
      problems.push(
        error([...at, 'syscalls', i, 'action'], `this kernel does not know ${action}`, {
          hint: 'remove it',
        }),
      )
    }
  }
  const asks = seccomp.syscalls?.some(({ action }) => action === 'SCMP_ACT_NOTIFY') === true
  const path = seccomp.listenerPath
  if (asks && path !== undefined && !path.startsWith('@')) {
    problems.push(...checkFile([...at, 'listenerPath'], path, 'start the agent first'))
  }
  return problems
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  SCMP_ACT_KILL: 'kill_thread',
  SCMP_ACT_NOTIFY: 'user_notif',
}

function checkNetworkDevices({ linux }: Config): Problem[] {
  return Object.keys(linux?.netDevices ?? {}).flatMap((name) =>
    existsSync(join('/sys/class/net', name))
      ? []
      : [
          error(['linux', 'netDevices', name], 'no such network device here', {
            hint: 'see ip link',
          }),
        ],
  )
}
