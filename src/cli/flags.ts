// What a flag is, the flags that stand with any verb, and those that several verbs share. Part of
// the one table of options.ts, so it holds plain data only.

/** A flag, or a global flag. */
export interface Flag {
  /** Long name without hyphens. */
  readonly name: string
  /** One letter. */
  readonly alias?: string
  readonly type: 'boolean' | 'number' | 'string'
  /** What the help calls the value: `--bundle DIR`. Booleans have none. */
  readonly value?: string
  /** The only values that are taken. */
  readonly choices?: readonly string[]
  readonly default?: string | number
  readonly describe: string
  /** Which callers send it; empty for people only. */
  readonly callers?: readonly string[]
  /** Taken, but not shown in the help. */
  readonly hidden?: true
  /** May be given more than once, and each counts. */
  readonly repeats?: true
}

/** An argument without a flag, by its place. */
export interface Positional {
  readonly name: string
  readonly optional?: true
  /** The only values that are taken. */
  readonly choices?: readonly string[]
  /** What a shell offers, of more that are taken. */
  readonly offers?: 'signals'
  readonly describe: string
}

export interface Command {
  readonly name: string
  readonly describe: string
  readonly positionals: readonly Positional[]
  readonly flags: readonly Flag[]
  readonly callers?: readonly string[]
  /** Not shown in the help. */
  readonly hidden?: true
  /** What follows the positionals is handed on as it is; the name of it. */
  readonly rest?: string
  /** Flags may stand between the positionals and the rest. */
  readonly flagsBeforeRest?: true
}

/** Flags that may stand before or after any verb. */
export const globalFlags: readonly Flag[] = [
  {
    name: 'root',
    type: 'string',
    value: 'DIR',
    describe: 'where containers are kept (default /run/tsoci, or $XDG_RUNTIME_DIR/tsoci)',
    callers: ['containerd', 'docker', 'cri-o'],
  },
  {
    name: 'log',
    type: 'string',
    value: 'FILE',
    describe: 'append errors to FILE, besides standard error, and warnings instead of there',
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'log-format',
    type: 'string',
    value: 'FORMAT',
    choices: ['text', 'json'],
    default: 'text',
    describe: 'how a line of the log is written',
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'debug',
    type: 'boolean',
    describe: 'tell each step and how long it took; errors bring their stack',
    callers: ['containerd'],
  },
  {
    name: 'trace',
    type: 'string',
    value: 'FILE',
    describe:
      'append a line of JSON to FILE for each step that is done; tsoci trace FILE shows them',
  },
  {
    name: 'deadline',
    type: 'number',
    value: 'SECONDS',
    default: 600,
    describe:
      'how long any one wait may take: for a hook without a timeout, the init, CRIU, another verb, systemd (30 if this is left out), the freezer and the end of what was killed (10); 0 for ever',
  },
  {
    name: 'log-level',
    type: 'string',
    value: 'LEVEL',
    choices: ['error', 'warning', 'debug'],
    describe: 'debug is --debug; error leaves warnings out',
  },
  {
    name: 'systemd-cgroup',
    type: 'boolean',
    describe: 'let systemd make the cgroups, as --cgroup-manager systemd',
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'cgroup-manager',
    type: 'string',
    value: 'HOW',
    choices: ['cgroupfs', 'systemd', 'disabled'],
    describe: 'who makes the cgroups; disabled leaves the container in the cgroup of the caller',
    callers: ['podman'],
  },
  {
    name: 'rootless',
    type: 'string',
    value: 'BOOL',
    choices: ['true', 'false', 'auto'],
    default: 'auto',
    describe: 'accepted for callers that send it; privilege is always looked up',
    callers: ['buildkit', 'containerd'],
  },
  {
    name: 'criu',
    type: 'string',
    value: 'PATH',
    describe: 'program of CRIU, for checkpoint and restore (default: criu in PATH)',
    callers: ['containerd'],
  },
]

export const id: Positional = { name: 'id', describe: 'name of the container' }

export const bundleDir: Positional = {
  // Not `bundle`: that is the flag's, and one name has one value.
  name: 'bundle-dir',
  optional: true,
  describe: 'directory that holds config.json (default: the working directory)',
}

