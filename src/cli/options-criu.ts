// What checkpoint and restore take: the table of options.ts, continued.

import { bundle, type Command, consoleSocket, criuFlags, id, pidFile } from './flags.ts'

/** A container to images. */
export const checkpointCommand: Command = {
  name: 'checkpoint',
  describe: 'save a running container to images, with CRIU',
  positionals: [id],
  flags: [
    ...criuFlags,
    {
      name: 'leave-running',
      type: 'boolean',
      describe: 'let the container run on',
      callers: ['containerd', 'docker', 'podman', 'cri-o'],
    },
    {
      name: 'pre-dump',
      type: 'boolean',
      describe: 'save memory only, and let the container run on: the next one has less to save',
      callers: ['podman'],
    },
    {
      name: 'parent-path',
      type: 'string',
      value: 'DIR',
      describe: 'images of the last pre-dump, relative to --image-path',
      callers: ['podman'],
    },
    { name: 'tcp-skip-in-flight', type: 'boolean', describe: 'leave half-open connections out' },
    {
      name: 'page-server',
      type: 'string',
      value: 'ADDRESS:PORT',
      describe: 'send memory to this page server, or with --lazy-pages serve it there',
      callers: ['containerd'],
    },
    {
      name: 'status-fd',
      type: 'number',
      value: 'FD',
      describe: 'write a zero byte to FD once lazy pages are served',
      callers: ['containerd'],
    },
    {
      name: 'lsm-mount-context',
      type: 'string',
      value: 'CONTEXT',
      describe: 'accepted for callers that look for it: restore takes it',
    },
  ],
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}

/** A container from images. */
export const restoreCommand: Command = {
  name: 'restore',
  describe: 'make a container of the images of a checkpoint, with CRIU',
  positionals: [id],
  flags: [
    ...criuFlags,
    { ...bundle, describe: "directory that holds the container's config.json and rootfs" },
    {
      name: 'detach',
      alias: 'd',
      type: 'boolean',
      describe: 'return as soon as the container runs',
      callers: ['containerd', 'docker', 'podman', 'cri-o'],
    },
    { name: 'keep', type: 'boolean', describe: 'do not delete the container when it ends' },
    consoleSocket,
    pidFile,
    { name: 'tcp-close', type: 'boolean', describe: 'restore TCP connections closed' },
    {
      name: 'lsm-profile',
      type: 'string',
      value: 'TYPE:NAME',
      describe: 'another profile of the security module, as apparmor:NAME',
      callers: ['podman', 'cri-o'],
    },
    {
      name: 'lsm-mount-context',
      type: 'string',
      value: 'CONTEXT',
      describe: 'another SELinux context of the mounts',
      callers: ['podman', 'cri-o'],
    },
    {
      name: 'no-pivot',
      type: 'boolean',
      describe: 'accepted for callers that send it, ignored: CRIU moves into the rootfs',
      callers: ['containerd'],
      hidden: true,
    },
    {
      name: 'no-subreaper',
      type: 'boolean',
      describe: 'accepted for callers that send it, ignored: tsoci is never a subreaper',
      callers: ['containerd'],
      hidden: true,
    },
  ],
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}
