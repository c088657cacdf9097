// The remedies for the errors of each step that users meet.

import type { Step } from '../plan/step.ts'

type Op = Step['op']

export const READ_ONLY =
  'nothing can be made on a read-only file system: have the destination in the rootfs beforehand'

const MOVED_AWAY =
  '/proc or /sys is not what the mounts of config.json made it: does another container write to this rootfs, or does a later mount cover it?'
const UNDER_MOUNTS =
  'the / of the caller lies over or under another mount, which would stay in the container: call from a mount namespace that has one / only'

const FILE_AND_DIRECTORY =
  'a directory can be mounted on a directory only, a file on a file, and nothing below a file'

const NO_NODES =
  'making device nodes takes CAP_MKNOD in the initial user namespace, and a device cgroup that allows it'

/** Operation and errno name, perhaps with the system call -> advice. `*` is any errno. */
export const HINTS: Partial<Record<Op, Readonly<Record<string, string>>>> = {
  clone: {
    EPERM:
      'user namespaces may be closed to ordinary users: see tsoci doctor (kernel.unprivileged_userns_clone, AppArmor)',
    ENOSPC: 'a limit in /proc/sys/user/max_*_namespaces is used up: raise it',
    EINVAL: 'the path is not a namespace of that type, or this kernel lacks one of them',
    ENOENT: 'the namespace to join is gone: is the process or the bind mount still there?',
    EACCES: 'the namespace to join belongs to somebody else',
    ERANGE: 'a clock may not start before zero, nor so late that it wraps: change the offsets',
  },
  'id-map': {
    EPERM:
      'the mapped ids must be yours: one id of your own, or a range in /etc/subuid and /etc/subgid',
    EINVAL: 'the ranges of uidMappings or gidMappings overlap, or leave the 32-bit range',
    ECANCELED: 'the ranges must be given to you in /etc/subuid and /etc/subgid',
  },
  'cgroup-dir': {
    EACCES: 'the cgroup is not yours to write: run as root, or have it delegated',
    EROFS: 'the cgroup file system is mounted read-only',
    EBUSY: "container's cgroup is not empty: choose another cgroupsPath",
    EAGAIN: "container's cgroup unexpectedly frozen: thaw it, or choose another cgroupsPath",
  },
  'cgroup-write': {
    ENOENT:
      'there are no limits without the controller, without a cgroup of yours to make it in, or for a page size that this machine does not have: see tsoci doctor',
    ENODEV: 'this host has no such device',
    EINVAL: 'the kernel does not take this value',
    EACCES: 'the cgroup is not yours to write: run as root, have it delegated, or remove the limit',
    EBUSY: 'more is in use already than the limit allows',
    ERANGE: 'the value is out of the range that the kernel takes',
  },
  'resctrl-group': {
    ENOENT:
      'a closID without schemata names a group that is there already: make it, or give schemata',
    EEXIST: 'the group is there already and is another: choose another closID or container id',
    ENOSPC: 'the hardware has no more classes: remove one, or share one by closID',
    EINVAL: 'the schemata do not fit this hardware: see info/ of resctrl',
  },
  'cgroup-join': {
    EOPNOTSUPP:
      'a cgroup above is threaded or has processes of its own: choose another cgroupsPath',
    ENOSPC: 'cpuset.cpus or cpuset.mems of a parent cgroup is empty',
  },
  'cgroup-enter': {
    EOPNOTSUPP:
      'a cgroup above is threaded or has processes of its own: choose another cgroupsPath',
    ENOSPC: 'cpuset.cpus or cpuset.mems of a parent cgroup is empty',
  },
  'cgroup-claim': {
    EBUSY:
      "container's cgroup is not empty: choose another cgroupsPath, or end the scope of that name",
    EAGAIN: "container's cgroup unexpectedly frozen: thaw it, or choose another cgroupsPath",
  },
  'systemd-manager': {
    ENOENT:
      'systemd is not running on this host, or not for this user: leave out --systemd-cgroup (podman: --cgroup-manager cgroupfs)',
    ECONNREFUSED: 'systemd is not running for this user: log in, or loginctl enable-linger',
    EACCES: "this is somebody else's systemd: is XDG_RUNTIME_DIR yours?",
    ETIMEDOUT: 'systemd does not answer: see systemctl status, journalctl',
  },
  'systemd-scope': {
    EREMOTEIO: 'see journalctl -b, and systemctl status UNIT',
    ETIMEDOUT: 'systemd is too busy to make the scope: see systemctl list-jobs',
  },
  'systemd-stop': { ETIMEDOUT: 'systemd is too busy: see systemctl list-jobs, then delete again' },
  'systemd-set': { EREMOTEIO: 'nothing was changed: systemd does not take these limits' },
  'systemd-attach': {
    EREMOTEIO: 'a user without the system bus can only exec from inside of his own systemd',
  },
  'pid-file': {
    '*': 'name a file that can be made or replaced, in a directory of yours: --pid-file FILE',
  },
  'send-pidfd': { '*': 'have somebody listen at the socket of --pidfd-socket first' },
  hook: {
    ETIMEDOUT: 'give the hook more time (timeout), or correct or remove it',
    '*': 'correct the hook, or remove it',
  },
  mount: {
    EPERM:
      'in a user namespace the kernel mounts only some file systems, and proc only where none is masked',
    ENODEV: 'this kernel does not have that file system',
    EINVAL:
      'the file system does not take these options, or no id maps (tmpfs does since Linux 6.3)',
    ENOTDIR: FILE_AND_DIRECTORY,
    ELOOP: 'a symlink stands where the mount goes: the rootfs must have a real directory there',
    EBUSY: 'it is mounted there already',
    EROFS: READ_ONLY,
  },
  bind: {
    ENOENT: 'the source does not exist on the host',
    EPERM: 'a flag of the source mount is locked in a user namespace: ask for the same flags',
    'EINVAL open_tree':
      'what the mounts below the source cover stays covered in a user namespace: use rbind',
    EINVAL: 'the source is a mount that can not be bound',
    ENOTDIR: FILE_AND_DIRECTORY,
    EROFS: READ_ONLY,
  },
  'lend-tree': {
    ENOENT: 'the source does not exist on the host',
    EINVAL:
      'what the mounts below the source cover stays covered in a user namespace: use rbind. For idmap the file system must take id maps, and must not be idmapped already',
    EPERM: 'the kernel lets only root of the user namespace that mounted it map its ids',
  },
  'net-device': {
    ENODEV: 'this host has no network device of that name',
    EEXIST: 'the container has a device of that name already: choose another name, or one with %d',
    EINVAL: 'the kernel does not move this device, lo for example',
    EPERM: 'moving network devices takes CAP_NET_ADMIN on the host and in the container',
  },
  unmount: {
    EINVAL: 'nothing is mounted there, or it is locked in a user namespace',
    ENOENT: 'the container has no such path',
    EBUSY: 'it is the root of the container',
  },
  remount: {
    EINVAL: 'nothing is mounted there, or the file system does not take these options',
    EPERM: 'a flag of the mount is locked in a user namespace: ask for the same flags',
  },
  'refuse-symlink': { ELOOP: 'it must be mounted on ordinary directory, not on a symlink' },
  rootfs: {
    ENOENT: 'the rootfs of the bundle is missing',
    EACCES: 'the rootfs can not be reached',
  },
  'criu-root': { EBUSY: UNDER_MOUNTS },
  'pivot-root': {
    EINVAL: 'the root of this host can not be changed (initramfs): use --no-pivot',
    EBUSY: UNDER_MOUNTS,
  },
  prlimit: { EPERM: 'the hard limit is above yours: raising it takes CAP_SYS_RESOURCE' },
  scheduler: {
    EPERM:
      "the policy takes CAP_SYS_NICE or an RLIMIT_RTPRIO or RLIMIT_NICE that allows it; SCHED_DEADLINE takes a process that may run on every CPU, so this process scheduler can't be used together with AllowedCPUs (linux.resources.cpu.cpus); and a v1 cpu cgroup gives no time to real-time processes until cpu.realtimeRuntime does",
    EINVAL: 'this kernel does not have the policy, a flag of it, or a parameter in that range',
    EBUSY: 'too little CPU time is left for SCHED_DEADLINE: lower runtime, or raise period',
    EOPNOTSUPP: 'this kernel has no utilization clamps (CONFIG_UCLAMP_TASK)',
  },
  'io-priority': { EPERM: 'IOPRIO_CLASS_RT takes CAP_SYS_NICE or CAP_SYS_ADMIN' },
  'cpu-affinity': { EINVAL: 'none of these CPUs is there, or the cgroup allows none of them' },
  'memory-policy': {
    EINVAL:
      'this kernel does not have the mode, a flag does not go with it, or none of the nodes has memory that the cgroup allows',
    ENOSYS: 'this kernel has no memory policies (CONFIG_NUMA)',
  },
  'oom-score': { EACCES: 'lowering the score takes CAP_SYS_RESOURCE' },
  sysctl: {
    ENOENT: 'this kernel has no sysctl of that name: correct it, remove it, or load its module',
    EACCES: 'that sysctl is not one of a namespace',
    EINVAL: 'the kernel does not take this value',
  },
  capabilities: {
    EPERM:
      'what is to be inheritable must be in the bounding set as well, and the caller must hold all of it',
  },
  'drop-bounding': { EPERM: 'dropping from the bounding set takes CAP_SETPCAP' },
  'become-root': {
    EINVAL: 'uidMappings and gidMappings must map 0, the root of the user namespace',
  },
  'set-user': { EINVAL: 'the user or group has no mapping: extend uidMappings and gidMappings' },
  setgroups: { EINVAL: 'a group has no mapping: extend gidMappings', EPERM: 'setgroups is denied' },
  'make-directory': {
    EROFS: READ_ONLY,
    ENOTDIR: 'a part of process.cwd is a file',
  },
  chdir: {
    ENOENT: 'make the directory in the container, or name another',
    ENOTDIR: 'make a directory of process.cwd, or name another',
    EXDEV: 'process.cwd lies outside of the container (CVE-2024-21626)',
    EACCES: 'the user of the process may not enter process.cwd',
  },
  'core-scheduling': {
    EINVAL: 'this kernel has no core scheduling (CONFIG_SCHED_CORE)',
    ENODEV: 'the cores of this machine run one thread each: there is nothing to keep apart',
  },
  landlock: {
    ENOSYS: 'this kernel has no Landlock (CONFIG_SECURITY_LANDLOCK)',
    EOPNOTSUPP:
      'Landlock is off (lsm= on the kernel command line), or too old for ports (Linux 6.7)',
    ENOENT: 'each path must be there in the container',
  },
  apparmor: {
    ENOENT: 'load the profile first: apparmor_parser --replace FILE',
    EPERM: 'the profile that the caller is confined by does not allow the change',
    EACCES: 'the profile that the caller is confined by does not allow the change',
  },
  'selinux-exec': {
    EINVAL: 'the loaded policy does not know the label',
    EACCES: 'the loaded policy does not let the caller change to that label',
  },
  keyring: { EDQUOT: 'raise kernel.keys.maxkeys, or use --no-new-keyring' },
  'console-connect': { ENOENT: 'nobody listens at the console socket' },
  'open-handler': {
    ENOENT: 'org.tsoci.handler is a program of the host: install it',
    EACCES: 'org.tsoci.handler must be executable by the caller',
  },
  'seccomp-agent': {
    '*': 'failed to connect with seccomp agent: start it, or correct linux.seccomp.listenerPath',
  },
  console: {
    ENOENT: 'a terminal needs a devpts mount at /dev/pts with ptmx in it',
    EXDEV: '/dev/pts/ptmx is not of a devpts mount',
  },
  'make-node': {
    EPERM: NO_NODES,
    EINVAL:
      'uid and gid of a device are ids of the container: extend uidMappings and gidMappings, or change them',
  },
  'lend-node': { EPERM: NO_NODES },
  'bind-node': {
    ENODEV:
      'without root on the host the node of the host is bound, and by this name it has another: change path, or major and minor',
    ENOENT: 'without root on the host the node of the host is bound: have it made there',
  },
  'mask-path': { EXDEV: MOVED_AWAY },
  'readonly-path': { EXDEV: MOVED_AWAY },
  'cgroup-devices': { EPERM: 'device rules on cgroup v2 take CAP_BPF or CAP_SYS_ADMIN' },
  exec: {
    ENOEXEC: 'the file is not a program of this machine: has a script its #! line?',
    ENOENT: 'the interpreter of the program is missing in the rootfs',
  },
}
