// The one table of verbs and flags. The parser, the help, docs/cli.md and the front door's C header
// are made from it, so it holds plain data only.

import {
  bundle,
  bundleDir,
  type Command,
  config,
  createFlags,
  id,
  json,
  rootfsDir,
} from './flags.ts'
import { checkpointCommand, restoreCommand } from './options-criu.ts'
import { execCommand } from './options-exec.ts'
import { unpackCommand } from './options-image.ts'
import { updateCommand } from './options-update.ts'

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
        offers: 'signals',
        describe:
          'name or number: TERM, SIGTERM, 15, RTMIN+3 (default: the stop signal of the image, or TERM)',
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
      {
        name: 'regex',
        alias: 'r',
        type: 'boolean',
        describe: 'the id is a regular expression: every container that it matches',
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
      {
        name: 'regex',
        alias: 'r',
        type: 'boolean',
        describe: 'the id is a regular expression: every container that it matches',
      },
    ],
    callers: ['containerd', 'docker', 'podman', 'cri-o'],
  },
  execCommand,
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
    name: 'mounts',
    describe: 'mount more in a running container, or unmount; all that is asked for, or nothing',
    positionals: [
      { name: 'action', choices: ['add', 'remove'], describe: 'add or remove' },
      id,
      { name: 'file', describe: 'the mounts as in config.json, a list; - for standard input' },
    ],
    flags: [],
  },
  updateCommand,
  {
    name: 'events',
    describe: 'print what a container uses, and each lack of memory, as lines of JSON',
    positionals: [id],
    flags: [
      {
        name: 'interval',
        type: 'string',
        value: 'TIME',
        default: '5s',
        describe: 'time between statistics: 100ms, 5s, 1m30s',
        callers: ['containerd'],
      },
      {
        name: 'stats',
        type: 'boolean',
        describe: 'print the statistics once, and end',
        callers: ['containerd'],
      },
    ],
    callers: ['containerd'],
  },
  {
    name: 'enter',
    describe: 'run a program of the host in namespaces of a container (default: all but mount)',
    positionals: [id],
    rest: 'command',
    flagsBeforeRest: true,
    flags: [
      { name: 'net', type: 'boolean', describe: 'its network namespace' },
      { name: 'pid', type: 'boolean', describe: 'its pid namespace' },
      {
        name: 'mount',
        type: 'boolean',
        describe: 'its root: a program of the container, confined as with exec',
      },
      { name: 'ipc', type: 'boolean', describe: 'its ipc namespace' },
      { name: 'uts', type: 'boolean', describe: 'its uts namespace' },
      { name: 'user', type: 'boolean', describe: 'its user namespace, as root there' },
      { name: 'cgroup', type: 'boolean', describe: 'its cgroup namespace; never its cgroups' },
      { name: 'time', type: 'boolean', describe: 'its time namespace' },
    ],
  },
  {
    name: 'ns',
    describe: 'show the namespaces of a container, or those of all: owner, parent, who shares them',
    positionals: [{ ...id, optional: true, describe: 'name of the container (default: all)' }],
    flags: [
      {
        name: 'format',
        alias: 'f',
        type: 'string',
        value: 'FORMAT',
        choices: ['tree', 'json'],
        default: 'tree',
        describe: 'how to print them',
      },
    ],
  },
  checkpointCommand,
  restoreCommand,
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
  unpackCommand,
  {
    name: 'spec',
    describe: 'write a config.json to start from',
    positionals: [],
    flags: [
      { ...bundle, describe: 'directory to write config.json to', callers: [] },
      {
        name: 'file',
        alias: 'f',
        type: 'string',
        value: 'FILE',
        describe: 'write FILE, relative to the directory, in place of config.json',
      },
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
    flags: [
      { ...bundle, callers: [] },
      config,
      {
        name: 'config-only',
        type: 'boolean',
        describe: 'look at config.json alone, not at the rootfs (for editors)',
      },
      json,
    ],
  },
  {
    name: 'check',
    describe: 'list everything in a bundle that this host can not do, with the remedy',
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
    name: 'trace',
    describe: 'show what --trace has written: each step, when and how long',
    positionals: [{ name: 'file', describe: 'file that --trace was given' }],
    flags: [json],
  },
  {
    name: 'completion',
    describe: 'print the completion script of a shell',
    positionals: [
      { name: 'shell', choices: ['bash', 'zsh', 'fish'], describe: 'bash, zsh or fish' },
    ],
    flags: [],
  },
  {
    name: 'doctor',
    describe: 'check what this host offers to containers, and say what mends what is missing',
    positionals: [],
    flags: [json],
  },
  {
    name: 'install-check',
    describe:
      'check that a client is set up for tsoci and runs a container by it; if not, say what to change',
    positionals: [
      {
        name: 'client',
        choices: ['podman', 'buildah', 'docker', 'containerd'],
        describe: 'podman, buildah, docker or containerd',
      },
    ],
    flags: [json],
  },
]
