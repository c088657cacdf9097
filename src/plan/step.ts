// The step table: every operation that the executor knows, declared once.
// scripts/generate-native.ts makes native/generated/plan_ops.h of it.

import type { Text } from './text.ts'

/** Kinds of argument: a 64-bit word, a text, a list of texts, raw bytes. */
export type FieldKind = 'word' | 'text' | 'texts' | 'bytes'

/**
 * Operation -> its arguments in wire order. Where a value names a kernel constant it is the
 * kernel's number already: C never looks one up.
 */
export const STEP_FIELDS = {
  // Host side, before the clone.
  'state-dir': { root: 'text', dir: 'text' },
  store: { path: 'text', content: 'text', mode: 'word' },
  'store-plan': { path: 'text' },
  'make-gate': { path: 'text' },
  'failure-file': { path: 'text' },
  rename: { from: 'text', to: 'text' },
  unlink: { path: 'text' },
  'cgroup-dir': { dir: 'text', base: 'text', flags: 'word' },
  'cgroup-write': {
    dir: 'text',
    file: 'text',
    value: 'text',
    otherFile: 'text', // written when the kernel lacks the first; empty for none
    otherValue: 'text',
    flags: 'word',
  },
  'cgroup-enable': { dir: 'text', base: 'text', controllers: 'texts' },
  'cgroup-join': { dir: 'text', flags: 'word' },
  'cgroup-open': { dir: 'text', flags: 'word' }, // for the child, which is born in it or enters it
  'cgroup-own': { dir: 'text', uid: 'word' },
  'cgroup-devices': { dir: 'text', program: 'bytes', flags: 'word' },
  'resctrl-group': { base: 'text', dir: 'text', schemata: 'texts', mark: 'text', flags: 'word' },
  'resctrl-join': { base: 'text', dir: 'text' },
  'cgroup-claim': { dir: 'text' },
  // `sockets`: as in host/systemd.ts, the first that is there counts. `properties`: as in
  // plan/dbus.ts; `recent` only if systemd knows them. The timeout is in milliseconds.
  'systemd-manager': { sockets: 'texts', timeout: 'word' },
  'systemd-scope': {
    sockets: 'texts',
    unit: 'text',
    description: 'text',
    properties: 'bytes',
    recent: 'bytes',
    timeout: 'word',
  },
  'systemd-set': {
    sockets: 'texts',
    unit: 'text',
    properties: 'bytes',
    recent: 'bytes',
    timeout: 'word',
  },
  'systemd-attach': {
    sockets: 'texts',
    unit: 'text',
    subgroup: 'text',
    dir: 'text',
    timeout: 'word',
  },
  'systemd-stop': { sockets: 'texts', unit: 'text', timeout: 'word' },
  'caller-terminal': {}, // standard input is one, to be relayed
  'console-connect': { path: 'text' },
  'open-handler': { path: 'text' }, // a program of the host that runs in the process's place
  'notify-dir': { path: 'text' }, // below the state directory, as the next
  'notify-listen': { path: 'text' },
  'notify-wait': {},
  clone: {
    flags: 'word', // CLONE_NEW*, namespaces to create with the child
    late: 'word', // CLONE_NEW* that need a process between: user or time with joins
    joinTypes: 'texts', // decimal CLONE_NEW* of each path in joinPaths
    joinPaths: 'texts',
    timeOffsets: 'text', // for /proc/self/timens_offsets, empty for none
    initPid: 'text', // exec: decimal pid of the init whose namespaces are joined, or empty
    initStartTime: 'text', // its start time: the pid may be somebody else's by now
    initFlags: 'word', // CLONE_NEW* to join there
  },
  // Parent, after the clone.
  'id-map': { uidMap: 'text', gidMap: 'text', uidTool: 'text', gidTool: 'text', setgroups: 'word' },
  prlimit: { resource: 'word', soft: 'word', hard: 'word' },
  'oom-score': { value: 'text' },
  scheduler: {
    policy: 'word',
    flags: 'word',
    nice: 'word',
    priority: 'word',
    runtime: 'word',
    deadline: 'word',
    period: 'word',
  },
  'io-priority': { priority: 'word' }, // class and level, as ioprio_set(2) takes them
  // Parent, when the child asks: a mount that the child could not clone, or not map ids of.
  'lend-tree': {
    path: 'text', // as the child's mount namespace has it
    uidMap: 'text', // of an idmapped mount; empty for the child's own user namespace
    gidMap: 'text',
    flags: 'word',
  },
  // The same of a device node, made for the child. The owner is as the child numbers it.
  'lend-node': {
    path: 'text', // where it comes, for an error
    mode: 'word',
    major: 'word',
    minor: 'word',
    uid: 'word',
    gid: 'word',
  },
  'net-device': { device: 'text', name: 'text' }, // name on the host, in the container
  'console-receive': {},
  expect: { stage: 'word' },
  release: { stage: 'word' },
  'seccomp-agent': { path: 'text', state: 'text' }, // the container process state, JSON
  'give-stdio': { uid: 'word' }, // of the child's user namespace
  'send-pidfd': { path: 'text' },
  'pid-file': { path: 'text' },
  hook: {
    path: 'text',
    args: 'texts',
    env: 'texts',
    timeout: 'word', // seconds, 0 for none
    state: 'text', // state JSON for its stdin
    output: 'text', // file for its stdout, empty to keep the end for an error
    errors: 'text', // the same for its stderr
    flags: 'word',
  },
  // Child.
  await: { stage: 'word' },
  'cgroup-enter': {}, // those that are open
  report: { stage: 'word' },
  'become-root': { flags: 'word' },
  unshare: { flags: 'word' },
  setsid: {},
  keyring: { name: 'text', label: 'text' }, // an SELinux label, or empty
  'loopback-up': {},
  'root-propagation': { flags: 'word' },
  rootfs: { path: 'text', flags: 'word' },
  'refuse-symlink': { path: 'text' },
  mount: {
    target: 'text',
    type: 'text',
    source: 'text',
    options: 'texts', // file system options, KEY or KEY=VALUE
    attributes: 'word', // MOUNT_ATTR_*
    propagation: 'texts', // decimal MS_* words, in order
    classic: 'word', // MS_* that only mount(2) takes, see MOUNT_CLASSIC
    uidMap: 'text', // of an idmapped mount, in ids of the child's user namespace
    gidMap: 'text',
    flags: 'word',
  },
  bind: {
    target: 'text',
    source: 'text',
    set: 'word', // MOUNT_ATTR_* to set
    clear: 'word', // MOUNT_ATTR_* to clear
    reset: 'word', // MOUNT_ATTR_* to clear where the kernel has not locked them
    recursiveSet: 'word',
    recursiveClear: 'word',
    propagation: 'texts',
    flags: 'word',
  },
  'label-path': { path: 'text', label: 'text' },
  remount: {
    target: 'text',
    options: 'texts', // for the file system; none leaves it alone
    set: 'word',
    clear: 'word',
    recursiveSet: 'word',
    recursiveClear: 'word',
    propagation: 'texts',
  },
  unmount: { target: 'text' },
  'make-node': {
    path: 'text',
    mode: 'word', // S_IFCHR | S_IFBLK | S_IFIFO and permissions
    major: 'word',
    minor: 'word',
    uid: 'word',
    gid: 'word',
    flags: 'word',
  },
  // A node of the host, or one that the parent has, which must be this device.
  'bind-node': {
    path: 'text',
    source: 'text',
    kind: 'word',
    major: 'word',
    minor: 'word',
    flags: 'word',
  },
  symlink: { path: 'text', target: 'text' },
  console: { rows: 'word', columns: 'word', flags: 'word' },
  'pivot-root': { flags: 'word' },
  'root-attributes': { set: 'word', propagation: 'word' },
  sysctl: { path: 'text', value: 'text' },
  'mask-path': { path: 'text', label: 'text', flags: 'word' },
  'readonly-path': { path: 'text', flags: 'word' },
  sethostname: { name: 'text' },
  setdomainname: { name: 'text' },
  umask: { mask: 'word' },
  apparmor: { profile: 'text' },
  'selinux-exec': { label: 'text' },
  'no-new-privs': {},
  'core-scheduling': { of: 'text' }, // pid to share the cookie of; empty for a new one
  landlock: {
    read: 'texts', // paths in the root
    write: 'texts',
    bind: 'texts', // decimal ports
    connect: 'texts',
    flags: 'word',
  },
  'cpu-affinity': { cpus: 'bytes' }, // a mask; empty for all
  'memory-policy': { mode: 'word', nodes: 'bytes' }, // mode with its flags; a mask
  personality: { domain: 'word' },
  'own-stdio': { uid: 'word', gid: 'word' },
  setgroups: { gids: 'texts' },
  'drop-bounding': { keep: 'word' },
  'set-user': { uid: 'word', gid: 'word' },
  capabilities: { effective: 'word', permitted: 'word', inheritable: 'word', ambient: 'word' },
  seccomp: { program: 'bytes', flags: 'word' },
  'make-directory': { path: 'text' },
  chdir: { path: 'text', flags: 'word' },
  'find-executable': { args: 'texts', env: 'texts' },
  'find-home': { uid: 'word', env: 'texts' },
  'close-fds': { keep: 'text' },
  gate: {},
  'no-process': {}, // what start comes to when config.json has none
  exec: { args: 'texts', env: 'texts' },
  // Verbs on a container that exists.
  caller: { uid: 'word', gid: 'word', capabilities: 'word', flags: 'word' },
  'open-gate': { path: 'text' },
  'print-state': { content: 'text', freezer: 'text' },
  signal: { number: 'text', thaw: 'text', killDirs: 'texts' },
  freeze: { file: 'text', value: 'text' },
  'signal-all': { number: 'text', freezer: 'text', dirs: 'texts' },
  'net-devices-back': {}, // undo of net-device
  'kill-init': {},
  'cgroup-kill': { dir: 'text', flags: 'word' },
  'cgroup-remove': { dir: 'text', above: 'text' }, // with what is empty below `above`, if any
  'resctrl-remove': { dir: 'text', mark: 'text' },
  'remove-state': { dir: 'text' },
  wait: {},
  become: { args: 'texts', env: 'texts' }, // a program of the host
  // Checkpoint and restore.
  'open-state': { dir: 'text', pid: 'text', startTime: 'text' },
  'criu-root': { path: 'text', dir: 'text' },
  'criu-mount-point': { base: 'text', path: 'text', flags: 'word' },
  'criu-start': { path: 'text', files: 'texts' }, // files: namespaces it inherits, from 4 on
  'criu-request': {
    request: 'bytes', // a message of CRIU's rpc.proto
    images: 'text',
    work: 'text', // empty for that of the images
    log: 'text', // for errors
    statusFd: 'word', // 0 for none
    flags: 'word',
  },
} as const satisfies Record<string, Record<string, FieldKind>>

