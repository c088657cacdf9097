// Generated from schemas/ by scripts/generate-spec.ts. Do not edit.

export type CapabilityName =
  | 'CAP_AUDIT_CONTROL'
  | 'CAP_AUDIT_READ'
  | 'CAP_AUDIT_WRITE'
  | 'CAP_BLOCK_SUSPEND'
  | 'CAP_BPF'
  | 'CAP_CHECKPOINT_RESTORE'
  | 'CAP_CHOWN'
  | 'CAP_DAC_OVERRIDE'
  | 'CAP_DAC_READ_SEARCH'
  | 'CAP_FOWNER'
  | 'CAP_FSETID'
  | 'CAP_IPC_LOCK'
  | 'CAP_IPC_OWNER'
  | 'CAP_KILL'
  | 'CAP_LEASE'
  | 'CAP_LINUX_IMMUTABLE'
  | 'CAP_MAC_ADMIN'
  | 'CAP_MAC_OVERRIDE'
  | 'CAP_MKNOD'
  | 'CAP_NET_ADMIN'
  | 'CAP_NET_BIND_SERVICE'
  | 'CAP_NET_BROADCAST'
  | 'CAP_NET_RAW'
  | 'CAP_PERFMON'
  | 'CAP_SETFCAP'
  | 'CAP_SETGID'
  | 'CAP_SETPCAP'
  | 'CAP_SETUID'
  | 'CAP_SYS_ADMIN'
  | 'CAP_SYS_BOOT'
  | 'CAP_SYS_CHROOT'
  | 'CAP_SYS_MODULE'
  | 'CAP_SYS_NICE'
  | 'CAP_SYS_PACCT'
  | 'CAP_SYS_PTRACE'
  | 'CAP_SYS_RAWIO'
  | 'CAP_SYS_RESOURCE'
  | 'CAP_SYS_TIME'
  | 'CAP_SYS_TTY_CONFIG'
  | 'CAP_SYSLOG'
  | 'CAP_WAKE_ALARM'
export type RlimitName =
  | 'RLIMIT_AS'
  | 'RLIMIT_CORE'
  | 'RLIMIT_CPU'
  | 'RLIMIT_DATA'
  | 'RLIMIT_FSIZE'
  | 'RLIMIT_LOCKS'
  | 'RLIMIT_MEMLOCK'
  | 'RLIMIT_MSGQUEUE'
  | 'RLIMIT_NICE'
  | 'RLIMIT_NOFILE'
  | 'RLIMIT_NPROC'
  | 'RLIMIT_RSS'
  | 'RLIMIT_RTPRIO'
  | 'RLIMIT_RTTIME'
  | 'RLIMIT_SIGPENDING'
  | 'RLIMIT_STACK'
export type NamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'
export type SeccompAction =
  | 'SCMP_ACT_KILL'
  | 'SCMP_ACT_KILL_PROCESS'
  | 'SCMP_ACT_KILL_THREAD'
  | 'SCMP_ACT_TRAP'
  | 'SCMP_ACT_ERRNO'
  | 'SCMP_ACT_TRACE'
  | 'SCMP_ACT_ALLOW'
  | 'SCMP_ACT_LOG'
  | 'SCMP_ACT_NOTIFY'
export type SeccompArch =
  | 'SCMP_ARCH_X86'
  | 'SCMP_ARCH_X86_64'
  | 'SCMP_ARCH_X32'
  | 'SCMP_ARCH_ARM'
  | 'SCMP_ARCH_AARCH64'
  | 'SCMP_ARCH_MIPS'
  | 'SCMP_ARCH_MIPS64'
  | 'SCMP_ARCH_MIPS64N32'
  | 'SCMP_ARCH_MIPSEL'
  | 'SCMP_ARCH_MIPSEL64'
  | 'SCMP_ARCH_MIPSEL64N32'
  | 'SCMP_ARCH_PPC'
  | 'SCMP_ARCH_PPC64'
  | 'SCMP_ARCH_PPC64LE'
  | 'SCMP_ARCH_S390'
  | 'SCMP_ARCH_S390X'
  | 'SCMP_ARCH_PARISC'
  | 'SCMP_ARCH_PARISC64'
  | 'SCMP_ARCH_RISCV64'
  | 'SCMP_ARCH_LOONGARCH64'
  | 'SCMP_ARCH_M68K'
  | 'SCMP_ARCH_SH'
  | 'SCMP_ARCH_SHEB'