export const bundle: Flag = {
  name: 'bundle',
  alias: 'b',
  type: 'string',
  value: 'DIR',
  default: '.',
  describe: 'directory that holds config.json and the rootfs',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

export const config: Flag = {
  name: 'config',
  alias: 'f',
  type: 'string',
  value: 'FILE',
  describe: "read FILE instead of the bundle's config.json",
}

export const rootfsDir: Flag = {
  name: 'rootfs-dir',
  type: 'string',
  value: 'DIR',
  describe: "unpack the bundle's rootfs archive to DIR instead of the bundle's root.path",
}

export const json: Flag = { name: 'json', type: 'boolean', describe: 'print JSON, for programs' }

export const consoleSocket: Flag = {
  name: 'console-socket',
  type: 'string',
  value: 'PATH',
  describe: 'unix socket that receives the terminal of the container',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

export const pidFile: Flag = {
  name: 'pid-file',
  type: 'string',
  value: 'FILE',
  describe: 'write the pid of the init process to FILE',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

export const pidfdSocket: Flag = {
  name: 'pidfd-socket',
  type: 'string',
  value: 'PATH',
  describe: 'unix socket that receives a pidfd of the process',
}

export const preserveFds: Flag = {
  name: 'preserve-fds',
  type: 'number',
  value: 'N',
  default: 0,
  describe: 'hand N file descriptors, from 3 on, to the container; those that are closed stay so',
  callers: ['podman'],
}

/** Of create and run. */
export const createFlags: readonly Flag[] = [
  bundle,
  config,
  rootfsDir,
  consoleSocket,
  pidFile,
  pidfdSocket,
  preserveFds,
  {
    name: 'no-pivot',
    type: 'boolean',
    describe: 'do not use pivot_root, for a rootfs on a ramdisk',
    callers: ['containerd', 'podman'],
  },
  {
    name: 'no-new-keyring',
    type: 'boolean',
    describe: 'keep the session keyring of the caller',
    callers: ['containerd', 'podman'],
  },
  {
    name: 'no-subreaper',
    type: 'boolean',
    describe: 'accepted for callers that send it, ignored: tsoci is never a subreaper',
    callers: ['containerd'],
    hidden: true,
  },
]

/** Of checkpoint and restore. */
export const criuFlags: readonly Flag[] = [
  {
    name: 'image-path',
    type: 'string',
    value: 'DIR',
    describe: "directory of CRIU's images (default: checkpoint in the working directory)",
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'work-path',
    type: 'string',
    value: 'DIR',
    describe: "directory of CRIU's log (default: that of the images)",
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'tcp-established',
    type: 'boolean',
    describe: 'with open TCP connections',
    callers: ['containerd', 'podman'],
  },
  {
    name: 'ext-unix-sk',
    type: 'boolean',
    describe: 'with unix sockets that are connected to the outside',
    callers: ['containerd'],
  },
  {
    name: 'shell-job',
    type: 'boolean',
    describe: 'with a terminal of the host as standard streams; restore takes its own',
    callers: ['containerd'],
  },
  {
    name: 'file-locks',
    type: 'boolean',
    describe: 'with locks on files',
    callers: ['containerd', 'podman'],
  },
  {
    name: 'manage-cgroups-mode',
    type: 'string',
    value: 'MODE',
    choices: ['soft', 'full', 'strict', 'ignore'],
    describe: 'what CRIU does about cgroups made within that of the container (default: soft)',
    callers: ['containerd'],
  },
  {
    name: 'network-lock',
    type: 'string',
    value: 'HOW',
    choices: ['iptables', 'nftables', 'skip'],
    describe: 'how connections are held meanwhile: restore needs the same (default: iptables)',
  },
  {
    name: 'empty-ns',
    type: 'string',
    value: 'NAMESPACE',
    repeats: true,
    describe: 'leave the contents of a namespace out, as network',
    callers: ['containerd'],
  },
  {
    name: 'auto-dedup',
    type: 'boolean',
    describe: 'punch pages out of the images once they are used',
  },
  {
    name: 'lazy-pages',
    type: 'boolean',
    describe: 'fetch memory when it is used (userfaultfd)',
    callers: ['containerd'],
  },
  {
    name: 'link-remap',
    type: 'boolean',
    describe: 'give files that are open and deleted a name meanwhile',
  },
]
