// What exec takes: the table of options.ts, continued.

import { type Command, consoleSocket, id, pidFile, pidfdSocket, preserveFds } from './flags.ts'

/** Another process in a container. */
export const execCommand: Command = {
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
    pidfdSocket,
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
      name: 'cgroup',
      type: 'string',
      value: '[CONTROLLER:]PATH',
      repeats: true,
      describe: "run in an existing cgroup below the container's",
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
      describe: 'SELinux label of the process',
    },
    {
      name: 'apparmor',
      type: 'string',
      value: 'PROFILE',
      describe: 'AppArmor profile of the process',
    },
    preserveFds,
    {
      name: 'ignore-paused',
      type: 'boolean',
      describe: 'also in a paused container; the process waits until resume',
    },
  ],
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}