export type SeccompFlag =
  | 'SECCOMP_FILTER_FLAG_TSYNC'
  | 'SECCOMP_FILTER_FLAG_LOG'
  | 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'
  | 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'
export type SeccompOperator =
  | 'SCMP_CMP_NE'
  | 'SCMP_CMP_LT'
  | 'SCMP_CMP_LE'
  | 'SCMP_CMP_EQ'
  | 'SCMP_CMP_GE'
  | 'SCMP_CMP_GT'
  | 'SCMP_CMP_MASKED_EQ'

/**
 * config.json of a bundle: runtime-spec 1.3, the part that applies to Linux.
 */
export interface Config {
  /**
   * The schema an editor checks this file with.
   */
  $schema?: string
  /**
   * Version of runtime-spec the file is written for, such as 1.3.0.
   */
  ociVersion: string
  root: Root
  process?: Process
  /**
   * Host name inside; needs a uts namespace.
   */
  hostname?: string
  /**
   * NIS domain name inside; needs a uts namespace.
   */
  domainname?: string
  /**
   * File systems to mount over the rootfs, in this order.
   */
  mounts?: Mount[]
  hooks?: Hooks
  /**
   * Free-form notes; reverse-domain keys are usual.
   */
  annotations?: {
    [k: string]: string
  }
  linux?: Linux
  vm?: Vm
  /**
   * Not for Linux; left alone.
   */
  solaris?: {}
  /**
   * Not for Linux; left alone.
   */
  windows?: {}
  /**
   * Not for Linux; left alone.
   */
  zos?: {}
  /**
   * Not for Linux; left alone.
   */
  freebsd?: {}
}
/**
 * The root file system.
 */
export interface Root {
  /**
   * Directory of the rootfs: absolute, or relative to the bundle.
   */
  path: string
  /**
   * Make / read-only inside.
   */
  readonly?: boolean
}
/**
 * What runs in the container.
 */
export interface Process {
  /**
   * Give the process a terminal.
   */
  terminal?: boolean
  consoleSize?: ConsoleSize
  user?: User
  /**
   * Working directory, an absolute path inside the container.
   */
  cwd: string
  /**
   * Program and arguments; the program is searched in PATH.
   */
  args?: string[]
  /**
   * Windows only.
   */
  commandLine?: string
  /**
   * Environment, each entry NAME=value.
   */
  env?: string[]
  capabilities?: Capabilities
  /**
   * Resource limits as in getrlimit(2), each type once.
   */
  rlimits?: Rlimit[]
  /**
   * No gain of privileges by execve: set-user-ID programs lose their power.
   */
  noNewPrivileges?: boolean
  /**
   * Name of an AppArmor profile.
   */
  apparmorProfile?: string
  /**
   * SELinux label of the process.
   */
  selinuxLabel?: string
  /**
   * Value for /proc/PID/oom_score_adj; absent leaves it alone.
   */
  oomScoreAdj?: number
  scheduler?: Scheduler
  ioPriority?: IoPriority
  execCPUAffinity?: ExecCpuAffinity
}
/**
 * Size of the terminal in characters.
 */
export interface ConsoleSize {
  height: number
  width: number
}
/**
 * Ids of the process, as seen inside the container; 0 when absent.
 */
export interface User {
  uid?: number
  gid?: number
  /**
   * As a decimal number: 18 is 0022.
   */
  umask?: number
  additionalGids?: number[]
  /**
   * Windows only.
   */
  username?: string
}
/**
 * The five capability sets of the process, capabilities(7).
 */
