// Cases: linux.resources in the files of cgroup v2, and what they do.

import assert from 'node:assert/strict'
import { type Case, shell } from './cases.ts'

const START_100 = `trap 'echo "started $n"' EXIT
n=0
while [ $n -lt 100 ]; do sleep 60 & n=$((n + 1)); done`

export const limits: Case[] = [
  {
    why: 'limits land in the files of v2',
    bundles: {
      web: shell('true', ({ linux }) => {
        linux.resources.memory = { limit: 67108864, swap: 100663296, reservation: 33554432 }
        linux.resources.cpu = { shares: 1024, quota: 50000, period: 100000, burst: 1000 }
        linux.resources.cpu.cpus = '0'
        linux.resources.cpu.mems = '0'
        linux.resources.pids = { limit: 20 }
        linux.resources.hugepageLimits = [{ pageSize: '2MB', limit: 4194304 }]
        linux.resources.unified = { 'memory.high': '50331648', 'memory.oom.group': '1' }
      }),
    },
    script: `
try tsoci create -b web web
show web memory.max memory.swap.max memory.low memory.high memory.oom.group
show web cpu.max cpu.max.burst cpu.weight cpuset.cpus cpuset.mems pids.max hugetlb.2MB.max
try tsoci delete --force web`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        'memory.max: 67108864',
        'memory.swap.max: 33554432',
        'memory.low: 33554432',
        'memory.high: 50331648',
        'memory.oom.group: 1',
        'cpu.max: 50000 100000',
        'cpu.max.burst: 1000',
        'cpu.weight: 100',
        'cpuset.cpus: 0',
        'cpuset.mems: 0',
        'pids.max: 20',
        'hugetlb.2MB.max: 4194304',
        'exit 0',
      ])
    },
  },
  {
    why: 'minus one is "max"; idle replaces the weight',
    bundles: {
      web: shell('true', ({ linux }) => {
        linux.resources.memory = { limit: -1, swap: -1 }
        linux.resources.cpu = { quota: -1, shares: 1024, idle: 1 }
        linux.resources.pids = { limit: -1 }
      }),
    },
    script: `
tsoci create -b web web
show web memory.max memory.swap.max cpu.max cpu.idle pids.max
tsoci delete --force web`,
    check(output) {
      const [warning, ...values] = output.split('\n')
      assert.match(warning!, /cpu\/shares: unable to apply both idle and shares/)
      assert.deepEqual(values, [
        'memory.max: max',
        'memory.swap.max: max',
        'cpu.max: max 100000',
        'cpu.idle: 1',
        'pids.max: max',
      ])
    },
  },
  {
    why: 'block io limits name a device',
    bundles: {
      web: shell('true', ({ linux }) => {
        linux.resources.blockIO = {
          weight: 500,
          throttleReadBpsDevice: [{ major: 7, minor: 0, rate: 1048576 }],
          throttleWriteIOPSDevice: [{ major: 7, minor: 0, rate: 100 }],
        }
      }),
    },
    script: `
[ -b /dev/loop0 ] || { echo 'no loop device'; return; }
tsoci create -b web web
show web io.max io.weight
tsoci delete --force web`,
    check(output) {
      if (output === 'no loop device') return // its module was not to be found
      assert.deepEqual(output.split('\n'), [
        'io.max: 7:0 rbps=1048576 wbps=max riops=max wiops=100',
        'io.weight: default 4950',
      ])
    },
  },
  {
    why: 'a pids limit of 20 stops 100 sleeps, none lets them be',
    bundles: {
      limited: shell(START_100, ({ linux }) => {
        linux.resources.pids = { limit: 20 }
      }),
      free: shell(START_100),
    },
    script: 'tsoci run -b limited limited 2>/dev/null; tsoci run -b free free',
    check: (output) => assert.equal(output, 'started 19\nstarted 100'),
  },
  {
    why: 'a memory limit ends who asks for more',
    bundles: {
      greedy: shell('dd if=/dev/zero of=/dev/null bs=64M count=1 2>/dev/null', ({ linux }) => {
        linux.resources.memory = { limit: 16777216, swap: 16777216 }
      }),
    },
    script: 'try tsoci run -b greedy greedy',
    check: (output) => assert.match(output, /exit 137$/),
  },
  {
    why: 'a value that the kernel refuses is told, and leaves nothing',
    bundles: {
      cpus: shell('echo ran', ({ linux }) => {
        linux.resources.cpu = { cpus: '99' }
      }),
      file: shell('echo ran', ({ linux }) => {
        linux.resources.unified = { 'memory.nonsense': '1' }
      }),
      network: shell('echo ran', ({ linux }) => {
        linux.resources.network = { classID: 1048577 }
      }),
    },
    script: 'for name in cpus file network; do try tsoci run -b $name $name; done',
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.deepEqual(output.match(/^exit .*$/gm), ['exit 1', 'exit 1', 'exit 1'])
      assert.match(output, /99.*cpuset\.cpus.*\/linux\/resources\/cpu\/cpus/)
      assert.match(output, /memory\.nonsense.*\/linux\/resources\/unified/)
      assert.match(output, /network on cgroup v2/)
    },
  },
]
