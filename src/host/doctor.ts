// Judges what this host offers to containers: what is missing, what that costs, what mends it.

import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { CgroupFacts } from './facts.ts'
import { isAtLeast } from './kernel.ts'
import type { HostProbe } from './probe.ts'

export interface Finding {
  /** What is looked at: `namespaces`, `cgroups`. */
  readonly area: string
  readonly name: string
  /** `limited`: works in part. `missing`: what it costs does not work at all. */
  readonly status: 'ok' | 'limited' | 'missing'
  readonly detail: string
  /** What does not work. */
  readonly cost?: string
  /** A command, or a line for a file, that mends it. */
  readonly mend?: string
  /** No container at all runs without it. */
  readonly essential?: true
}

/** Everything worth telling about a host, in the order in which it matters. */
export function examineHost(host: HostProbe): Finding[] {
  return [
    ...examineKernel(host),
    ...examineNamespaces(host),
    ...examinePrivilege(host),
    ...examineIdMaps(host),
    ...examineCgroups(host),
    ...examineSecurity(host),
    ...examineBuild(host),
  ]
}

const SYS_ADMIN = 21n

/** Can this process give a container all that config.json may ask for? */
export function isPrivileged(host: HostProbe): boolean {
  return hasSysAdmin(host) && host.facts.user.inInitialUserNamespace
}

// Enough to set up a container without a user namespace of its own.
function hasSysAdmin(host: HostProbe): boolean {
  return (host.facts.user.capabilities & (1n << SYS_ADMIN)) !== 0n
}

function examineKernel({ facts }: HostProbe): Finding[] {
  const base = { area: 'kernel', name: 'mount API' }
  if (isAtLeast(facts.kernel, 5, 12)) {
    return [{ ...base, status: 'ok', detail: `kernel ${facts.kernel.release}` }]
  }
  return [
    {
      ...base,
      status: 'missing',
      detail: `kernel ${facts.kernel.release} is older than 5.12`,
      cost: 'no container runs: openat2 and mount_setattr are missing',
      mend: 'boot a kernel of 5.12 or later',
      essential: true,
    },
  ]
}

// What the kernel's build calls those that it does not call after the namespace.
const BUILD_OPTIONS: Readonly<Record<string, string>> = {
  mount: 'NAMESPACES',
  network: 'NET_NS',
  cgroup: 'CGROUPS',
}

function examineNamespaces(host: HostProbe): Finding[] {
  return Object.entries(NAMESPACE_FILES).map(([ociName, name]): Finding => {
    const base = { area: 'namespaces', name }
    const essential = name === 'mnt' ? { essential: true as const } : {}
    const cost = `a config.json with {"type": "${ociName}"} is refused`
    if (!host.facts.kernel.namespaces.includes(name)) {
      const option = BUILD_OPTIONS[ociName] ?? `${name.toUpperCase()}_NS`
      const mend = `boot a kernel with CONFIG_${option}=y`
      return { ...base, status: 'missing', detail: 'not in this kernel', cost, mend, ...essential }
    }
    const limit = host.namespaceLimits[name]
    if (limit === 0) {
      const mend = `sysctl -w user.max_${name}_namespaces=15000`
      return { ...base, status: 'missing', detail: 'limit is 0', cost, mend, ...essential }
    }
    const detail = limit === undefined ? 'no limit' : `up to ${limit}`
    return { ...base, status: 'ok', detail }
  })
}

function examinePrivilege(host: HostProbe): Finding[] {
  const { user } = host.facts
  const where = user.inInitialUserNamespace ? 'the initial user namespace' : 'a user namespace'
  const findings: Finding[] = []
  const needed = !hasSysAdmin(host)
  if (!needed) {
    findings.push({
      area: 'privilege',
      name: 'capabilities',
      status: user.inInitialUserNamespace ? 'ok' : 'limited',
      detail: `uid ${user.euid} with CAP_SYS_ADMIN in ${where}`,
      ...(user.inInitialUserNamespace
        ? {}
        : { cost: 'what only the host owns is refused: device nodes, most sysctls' }),
    })
  } else if (user.euid === 0) {
    findings.push({
      area: 'privilege',
      name: 'capabilities',
      status: 'limited',
      detail: `uid 0 without CAP_SYS_ADMIN in ${where}`,
      cost: 'containers need a user namespace of their own',
      mend: 'start the surrounding container with CAP_SYS_ADMIN',
    })
  } else {
    findings.push({
      area: 'privilege',
      name: 'capabilities',
      status: 'limited',
      detail: `uid ${user.euid}, an ordinary user`,
      cost: 'containers need a user namespace: tsoci spec --rootless',
    })
  }
  return [...findings, ...examineUserNamespaceRules(host, needed), ...examineStateDir(host, needed)]
}