export interface Capabilities {
  bounding?: CapabilityName[]
  effective?: CapabilityName[]
  inheritable?: CapabilityName[]
  permitted?: CapabilityName[]
  ambient?: CapabilityName[]
}
export interface Rlimit {
  type: RlimitName
  /**
   * Limit in force; 18446744073709551615 is no limit.
   */
  soft: number | bigint
  /**
   * Ceiling of the soft limit.
   */
  hard: number | bigint
}
/**
 * CPU scheduling of the process, sched_setattr(2).
 */
export interface Scheduler {
  policy:
    | 'SCHED_OTHER'
    | 'SCHED_FIFO'
    | 'SCHED_RR'
    | 'SCHED_BATCH'
    | 'SCHED_ISO'
    | 'SCHED_IDLE'
    | 'SCHED_DEADLINE'
  /**
   * From -20 to 19, for SCHED_OTHER and SCHED_BATCH.
   */
  nice?: number
  /**
   * From 1 to 99, for SCHED_FIFO and SCHED_RR.
   */
  priority?: number
  flags?: (
    | 'SCHED_FLAG_RESET_ON_FORK'
    | 'SCHED_FLAG_RECLAIM'
    | 'SCHED_FLAG_DL_OVERRUN'
    | 'SCHED_FLAG_KEEP_POLICY'
    | 'SCHED_FLAG_KEEP_PARAMS'
    | 'SCHED_FLAG_UTIL_CLAMP_MIN'
    | 'SCHED_FLAG_UTIL_CLAMP_MAX'
  )[]
  /**
   * Nanoseconds of CPU per period, for SCHED_DEADLINE.
   */
  runtime?: number
  /**
   * Nanoseconds until the work is due, for SCHED_DEADLINE.
   */
  deadline?: number
  /**
   * Nanoseconds of a period, for SCHED_DEADLINE.
   */
  period?: number
}
/**
 * I/O scheduling of the process, ioprio_set(2).
 */
export interface IoPriority {
  class: 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE'
  /**
   * 0 is the highest; IOPRIO_CLASS_IDLE needs none.
   */
  priority?: number
}
/**
 * CPUs for processes that exec adds; init is not affected.
 */
export interface ExecCpuAffinity {
  /**
   * CPUs before the process enters the cgroup, such as 0-3,7.
   */
  initial?: string
  /**
   * CPUs once the process is in the cgroup.
   */
  final?: string
}
export interface Mount {
  /**
   * Where to mount, an absolute path inside the container.
   */
  destination: string
  /**
   * File system type as in /proc/filesystems; not used for bind mounts.
   */
  type?: string
  /**
   * Device, dummy name, or for bind mounts a path (relative to the bundle).
   */
  source?: string
  /**
   * Options as mount(8) spells them; the unknown go to the file system.
   */
  options?: string[]
  /**
   * User ids of an idmapped mount; needs gidMappings and idmap or ridmap.
   */
  uidMappings?: IdMapping[]
  /**
   * Group ids of an idmapped mount; needs uidMappings and idmap or ridmap.
   */
  gidMappings?: IdMapping[]
}
export interface IdMapping {
  /**
   * First id inside.
   */
  containerID: number
  /**
   * First id outside.
   */
  hostID: number
  /**
   * How many ids.
   */
  size: number
}
/**
 * Programs to run at points of the container's life.
 */
export interface Hooks {
  /**
   * Deprecated: use createRuntime, createContainer or startContainer.
   */
  prestart?: Hook[]
  /**
   * In the runtime's namespaces, before pivot_root.
   */
  createRuntime?: Hook[]
  /**
   * In the container's namespaces, before pivot_root; paths are the host's.
   */
  createContainer?: Hook[]
  /**
   * In the container, right before its program; paths are the container's.
   */
  startContainer?: Hook[]
  /**
   * In the runtime's namespaces, once the program runs.
   */
  poststart?: Hook[]
  /**
   * In the runtime's namespaces, after delete.
   */
  poststop?: Hook[]
}
export interface Hook {
  /**
   * Absolute path of the program.
   */
  path: string
  /**
   * Arguments, the name first.
   */
  args?: string[]
  /**
   * Environment, each entry NAME=value.
   */
  env?: string[]
  /**
   * Seconds until the hook counts as failed.
   */
  timeout?: number
}
/**
 * What only Linux has.
 */
