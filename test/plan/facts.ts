// Host facts and configurations that the tests of this folder compile with: the same everywhere.

import type { CgroupFacts, CgroupHierarchy, HostFacts } from '../../src/host/facts.ts'
import type { PlanOptions } from '../../src/plan/options.ts'
import type { Config } from '../../src/spec/config.ts'

/** A v1 hierarchy mounted at /sys/fs/cgroup/NAME, our own cgroup in it being /user. */
export function v1Hierarchy(name: string, line: number, more: Partial<CgroupHierarchy> = {}) {
  const hierarchy: CgroupHierarchy = {
    controllers: name.split(','),
    mount: `/sys/fs/cgroup/${name}`,
    root: '/',
    own: '/user',
    line,
    ownDir: `/sys/fs/cgroup/${name}/user`,
    ...more,
  }
  return hierarchy
}

const v1 = [
  ...['cpu,cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'pids'].map((name, i) =>
    v1Hierarchy(name, i),
  ),
  v1Hierarchy('systemd', 6, { controllers: [], named: 'systemd' }),
]

const v2: CgroupHierarchy = {
  controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids', 'rdma', 'debug'],
  mount: '/sys/fs/cgroup',
  root: '/',
  own: '/user.slice/session-1.scope',
  line: -1,
  ownDir: '/sys/fs/cgroup/user.slice/session-1.scope',
}

/** The four layouts. */
export const layouts: Readonly<Record<CgroupFacts['layout'], CgroupFacts>> = {
  v1: { layout: 'v1', v1, v2: undefined, ownControllers: [] },
  hybrid: {
    layout: 'hybrid',
    v1,
    v2: { ...v2, controllers: [], mount: '/sys/fs/cgroup/unified' },
    ownControllers: [],
  },
  v2: { layout: 'v2', v1: [], v2, ownControllers: ['cpu', 'memory', 'pids'] },
  none: { layout: 'none', v1: [], v2: undefined, ownControllers: [] },
}

/** Root of a host with cgroup v2. */
export const rootHost: HostFacts = {
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
    newuidmap: undefined,
    newgidmap: undefined,
  },
  kernel: {
    release: '6.1.0-28-amd64',
    major: 6,
    minor: 1,
    namespaces: ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'],
    lastCapability: 40,
    seccompActions: ['kill_process', 'kill_thread', 'trap', 'errno', 'trace', 'log', 'allow'],
  },
  cgroups: layouts.v2,
  lsm: { apparmor: false, selinux: false },
  systemdSockets: ['systemd:0:/run/systemd/private'],
}

/** The same host, its cgroups laid out otherwise. */
export function withLayout(layout: CgroupFacts['layout']): HostFacts {
  return { ...rootHost, cgroups: layouts[layout] }
}

/** An ordinary user of that host, 1000:1000, with the id map tools installed. */
export const userHost: HostFacts = {
  ...rootHost,
  user: {
    ...rootHost.user,
    uid: 1000,
    gid: 1000,
    euid: 1000,
    egid: 1000,
    groups: [1000],
    capabilities: 0n,
    newuidmap: '/usr/bin/newuidmap',
    newgidmap: '/usr/bin/newgidmap',
  },
}

/** What `tsoci create` asks for without a flag. */
export const createOptions: PlanOptions = {
  verb: 'create',
  detach: false,
  keep: false,
  noPivot: false,
  noNewKeyring: false,
  cgroupManager: 'cgroupfs',
  hasConsoleSocket: false,
  rootfs: undefined,
}

/** The least that a plan can be made of. */
export const smallConfig: Config = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs' },
  process: { cwd: '/', args: ['/bin/true'] },
  linux: { namespaces: [{ type: 'mount' }, { type: 'pid' }] },
}

/** The small configuration with other resources. */
export function withResources(resources: NonNullable<Config['linux']>['resources']): Config {
  return { ...smallConfig, linux: { ...smallConfig.linux, resources: resources! } }
}