export type Op = keyof typeof STEP_FIELDS

interface FieldTypes {
  word: number | bigint
  text: Text
  texts: readonly Text[]
  bytes: Uint8Array
}

type Arguments<F> = { readonly [K in keyof F]: F[K] extends FieldKind ? FieldTypes[F[K]] : never }

/** One operation; `at` is the JSON pointer of the config property that asked for it. */
export type Step = {
  [O in Op]: { readonly op: O; readonly at?: string } & Arguments<(typeof STEP_FIELDS)[O]>
}[Op]

/** Bits of the `flags` arguments, by operation. */
export const STEP_FLAGS = {
  CALLER_INITIAL_USER_NAMESPACE: 1,
  CALLER_SETGROUPS: 2, // /proc/self/setgroups allows it
  CGROUP_OPTIONAL: 1, // no permission or no such file: carry on
  CGROUP_CPUSET: 2, // copy cpuset.cpus and cpuset.mems from the parent directory
  CGROUP_NEW: 4, // the last directory must not hold processes yet
  CGROUP_FREEZER: 8, // v1 freezer: thaw so that signals are delivered
  CGROUP_IF_THERE: 32, // no such file: nothing to write
  CGROUP_LIKE_INIT: 16, // the container has made cgroups of its own: join the init's
  RESCTRL_EXISTS: 1, // the group must be there
  RESCTRL_COMPARE: 2, // one that is there must have these schemata
  RESCTRL_NEW: 4, // it must not be there
  HOOK_POSTSTOP: 1, // a failure is a warning
  HOOK_PROCESS_ENV: 4, // the process's environment, with the HOME that was found
  HOOK_IN_ROOTFS: 8, // the rootfs is its working directory
  HOOK_INHERIT: 2, // no env of its own: the runtime's
  ROOT_NO_GROUPS: 1, // setgroups is denied
  ROOT_GROUPS_IF_ALLOWED: 2, // the namespace may deny it: carry on with the caller's groups
  ROOT_DUMPABLE: 4, // whoever made the container may open its /proc files before it starts
  ROOTFS_NO_BIND: 1, // no own mount namespace
  ROOTFS_PARENT_PRIVATE: 2, // / was made shared: pivot_root wants a private parent
  ROOTFS_PARENT_SLAVE: 8, // a slave that is no peer suits it as well
  ROOTFS_BORROW: 4, // the parent has it
  MOUNT_BORROW: 1, // the parent has the source
  MOUNT_RECURSIVE: 2, // the whole tree of the source
  MOUNT_NO_SYMLINK: 4, // no symlink anywhere in the target
  MOUNT_COPY_UP: 8, // tmpfs: keep what the directory held
  MOUNT_DIR_MODE: 16, // tmpfs without mode=: take the directory's
  MOUNT_SRC_NOFOLLOW: 32, // the source itself may be a symlink
  MOUNT_DEST_NOFOLLOW: 64,
  MOUNT_CGROUP_BIND: 128, // cgroup2: bind the host's when a mount is refused
  MOUNT_IDMAP: 512,
  MOUNT_COPY_SYMLINK: 256, // a source that is a symlink is made again, and not followed
  MOUNT_CLASSIC: 1024, // by mount(2)
  LEND_RECURSIVE: 1,
  LEND_ATTACH: 2, // on its own path
  LEND_NOFOLLOW: 4, // the path itself may be a symlink
  LEND_IDMAP: 8,
  LEND_IDMAP_RECURSIVE: 16,
  LEND_HOST: 32, // as the parent's own mount namespace has it
  LEND_LOCKED: 64, // with flags that the child's user namespace can't take off
  NODE_MODE: 1, // a node that is there gets the mode
  NODE_BORROW: 2, // the parent has it
  CONSOLE_BIND: 1, // mount the pty on /dev/console
  CONSOLE_OF_HOST: 2, // no own mounts: a pty of the host's devpts
  PIVOT_CHROOT: 1, // MS_MOVE and chroot (--no-pivot)
  PIVOT_NO_MOUNT: 2, // chroot alone: no own mount namespace
  LANDLOCK_FILES: 1, // restrict what the lists below do not name
  LANDLOCK_BIND: 2,
  LANDLOCK_CONNECT: 4,
  PATH_PROC: 1, // in /proc, which must be procfs
  PATH_SYS: 2, // in /sys, which must be sysfs
  PATH_CLOSED: 4, // of the kernel: what root of the container may not open is closed to all in it
  CHDIR_RETRY: 1, // only when root was refused: again as the user
  CRIU_FILE: 1, // the mount point of a file
  CRIU_RESTORE: 1, // the answer has the pid of the init
} as const

/** Stages of the handshake between parent and child. */
export const STAGES = {
  exec: 0, // the child's end has closed: exec was done
  mapped: 1, // ids are mapped
  mounted: 2, // the mounts stand; runtime hooks may run
  hooked: 3, // they have run
  ready: 4, // the child waits at the gate
  released: 5, // `run` has no gate: go on
  limits: 7, // the child is still root of its namespace: its limits may be set
  joined: 9, // the parent has put the child into its cgroups
  limited: 8, // they have been
  unshared: 6, // the process between has its user namespace
  lend: 10, // the child wants the next tree
} as const
