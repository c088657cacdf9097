import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examineHost, type Finding } from '../../src/host/doctor.ts'
import type { HostFacts } from '../../src/host/facts.ts'
import type { HostProbe } from '../../src/host/probe.ts'

const hierarchy = (mount: string, controllers: string[]) => ({
  controllers,
  line: -1,
  mount,
  root: '/',
  own: '/me',
  ownDir: `${mount}/me`,
})

const rootFacts: HostFacts = {
  user: {
    uid: 0,
    gid: 0,
    euid: 0,
    egid: 0,
    groups: [0],
    inInitialUserNamespace: true,
    uidMap: [{ inside: 0, outside: 0, size: 4294967295 }],
    gidMap: [{ inside: 0, outside: 0, size: 4294967295 }],
    maySetGroups: true,
    capabilities: (1n << 41n) - 1n,
    noNewPrivs: false,
    newuidmap: '/usr/bin/newuidmap',
    newgidmap: '/usr/bin/newgidmap',
  },
  kernel: {
    release: '6.1.0',
    major: 6,
    minor: 1,
    namespaces: ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'],
    lastCapability: 40,
    seccompActions: ['errno', 'allow'],
  },
  cgroups: {
    layout: 'v2',
    v1: [],
    v2: hierarchy('/sys/fs/cgroup', ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids']),
    ownControllers: ['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids'],
  },
  lsm: { apparmor: true, selinux: false },
  systemdSockets: [],
}

const root: HostProbe = {
  facts: rootFacts,
  userName: 'root',
  namespaceLimits: { user: 15000 },
  unprivilegedUsernsClone: undefined,
  apparmorRestrictsUserns: undefined,
  subUids: [],
  subGids: [],
  writableCgroups: { '/sys/fs/cgroup': true },
  compiler: '/usr/bin/cc',
  make: '/usr/bin/make',
  runtimeDir: undefined,
}

const ordinary: HostProbe = {
  ...root,
  facts: { ...rootFacts, user: { ...rootFacts.user, uid: 1000, euid: 1000, capabilities: 0n } },
  userName: 'ann',
  subUids: [{ first: 100000, size: 65536 }],
  subGids: [{ first: 100000, size: 65536 }],
  runtimeDir: '/run/user/1000',
}

/** What is not in order, as `status name`. */
function problems(host: HostProbe): string[] {
  return examineHost(host)
    .filter((it) => it.status !== 'ok')
    .map((it) => `${it.status} ${it.name}`)
}

function withFacts(host: HostProbe, facts: Partial<HostFacts>): HostProbe {
  return { ...host, facts: { ...host.facts, ...facts } }
}

const cases: [why: string, host: HostProbe, expected: string[]][] = [
  ['nothing amiss as root', root, []],
  ['an ordinary user', ordinary, ['limited capabilities']],
  [
    'an old kernel',
    withFacts(root, { kernel: { ...rootFacts.kernel, major: 5, minor: 4 } }),
    ['missing mount API'],
  ],
  [
    'a kernel without time namespaces',
    withFacts(root, {
      kernel: {
        ...rootFacts.kernel,
        namespaces: ['mnt', 'pid', 'net', 'ipc', 'uts', 'user', 'cgroup'],
      },
    }),
    ['missing time'],
  ],
  ['a limit of no user namespaces', { ...root, namespaceLimits: { user: 0 } }, ['missing user']],
  [
    'the switch of Debian, which root does not need',
    { ...root, unprivilegedUsernsClone: '0' },
    ['limited user namespaces for ordinary users'],
  ],
  [
    'the switch of Ubuntu, which an ordinary user needs',
    { ...ordinary, apparmorRestrictsUserns: '1' },
    ['limited capabilities', 'missing user namespaces for ordinary users'],
  ],
  [
    'no runtime directory',
    { ...ordinary, runtimeDir: undefined },
    ['limited capabilities', 'limited state directory'],
  ],
  [
    'no ids in /etc/subuid',
    { ...ordinary, subUids: [] },
    ['limited capabilities', 'limited /etc/subuid'],
  ],
  [
    'no_new_privs, which takes the privilege of newuidmap',
    withFacts(root, { user: { ...rootFacts.user, noNewPrivs: true } }),
    ['limited newuidmap and newgidmap'],
  ],
  [
    'no cgroups',
    withFacts(root, { cgroups: { layout: 'none', v1: [], v2: undefined, ownControllers: [] } }),
    ['missing layout'],
  ],
  [
    'a controller that is not delegated',
    withFacts(root, {
      cgroups: { ...rootFacts.cgroups, ownControllers: ['memory', 'pids', 'io', 'cpu', 'hugetlb'] },
    }),
    ['limited cpuset'],
  ],
  ['a cgroup of another', { ...root, writableCgroups: { '/m': false } }, ['limited delegation']],
  [
    'a kernel without seccomp',
    withFacts(root, { kernel: { ...rootFacts.kernel, seccompActions: [] } }),
    ['limited seccomp'],
  ],
  ['no compiler', { ...root, compiler: undefined }, ['limited cc and make']],
]
for (const [why, host, expected] of cases) {
  test(`examineHost() reports ${why}`, () => {
    assert.deepEqual(problems(host), expected)
  })
}

test('examineHost() says of everything missing what it costs and what mends it', () => {
  const worst: HostProbe = withFacts(
    { ...ordinary, unprivilegedUsernsClone: '0', namespaceLimits: { mnt: 0, user: 0, net: 0 } },
    {
      kernel: { ...rootFacts.kernel, major: 4, minor: 4, seccompActions: [], namespaces: ['mnt'] },
      cgroups: { layout: 'none', v1: [], v2: undefined, ownControllers: [] },
    },
  )
  const missing = examineHost(worst).filter((it: Finding) => it.status === 'missing')
  assert.ok(missing.length > 8)
  for (const finding of missing) {
    assert.ok(finding.cost !== undefined && finding.mend !== undefined, finding.name)
  }
})