export interface Linux {
  /**
   * Namespaces to create, or to join by path; others are inherited.
   */
  namespaces?: Namespace[]
  /**
   * User ids of the user namespace.
   */
  uidMappings?: IdMapping[]
  /**
   * Group ids of the user namespace.
   */
  gidMappings?: IdMapping[]
  /**
   * Clock offsets of a new time namespace.
   */
  timeOffsets?: {
    monotonic?: TimeOffset
    boottime?: TimeOffset
  }
  /**
   * Device nodes beyond the default ones.
   */
  devices?: Device[]
  /**
   * Network devices to move inside, by their name on the host.
   */
  netDevices?: {
    [k: string]: NetDevice
  }
  /**
   * Cgroup of the container: a path, or slice:prefix:name with systemd.
   */
  cgroupsPath?: string
  resources?: Resources
  /**
   * How mounts travel in and out of the rootfs.
   */
  rootfsPropagation?:
    | ''
    | 'private'
    | 'rprivate'
    | 'shared'
    | 'rshared'
    | 'slave'
    | 'rslave'
    | 'unbindable'
    | 'runbindable'
  seccomp?: Seccomp
  /**
   * Kernel parameters of the container's own namespaces.
   */
  sysctl?: {
    [k: string]: string
  }
  /**
   * Paths inside that read as empty.
   */
  maskedPaths?: string[]
  /**
   * Paths inside that cannot be written.
   */
  readonlyPaths?: string[]
  /**
   * SELinux label of the mounts.
   */
  mountLabel?: string
  personality?: Personality
  intelRdt?: IntelRdt
  memoryPolicy?: MemoryPolicy
}
export interface Namespace {
  type: NamespaceType
  /**
   * Absolute path of a namespace to join; absent creates a new one.
   */
  path?: string
}
export interface TimeOffset {
  secs?: number
  nanosecs?: number
}
export interface Device {
  /**
   * c or u: character device, b: block device, p: fifo.
   */
  type: 'c' | 'b' | 'u' | 'p'
  /**
   * Path inside.
   */
  path: string
  major?: number
  minor?: number
  /**
   * As a decimal number: 438 is 0666.
   */
  fileMode?: number
  uid?: number
  gid?: number
}
export interface NetDevice {
  /**
   * Name inside; %d lets the kernel pick a free number.
   */
  name?: string
}
/**
 * Limits of the cgroup; zero and absent both mean unset.
 */
export interface Resources {
  /**
   * Device access rules, applied in this order.
   */
  devices?: DeviceRule[]
  memory?: Memory
  cpu?: Cpu
  pids?: Pids
  blockIO?: BlockIo
  hugepageLimits?: HugepageLimit[]
  network?: NetworkResources
  /**
   * RDMA limits by device name.
   */
  rdma?: {
    [k: string]: Rdma
  }
  /**
   * Cgroup v2 files and what to write to them.
   */
  unified?: {
    [k: string]: string
  }
}
export interface DeviceRule {
  allow: boolean
  /**
   * a: all, b: block, c: character. Absent is all.
   */
  type?: '' | 'a' | 'b' | 'c'
  /**
   * Absent or -1 is all.
   */
  major?: number
  /**
   * Absent or -1 is all.
   */
  minor?: number
  /**
   * Any of r (read), w (write), m (mknod).
   */
  access?: string
}
/**
 * Memory limits in bytes; -1 is no limit.
 */
export interface Memory {
  limit?: number | bigint
  /**
   * Soft limit.
   */
  reservation?: number | bigint
  /**
   * Memory and swap together.
   */
  swap?: number | bigint
  /**
   * Deprecated.
   */
  kernel?: number | bigint
  /**
   * Deprecated.
   */
  kernelTCP?: number | bigint
  swappiness?: number
  disableOOMKiller?: boolean
  useHierarchy?: boolean
  /**
   * Refuse a new limit below what is in use.
   */
  checkBeforeUpdate?: boolean
}
/**
 * CPU time and CPU sets.
 */