// Distributions add their own switches to keep ordinary users from making user namespaces.
function examineUserNamespaceRules(host: HostProbe, needed: boolean): Finding[] {
  const base = { area: 'privilege', name: 'user namespaces for ordinary users' }
  const cost = 'containers of ordinary users fail with EPERM'
  const status = needed ? 'missing' : 'limited'
  if (host.unprivilegedUsernsClone === '0') {
    const mend = 'sysctl -w kernel.unprivileged_userns_clone=1'
    return [{ ...base, status, detail: 'kernel.unprivileged_userns_clone is 0', cost, mend }]
  }
  if (host.apparmorRestrictsUserns === '1') {
    return [
      {
        ...base,
        status,
        detail: 'AppArmor allows them by profile only',
        cost,
        mend: 'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with "userns," for tsoci',
      },
    ]
  }
  return [{ ...base, status: 'ok', detail: 'allowed' }]
}

function examineStateDir(host: HostProbe, needed: boolean): Finding[] {
  if (!needed || host.runtimeDir !== undefined) return []
  return [
    {
      area: 'privilege',
      name: 'state directory',
      status: 'limited',
      detail: 'XDG_RUNTIME_DIR is not set',
      cost: 'there is no place to keep containers',
      mend: `export XDG_RUNTIME_DIR=/run/user/${host.facts.user.uid}, or pass --root DIR`,
    },
  ]
}

function examineIdMaps(host: HostProbe): Finding[] {
  const { user } = host.facts
  const findings: Finding[] = []
  const cost = 'ordinary users get one id in a container, not a range'
  if (user.newuidmap === undefined || user.newgidmap === undefined) {
    findings.push({
      area: 'id maps',
      name: 'newuidmap and newgidmap',
      status: 'limited',
      detail: 'not installed',
      cost,
      mend: 'apt-get install uidmap, or dnf install shadow-utils',
    })
  } else if (user.noNewPrivs) {
    findings.push({
      area: 'id maps',
      name: 'newuidmap and newgidmap',
      status: 'limited',
      detail: 'no_new_privs is set, so they get no privilege',
      cost,
      mend: 'start tsoci outside of the sandbox, or with NoNewPrivileges=no',
    })
  } else {
    findings.push({
      area: 'id maps',
      name: 'newuidmap and newgidmap',
      status: 'ok',
      detail: user.newuidmap,
    })
  }
  if (user.euid !== 0) {
    findings.push(
      examineSubIds(host, '/etc/subuid', host.subUids),
      examineSubIds(host, '/etc/subgid', host.subGids),
    )
  }
  return findings
}

function examineSubIds(host: HostProbe, file: string, ranges: HostProbe['subUids']): Finding {
  const name = host.userName ?? String(host.facts.user.uid)
  const base = { area: 'id maps', name: file }
  const size = ranges.reduce((sum, range) => sum + range.size, 0)
  if (size > 0) return { ...base, status: 'ok', detail: `${size} ids for ${name}` }
  const flag = file === '/etc/subuid' ? '--add-subuids' : '--add-subgids'
  return {
    ...base,
    status: 'limited',
    detail: `no ids for ${name}`,
    cost: 'containers get one id, not a range',
    mend: `usermod ${flag} 100000-165535 ${name}`,
  }
}

// What config.json can limit, by the controller's name on v1 and on v2.
const CONTROLLERS = [
  ['pids', 'pids'],
  ['memory', 'memory'],
  ['cpu', 'cpu'],
  ['cpuset', 'cpuset'],
  ['blkio', 'io'],
  ['devices', undefined], // on v2 an eBPF program
  ['freezer', undefined], // on v2 part of every cgroup
  ['hugetlb', 'hugetlb'],
] as const

