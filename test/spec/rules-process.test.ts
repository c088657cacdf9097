// Rules of process: each with a configuration that keeps it and one that breaks it.

import { drop, testRules } from './sample.ts'

testRules([
  ['no process', (c) => delete c.process, []],
  ['no args', (c) => delete c.process.args, ['error /process']],
  ['empty args', (c) => (c.process.args = []), ['error /process/args']],
  ['an empty program', (c) => (c.process.args = ['']), ['error /process/args/0']],
  ['an empty argument', (c) => (c.process.args = ['sh', '']), []],
  ['an empty value in env', (c) => (c.process.env = ['A=']), []],
  ['env without =', (c) => (c.process.env = ['A=1', 'B']), ['error /process/env/1']],
  ['env without a name', (c) => (c.process.env = ['=1']), ['error /process/env/0']],
  [
    'env of a hook without =',
    (c) => (c.hooks = { poststop: [{ path: '/x', env: ['A=1', 'B'] }] }),
    ['error /hooks/poststop/0/env/1'],
  ],
  [
    'a umask beyond the permissions',
    (c) => (c.process.user.umask = 0o1000),
    ['error /process/user/umask'],
  ],
  ['a relative cwd', (c) => (c.process.cwd = 'root'), ['error /process/cwd']],
  [
    'two limits',
    (c) => (c.process.rlimits = [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }, ...c.process.rlimits]),
    [],
  ],
  [
    'a limit twice',
    (c) => c.process.rlimits.push(c.process.rlimits[0]),
    ['error /process/rlimits/1/type'],
  ],
  [
    'a soft limit above the hard one',
    (c) => (c.process.rlimits[0].soft = 1025),
    ['error /process/rlimits/0/soft'],
  ],
  [
    'an unknown limit',
    (c) => (c.process.rlimits[0].type = 'RLIMIT_FILES'),
    ['error /process/rlimits/0/type'],
  ],
  [
    'an unknown capability',
    (c) => c.process.capabilities.bounding.push('CAP_NOTHING'),
    ['warning /process/capabilities/bounding/3'],
  ],
  ['a nice value', (c) => (c.process.scheduler = { policy: 'SCHED_BATCH', nice: 19 }), []],
  [
    'a nice value of 20',
    (c) => (c.process.scheduler = { policy: 'SCHED_OTHER', nice: 20 }),
    ['error /process/scheduler/nice'],
  ],
  ['a priority', (c) => (c.process.scheduler = { policy: 'SCHED_RR', priority: 99 }), []],
  [
    'a priority of 100',
    (c) => (c.process.scheduler = { policy: 'SCHED_FIFO', priority: 100 }),
    ['error /process/scheduler/priority'],
  ],
  [
    'realtime without a priority',
    (c) => (c.process.scheduler = { policy: 'SCHED_FIFO' }),
    ['error /process/scheduler'],
  ],
  [
    'a priority without realtime',
    (c) => (c.process.scheduler = { policy: 'SCHED_IDLE', priority: 1 }),
    ['error /process/scheduler/priority'],
  ],
  [
    'a deadline',
    (c) =>
      (c.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 10, deadline: 20, period: 30 }),
    [],
  ],
  [
    'a deadline before the runtime is over',
    (c) => (c.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 10, deadline: 9 }),
    ['error /process/scheduler/deadline'],
  ],
  [
    'a deadline after the period',
    (c) => (c.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 1, deadline: 9, period: 8 }),
    ['error /process/scheduler/period'],
  ],
  [
    'SCHED_DEADLINE without a runtime',
    (c) => (c.process.scheduler = { policy: 'SCHED_DEADLINE', deadline: 9 }),
    ['error /process/scheduler'],
  ],
  [
    'a runtime without SCHED_DEADLINE',
    (c) => (c.process.scheduler = { policy: 'SCHED_OTHER', runtime: 1 }),
    ['error /process/scheduler/runtime'],
  ],
  [
    'the lowest I/O priority',
    (c) => (c.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 7 }),
    [],
  ],
  [
    'an I/O priority of 8',
    (c) => (c.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 8 }),
    ['error /process/ioPriority/priority'],
  ],
  [
    'the idle I/O class without a priority',
    (c) => (c.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE' }),
    [],
  ],
  [
    'another I/O class without a priority',
    (c) => (c.process.ioPriority = { class: 'IOPRIO_CLASS_RT' }),
    ['warning /process/ioPriority'],
  ],
  [
    'an unknown I/O class',
    (c) => (c.process.ioPriority = { class: 'IOPRIO_CLASS_NONE', priority: 0 }),
    ['error /process/ioPriority/class'],
  ],
  ['an affinity', (c) => (c.process.execCPUAffinity = { initial: '7', final: '0-3,7' }), []],
  [
    'an affinity that runs backwards',
    (c) => (c.process.execCPUAffinity = { final: '3-0' }),
    ['error /process/execCPUAffinity/final'],
  ],
  [
    'an affinity with steps',
    (c) => (c.process.execCPUAffinity = { initial: '0-7:1/2' }),
    ['error /process/execCPUAffinity/initial'],
  ],
  ['a mapped user', (c) => (c.process.user = { uid: 65535, gid: 1, additionalGids: [5] }), []],
  ['a user who is not mapped', (c) => (c.process.user.uid = 65536), ['error /process/user/uid']],
  [
    'groups that are not mapped',
    (c) => (c.process.user = { uid: 0, gid: 70000, additionalGids: [0, 70001] }),
    ['error /process/user/gid', 'error /process/user/additionalGids/1'],
  ],
  [
    'any user in the host’s user namespace',
    (c) => {
      drop('user')(c)
      delete c.linux.uidMappings
      delete c.linux.gidMappings
      c.process.user.uid = 70000
    },
    [],
  ],
  ['the id that means none', (c) => (c.process.user.uid = 4294967295), ['error /process/user/uid']],
  ['an oom score', (c) => (c.process.oomScoreAdj = -1000), []],
  ['an oom score of -1001', (c) => (c.process.oomScoreAdj = -1001), ['error /process/oomScoreAdj']],
])