export interface Cpu {
  /**
   * Weight relative to other cgroups.
   */
  shares?: number
  /**
   * Microseconds of CPU per period; negative is no limit.
   */
  quota?: number
  /**
   * Unused microseconds that may be used later, at most the quota.
   */
  burst?: number
  /**
   * Microseconds of a period.
   */
  period?: number
  /**
   * Microseconds of realtime per period.
   */
  realtimeRuntime?: number
  /**
   * Microseconds of a realtime period.
   */
  realtimePeriod?: number
  /**
   * CPUs, such as 0-3,7.
   */
  cpus?: string
  /**
   * Memory nodes, such as 0,1.
   */
  mems?: string
  /**
   * 1 is SCHED_IDLE.
   */
  idle?: number
}
/**
 * Number of tasks.
 */
export interface Pids {
  /**
   * Most tasks; -1 is no limit, 0 is a limit of none.
   */
  limit?: number | bigint
}
/**
 * Block I/O weights and rates.
 */
export interface BlockIo {
  weight?: number
  leafWeight?: number
  weightDevice?: WeightDevice[]
  throttleReadBpsDevice?: ThrottleDevice[]
  throttleWriteBpsDevice?: ThrottleDevice[]
  throttleReadIOPSDevice?: ThrottleDevice[]
  throttleWriteIOPSDevice?: ThrottleDevice[]
}
export interface WeightDevice {
  major: number
  minor: number
  weight?: number
  leafWeight?: number
}
export interface ThrottleDevice {
  major: number
  minor: number
  /**
   * Bytes or operations a second.
   */
  rate: number | bigint
}
export interface HugepageLimit {
  /**
   * Such as 2MB.
   */
  pageSize: string
  /**
   * Bytes.
   */
  limit: number | bigint
}
/**
 * Marks and priorities of network traffic (cgroup v1).
 */
export interface NetworkResources {
  classID?: number
  priorities?: InterfacePriority[]
}
export interface InterfacePriority {
  name: string
  priority: number
}
export interface Rdma {
  hcaHandles?: number
  hcaObjects?: number
}
/**
 * System call filter.
 */
export interface Seccomp {
  defaultAction: SeccompAction
  /**
   * Error number for SCMP_ACT_ERRNO or SCMP_ACT_TRACE; 1 (EPERM) when absent.
   */
  defaultErrnoRet?: number
  architectures?: SeccompArch[]
  flags?: SeccompFlag[]
  /**
   * Unix socket of the agent for SCMP_ACT_NOTIFY.
   */
  listenerPath?: string
  /**
   * Passed on to the agent.
   */
  listenerMetadata?: string
  syscalls?: SeccompSyscall[]
}
export interface SeccompSyscall {
  names: string[]
  action: SeccompAction
  /**
   * Error number for SCMP_ACT_ERRNO or SCMP_ACT_TRACE; 1 (EPERM) when absent.
   */
  errnoRet?: number
  args?: SeccompArg[]
}
export interface SeccompArg {
  /**
   * Which argument of the system call, from 0.
   */
  index: number
  value: number | bigint
  /**
   * Second operand, for SCMP_CMP_MASKED_EQ.
   */
  valueTwo?: number | bigint
  op: SeccompOperator
}
/**
 * Execution domain, personality(2).
 */
export interface Personality {
  domain: 'LINUX' | 'LINUX32'
  /**
   * None is defined so far.
   */
  flags?: string[]
}
/**
 * Cache and memory bandwidth classes of resctrl.
 */
