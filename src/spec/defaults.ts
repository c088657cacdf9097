// The configurations that the spec command writes: the same content as runc's.

import type { Config, Mount, Namespace } from './config.ts'

/** Version of runtime-spec that is written, and the newest that is known. */
export const SPEC_VERSION = '1.3.0'

const CAPABILITIES = ['CAP_AUDIT_WRITE', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'] as const

/** What to start from: a shell with a terminal in a read-only rootfs. */
export function defaultConfig(host: { readonly cgroup2?: boolean } = {}): Config {
  const namespaces: Namespace[] = [
    { type: 'pid' },
    { type: 'network' },
    { type: 'ipc' },
    { type: 'uts' },
    { type: 'mount' },
  ]
  // On cgroup v1 a cgroup namespace shows the controllers at the wrong places.
  if (host.cgroup2) namespaces.push({ type: 'cgroup' })
  return {
    ociVersion: SPEC_VERSION,
    process: {
      terminal: true,
      user: { uid: 0, gid: 0 },
      args: ['sh'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'TERM=xterm'],
      cwd: '/',
      capabilities: {
        bounding: [...CAPABILITIES],
        effective: [...CAPABILITIES],
        permitted: [...CAPABILITIES],
        ambient: [...CAPABILITIES],
      },
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
      noNewPrivileges: true,
    },
    root: { path: 'rootfs', readonly: true },
    hostname: 'runc',
    mounts: defaultMounts(),
    linux: {
      resources: { devices: [{ allow: false, access: 'rwm' }] },
      namespaces,
      maskedPaths: [
        '/proc/acpi',
        '/proc/asound',
        '/proc/kcore',
        '/proc/keys',
        '/proc/latency_stats',
        '/proc/timer_list',
        '/proc/timer_stats',
        '/proc/sched_debug',
        '/sys/firmware',
        '/proc/scsi',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  }
}

/** The same for an ordinary user, who becomes root in a user namespace of one id. */
export function rootlessConfig(
  uid: number,
  gid: number,
  host: { readonly cgroup2?: boolean } = {},
): Config {
  const { linux, mounts = [], ...config } = defaultConfig(host)
  const { resources: _, namespaces = [], ...rest } = linux ?? {}
  return {
    ...config,
    mounts: mounts.map(rootlessMount),
    linux: {
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      // The host's network: only root can connect a new namespace to it.
      namespaces: [...namespaces.filter(({ type }) => type !== 'network'), { type: 'user' }],
      ...rest,
    },
  }
}

function rootlessMount(mount: Mount): Mount {
  if (mount.destination === '/sys') {
    // sysfs belongs to the network namespace, which is the host's.
    const options = ['rbind', 'nosuid', 'noexec', 'nodev', 'ro']
    return { destination: '/sys', type: 'none', source: '/sys', options }
  }
  if (mount.options === undefined) return mount
  // Ids such as gid=5 are not mapped.
  return { ...mount, options: mount.options.filter((word) => !/^[ug]id=/.test(word)) }
}

function defaultMounts(): Mount[] {
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
    },
    {
      destination: '/dev/mqueue',
      type: 'mqueue',
      source: 'mqueue',
      options: ['nosuid', 'noexec', 'nodev'],
    },
    {
      destination: '/sys',
      type: 'sysfs',
      source: 'sysfs',
      options: ['nosuid', 'noexec', 'nodev', 'ro'],
    },
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['nosuid', 'noexec', 'nodev', 'relatime', 'ro'],
    },
  ]
}
