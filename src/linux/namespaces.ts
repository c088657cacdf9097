// Namespaces by the kernel's numbers; the one place where OCI's words become the kernel's.

/** CLONE_NEW* of each OCI namespace type (linux/sched.h). */
export const CLONE_FLAGS = {
  pid: 0x20000000,
  network: 0x40000000,
  mount: 0x00020000,
  ipc: 0x08000000,
  uts: 0x04000000,
  user: 0x10000000,
  cgroup: 0x02000000,
  time: 0x00000080,
} as const

/** Name of each type's file below /proc/PID/ns. */
export const NAMESPACE_FILES = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const