export interface IntelRdt {
  /**
   * Name of the class; / is the default class, absent is the container's id.
   */
  closID?: string
  /**
   * Line for the schemata file, L3:...
   */
  l3CacheSchema?: string
  /**
   * Line for the schemata file, MB:...
   */
  memBwSchema?: string
  /**
   * Lines for the schemata file, written last.
   */
  schemata?: string[]
  /**
   * Make a monitoring group for the container.
   */
  enableMonitoring?: boolean
}
/**
 * NUMA policy, set_mempolicy(2).
 */
export interface MemoryPolicy {
  mode:
    | 'MPOL_DEFAULT'
    | 'MPOL_BIND'
    | 'MPOL_INTERLEAVE'
    | 'MPOL_WEIGHTED_INTERLEAVE'
    | 'MPOL_PREFERRED'
    | 'MPOL_PREFERRED_MANY'
    | 'MPOL_LOCAL'
  /**
   * Memory nodes, such as 0-3,7.
   */
  nodes?: string
  flags?: ('MPOL_F_NUMA_BALANCING' | 'MPOL_F_RELATIVE_NODES' | 'MPOL_F_STATIC_NODES')[]
}
/**
 * For runtimes that start a virtual machine; left alone.
 */
export interface Vm {
  hypervisor?: {
    path: string
    parameters?: string[]
  }
  kernel?: {
    path: string
    parameters?: string[]
    initrd?: string
  }
  image?: {
    path?: string
    format?: string
  }
  hwConfig?: {}
  hwconfig?: {}
}


/**
 * Where the container is in its life; paused is an addition of runtimes.
 */
export type Status = 'creating' | 'created' | 'running' | 'stopped' | 'paused'

/**
 * What the state command prints, and what hooks read on standard input.
 */
export interface State {
  /**
   * Version of runtime-spec the state follows.
   */
  ociVersion: string
  /**
   * Id of the container on this host.
   */
  id: string
  status: Status
  /**
   * Init process; required while the container is created or running.
   */
  pid?: number
  /**
   * Absolute path of the bundle.
   */
  bundle: string
  /**
   * Annotations of the configuration.
   */
  annotations?: {
    [k: string]: string
  }
}


export type LinuxFeatures = {
  namespaces?: string[] | null
  capabilities?: string[] | null
  cgroup?: CgroupFeatures
  seccomp?: SeccompFeatures
  apparmor?: Enabled
  selinux?: Enabled
  intelRdt?: IntelRdtFeatures
  memoryPolicy?: MemoryPolicyFeatures
  mountExtensions?: MountExtensions
  netDevices?: Enabled
} | null
export type CgroupFeatures = {
  v1?: boolean | null
  v2?: boolean | null
  /**
   * The system's systemd.
   */
  systemd?: boolean | null
  /**
   * A user's systemd.
   */
  systemdUser?: boolean | null
  rdma?: boolean | null
} | null
export type SeccompFeatures = {
  enabled?: boolean | null
  actions?: string[] | null
  operators?: string[] | null
  archs?: string[] | null
  knownFlags?: string[] | null
  supportedFlags?: string[] | null
} | null
export type Enabled = {
  enabled?: boolean | null
} | null
export type IntelRdtFeatures = {
  enabled?: boolean | null
  schemata?: boolean | null
  monitoring?: boolean | null
} | null
export type MemoryPolicyFeatures = {
  modes?: string[] | null
  flags?: string[] | null
} | null
export type MountExtensions = {
  idmap?: Enabled
} | null

/**
 * What the features command prints: what this runtime knows, on any host.
 */
export interface Features {
  /**
   * Oldest accepted ociVersion.
   */
  ociVersionMin: string
  /**
   * Newest accepted ociVersion.
   */
  ociVersionMax: string
  /**
   * Hooks that are run.
   */
  hooks?: string[] | null
  /**
   * Mount options that do not go to the file system.
   */
  mountOptions?: string[] | null
  linux?: LinuxFeatures
  /**
   * Free-form facts about the runtime.
   */
  annotations?: {
    [k: string]: string
  } | null
  /**
   * Config annotations that change what is run; a final dot means a prefix.
   */
  potentiallyUnsafeConfigAnnotations?: string[] | null
}