function examineCgroups(host: HostProbe): Finding[] {
  const { cgroups } = host.facts
  if (cgroups.layout === 'none') {
    return [
      {
        area: 'cgroups',
        name: 'layout',
        status: 'missing',
        detail: 'no cgroup hierarchy is mounted',
        cost: 'containers run without limits, and a config.json with resources is refused',
        mend: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
      },
    ]
  }
  const findings: Finding[] = [
    { area: 'cgroups', name: 'layout', status: 'ok', detail: describeLayout(cgroups) },
  ]
  for (const [v1Name, v2Name] of CONTROLLERS) {
    const name = cgroups.layout === 'v2' ? v2Name : v1Name
    if (name === undefined) continue
    findings.push(examineController(cgroups, name))
  }
  return [...findings, ...examineDelegation(host)]
}

function examineController(cgroups: CgroupFacts, name: string): Finding {
  const base = { area: 'cgroups', name }
  const onV1 = cgroups.v1.find((it) => it.controllers.includes(name))
  if (cgroups.layout !== 'v2' && onV1 !== undefined) {
    return { ...base, status: 'ok', detail: onV1.mount }
  }
  const { v2 } = cgroups
  if (v2?.controllers.includes(name) === true) {
    if (cgroups.ownControllers.includes(name)) return { ...base, status: 'ok', detail: v2.mount }
    return {
      ...base,
      status: 'limited',
      detail: `not delegated to ${v2.own}`,
      cost: `below our own cgroup, limits of ${name} are refused`,
      mend: 'systemctl edit user@.service, with Delegate=yes under [Service]',
    }
  }
  return {
    ...base,
    status: 'limited',
    detail: 'not offered by this kernel',
    cost: `a config.json that limits ${name} is refused`,
    mend:
      name === 'memory'
        ? 'boot with cgroup_enable=memory'
        : `boot a kernel with the ${name} controller, without cgroup_disable=${name}`,
  }
}

function examineDelegation(host: HostProbe): Finding[] {
  const denied = Object.entries(host.writableCgroups)
    .filter(([, isWritable]) => !isWritable)
    .map(([mount]) => mount)
  const base = { area: 'cgroups', name: 'delegation' }
  if (denied.length === 0) {
    return [{ ...base, status: 'ok', detail: 'we may make cgroups below our own' }]
  }
  return [
    {
      ...base,
      status: 'limited',
      detail: `not ours to write: ${denied.join(', ')}`,
      cost: 'containers stay in the cgroup of the caller, and limits are refused',
      mend: 'start tsoci with systemd-run --user --scope -p Delegate=yes, or as root',
    },
  ]
}

function describeLayout(cgroups: CgroupFacts): string {
  switch (cgroups.layout) {
    case 'v1':
      return 'v1'
    case 'hybrid':
      return `v1 for the controllers, v2 at ${cgroups.v2?.mount}`
    default:
      return `v2 at ${cgroups.v2?.mount}`
  }
}

function examineSecurity({ facts }: HostProbe): Finding[] {
  const actions = facts.kernel.seccompActions
  return [
    actions.length > 0
      ? { area: 'security', name: 'seccomp', status: 'ok', detail: actions.join(' ') }
      : {
          area: 'security',
          name: 'seccomp',
          status: 'limited',
          detail: 'not in this kernel',
          cost: 'a config.json with linux.seccomp is refused',
          mend: 'boot a kernel with CONFIG_SECCOMP_FILTER=y',
        },
    describeLsm('apparmor', facts.lsm.apparmor, 'process.apparmorProfile'),
    describeLsm('selinux', facts.lsm.selinux, 'process.selinuxLabel'),
  ]
}

// Off is the usual state of one of them, and nothing to mend.
function describeLsm(name: string, isOn: boolean, field: string): Finding {
  const detail = isOn ? 'on' : `off: a config.json with ${field} is refused`
  return { area: 'security', name, status: 'ok', detail }
}

function examineBuild(host: HostProbe): Finding[] {
  const { compiler, make } = host
  const base = { area: 'build', name: 'cc and make' }
  if (compiler !== undefined && make !== undefined) {
    return [{ ...base, status: 'ok', detail: `${compiler}, ${make}` }]
  }
  return [
    {
      ...base,
      status: 'limited',
      detail: `no ${compiler === undefined ? 'C compiler' : 'make'}`,
      cost: 'tsoci can run, but not be built from source',
      mend: 'apt-get install gcc libc6-dev make, or dnf install gcc glibc-static make',
    },
  ]
}
