// The one table of verbs and flags. The parser, the help, docs/cli.md and the front door's C header
// are made from it, so it holds plain data only.

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
    describe: 'append errors to FILE, besides standard error',
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
    describe: 'tell what is done: warnings go to the log, errors bring their stack',
    callers: ['containerd'],
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
    describe: 'let systemd make the cgroups (not supported yet)',
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
    describe: 'accepted for callers that send it, ignored',
    callers: ['containerd'],
    hidden: true,
  },
]

const id: Positional = { name: 'id', describe: 'name of the container' }

const bundleDir: Positional = {
  // Not `bundle`: that is the flag's, and one name has one value.
  name: 'bundle-dir',
  optional: true,
  describe: 'directory that holds config.json (default: the working directory)',
}

const bundle: Flag = {
  name: 'bundle',
  alias: 'b',
  type: 'string',
  value: 'DIR',
  default: '.',
  describe: 'directory that holds config.json and the rootfs',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

const config: Flag = {
  name: 'config',
  alias: 'f',
  type: 'string',
  value: 'FILE',
  describe: "read FILE instead of the bundle's config.json",
}

const rootfsDir: Flag = {
  name: 'rootfs-dir',
  type: 'string',
  value: 'DIR',
  describe: "unpack the bundle's rootfs archive to DIR instead of the bundle's root.path",
}

const json: Flag = { name: 'json', type: 'boolean', describe: 'print JSON, for programs' }

const consoleSocket: Flag = {
  name: 'console-socket',
  type: 'string',
  value: 'PATH',
  describe: 'unix socket that receives the terminal of the container',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

const pidFile: Flag = {
  name: 'pid-file',
  type: 'string',
  value: 'FILE',
  describe: 'write the pid of the init process to FILE',
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

const preserveFds: Flag = {
  name: 'preserve-fds',
  type: 'number',
  value: 'N',
  default: 0,
  describe: 'hand N file descriptors, from 3 on, to the container',
  callers: ['podman'],
}

// Of create and run.
const createFlags: readonly Flag[] = [
  bundle,
  config,
  rootfsDir,
  consoleSocket,
  pidFile,
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
    name: 'no-plan-cache',
    type: 'boolean',
    describe: 'compile the bundle, also when a plan of just this one is kept',
  },
  {
    name: 'no-subreaper',
    type: 'boolean',
    describe: 'accepted for callers that send it, ignored: tsoci is never a subreaper',
    callers: ['containerd'],
    hidden: true,
  },
]

/** The verbs, in the order of the help. */
export const commands: readonly Command[] = [
  {
    name: 'create',
    describe: 'make a container; its program waits for start',
    positionals: [id],
    flags: [
      ...createFlags,
      {
        name: 'detach',
        alias: 'd',
        type: 'boolean',
        describe: 'accepted for callers that send it, ignored: create always returns',
        callers: ['containerd'],
        hidden: true,
      },
      {
        name: 'keep',
        type: 'boolean',
        describe: 'accepted for callers that send it, ignored: create always keeps',
        hidden: true,
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'start',
    describe: 'run the program of a created container',
    positionals: [id],
    flags: [],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'run',
    describe: 'make a container, run it, and delete it when it ends',
    positionals: [{ ...id, optional: true, describe: 'name of the container (default: a uuid)' }],
    flags: [
      ...createFlags,
      {
        name: 'detach',
        alias: 'd',
        type: 'boolean',
        describe: 'return as soon as the container runs',
        callers: ['buildkit'],
      },
      {
        name: 'keep',
        type: 'boolean',
        describe: 'do not delete the container when it ends',
        callers: ['buildkit'],
      },
    ],
    callers: ['buildkit', 'buildah'],
  },
  {
    name: 'state',
    describe: 'print the state of a container as JSON',
    positionals: [id],
    flags: [],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'kill',
    describe: 'send a signal to a container',
    positionals: [
      id,
      {
        name: 'signal',
        optional: true,
        describe: 'name or number: TERM, SIGTERM, 15, RTMIN+3 (default: TERM)',
      },
    ],
    flags: [
      {
        name: 'all',
        alias: 'a',
        type: 'boolean',
        describe: 'signal every process of the container, not only its init',
        callers: ['containerd', 'podman'],
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'delete',
    describe: 'remove what a stopped container left behind',
    positionals: [id],
    flags: [
      {
        name: 'force',
        alias: 'f',
        type: 'boolean',
        describe: 'kill the container first; do not mind when it does not exist',
        callers: ['containerd', 'docker', 'podman', 'cri-o'],
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'exec',
    describe: 'run another process in a container, confined as the container is',
    positionals: [id],
    rest: 'command',
    flags: [
      {
        name: 'process',
        alias: 'p',
        type: 'string',
        value: 'FILE',
        describe: 'take the process from FILE, JSON like the process of config.json',
        callers: ['containerd', 'docker', 'podman', 'cri-o'],
      },
      {
        name: 'detach',
        alias: 'd',
        type: 'boolean',
        describe: 'return as soon as the process runs',
        callers: ['containerd', 'docker', 'podman', 'cri-o'],
      },
      {
        name: 'tty',
        alias: 't',
        type: 'boolean',
        describe: 'give the process a terminal',
        callers: ['podman'],
      },
      consoleSocket,
      { ...pidFile, describe: 'write the pid of the process to FILE' },
      { name: 'cwd', type: 'string', value: 'DIR', describe: 'working directory in the container' },
      {
        name: 'env',
        alias: 'e',
        type: 'string',
        value: 'NAME=VALUE',
        repeats: true,
        describe: 'add a variable to the environment',
      },
      {
        name: 'user',
        alias: 'u',
        type: 'string',
        value: 'UID[:GID]',
        describe: 'user and group of the process',
      },
      {
        name: 'additional-gids',
        alias: 'g',
        type: 'string',
        value: 'GID',
        repeats: true,
        describe: 'add a group',
      },
      {
        name: 'cap',
        alias: 'c',
        type: 'string',
        value: 'CAP_NAME',
        repeats: true,
        describe: 'add a capability',
      },
      {
        name: 'no-new-privs',
        type: 'boolean',
        describe: 'no program may gain privileges (PR_SET_NO_NEW_PRIVS)',
      },
      {
        name: 'process-label',
        type: 'string',
        value: 'LABEL',
        describe: 'SELinux label of the process (not supported yet)',
      },
      {
        name: 'apparmor',
        type: 'string',
        value: 'PROFILE',
        describe: 'AppArmor profile of the process (not supported yet)',
      },
      preserveFds,
      {
        name: 'ignore-paused',
        type: 'boolean',
        describe: 'also in a paused container; the process waits until resume',
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'ps',
    describe: 'list the processes of a container',
    positionals: [id],
    rest: 'ps options',
    flags: [
      {
        name: 'format',
        alias: 'f',
        type: 'string',
        value: 'FORMAT',
        choices: ['table', 'json'],
        default: 'table',
        describe: 'json is a list of pids on the host',
        callers: ['containerd', 'docker'],
      },
    ],
    callers: ['containerd', 'docker'],
  },
  {
    name: 'pause',
    describe: 'stop every process of a container where it is',
    positionals: [id],
    flags: [],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'resume',
    describe: 'let a paused container go on',
    positionals: [id],
    flags: [],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'update',
    describe: 'change the limits of a running container; all that is asked for, or nothing',
    positionals: [id],
    flags: [
      {
        name: 'resources',
        alias: 'r',
        type: 'string',
        value: 'FILE',
        describe: 'read linux.resources from FILE, or from standard input for -',
        callers: ['containerd', 'docker', 'podman', 'cri-o'],
      },
      {
        name: 'blkio-weight',
        type: 'string',
        value: 'WEIGHT',
        describe: 'weight of block IO, 10 to 1000',
      },
      {
        name: 'cpu-period',
        type: 'string',
        value: 'USEC',
        describe: 'length of a period of CPU time',
      },
      {
        name: 'cpu-quota',
        type: 'string',
        value: 'USEC',
        describe: 'CPU time in each period; -1 for no limit',
      },
      {
        name: 'cpu-burst',
        type: 'string',
        value: 'USEC',
        describe: 'CPU time that may be saved up',
      },
      {
        name: 'cpu-share',
        type: 'string',
        value: 'SHARES',
        describe: 'share of CPU time, 1024 by default',
      },
      {
        name: 'cpu-rt-period',
        type: 'string',
        value: 'USEC',
        describe: 'period of real-time CPU time',
      },
      {
        name: 'cpu-rt-runtime',
        type: 'string',
        value: 'USEC',
        describe: 'real-time CPU time in each period',
      },
      {
        name: 'cpu-idle',
        type: 'string',
        value: 'BOOL',
        describe: '1 to run only when nothing else does',
      },
      {
        name: 'cpuset-cpus',
        type: 'string',
        value: 'LIST',
        describe: 'CPUs that may be used: 0-3,7',
      },
      {
        name: 'cpuset-mems',
        type: 'string',
        value: 'LIST',
        describe: 'memory nodes that may be used',
      },
      {
        name: 'memory',
        type: 'string',
        value: 'BYTES',
        describe: 'limit of memory; -1 for none',
      },
      {
        name: 'memory-reservation',
        type: 'string',
        value: 'BYTES',
        describe: 'memory that is left when the host runs short',
      },
      {
        name: 'memory-swap',
        type: 'string',
        value: 'BYTES',
        describe: 'limit of memory and swap together; -1 for none',
      },
      {
        name: 'kernel-memory',
        type: 'string',
        value: 'BYTES',
        describe: 'limit of kernel memory (cgroup v1)',
      },
      {
        name: 'kernel-memory-tcp',
        type: 'string',
        value: 'BYTES',
        describe: 'limit of memory for TCP (cgroup v1)',
      },
      {
        name: 'pids-limit',
        type: 'string',
        value: 'NUMBER',
        describe: 'most processes; -1 for no limit',
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  {
    name: 'list',
    describe: 'list the containers below --root',
    positionals: [],
    flags: [
      {
        name: 'format',
        alias: 'f',
        type: 'string',
        value: 'FORMAT',
        choices: ['table', 'json'],
        default: 'table',
        describe: 'how to print them',
        callers: ['containerd'],
      },
      { name: 'quiet', alias: 'q', type: 'boolean', describe: 'print ids only' },
    ],
    callers: ['containerd'],
  },
  {
    name: 'spec',
    describe: 'write a config.json to start from',
    positionals: [],
    flags: [
      { ...bundle, describe: 'directory to write config.json to', callers: [] },
      {
        name: 'rootless',
        type: 'boolean',
        describe: 'for a user without privilege: a user namespace, and nothing that needs root',
      },
    ],
  },
  {
    name: 'validate',
    describe: 'check a bundle and report every problem at once',
    positionals: [bundleDir],
    flags: [{ ...bundle, callers: [] }, config, json],
  },
  {
    name: 'plan',
    describe: 'print what create would do, without doing it',
    positionals: [bundleDir],
    flags: [
      { ...bundle, callers: [] },
      config,
      rootfsDir,
      json,
      {
        name: 'diff',
        type: 'string',
        value: 'OTHER',
        describe: 'print only what differs from the plan of bundle OTHER',
      },
    ],
  },
  {
    name: 'features',
    describe: 'print what this runtime can do, as the specification lays it out',
    positionals: [],
    flags: [],
    callers: ['containerd', 'docker'],
  },
  {
    name: 'doctor',
    describe: 'check what this host offers to containers, and say what mends what is missing',
    positionals: [],
    flags: [json],
  },
]
