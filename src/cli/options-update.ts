// What update takes: the table of options.ts, continued.

import { type Command, id } from './flags.ts'

/** New limits for a container. */
export const updateCommand: Command = {
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
    {
      name: 'l3-cache-schema',
      type: 'string',
      value: 'SCHEMA',
      describe: 'share of the L3 cache, as a line of resctrl: L3:0=ff',
    },
    {
      name: 'mem-bw-schema',
      type: 'string',
      value: 'SCHEMA',
      describe: 'share of the memory bandwidth, as a line of resctrl: MB:0=50',
    },
  ],
  callers: ['containerd', 'docker', 'podman', 'cri-o'],
}
