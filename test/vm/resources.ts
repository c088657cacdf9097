// Cases: limits of cgroup v2 that are converted, warned about, or changed later.

import assert from 'node:assert/strict'
import { type Case, shell } from './cases.ts'

export const resources: Case[] = [
  {
    why: 'annotations set memory.high and memory.min; reservations of huge pages are limited, too',
    bundles: {
      web: {
        ...shell('true', ({ linux }) => {
          linux.resources.hugepageLimits = [{ pageSize: '2MB', limit: 4194304 }]
        }),
        annotations: { 'org.tsoci.memory.high': '50331648', 'org.tsoci.memory.min': '1048576' },
      },
    },
    script: `
tsoci create -b web web
show web memory.high memory.min hugetlb.2MB.max hugetlb.2MB.rsvd.max
tsoci delete --force web`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'memory.high: 50331648',
        'memory.min: 1048576',
        'hugetlb.2MB.max: 4194304',
        'hugetlb.2MB.rsvd.max: 4194304',
      ])
    },
  },
  {
    why: 'a container starts with a memory limit of 1 MiB',
    bundles: {
      web: shell('echo ran', ({ linux }) => {
        linux.resources.memory = { limit: 1048576 }
      }),
    },
    script: 'try tsoci run -b web web',
    check(output) {
      assert.match(output, /^ran$/m)
      assert.match(output, /exit 0$/)
    },
  },
  {
    why: 'what only v1 has is told, and the container runs',
    bundles: {
      web: shell('echo ran', ({ linux }) => {
        linux.resources.memory = { swappiness: 60, disableOOMKiller: true, kernel: 1048576 }
        linux.resources.blockIO = { leafWeight: 100 }
      }),
    },
    script: 'try tsoci run -b web web',
    check(output) {
      for (const name of ['swappiness', 'disableOOMKiller', 'kernel', 'leafWeight']) {
        assert.match(output, new RegExp(`warning: .*/${name}: only cgroup v1 has it`))
      }
      assert.match(output, /^ran$/m)
      assert.match(output, /exit 0$/)
    },
  },
  {
    why: 'update sets swap beside the limit, keeps the period, and turns idle off',
    bundles: {
      web: shell('sleep 1000', ({ linux }) => {
        linux.resources.memory = { limit: 33554432 }
        linux.resources.cpu = { period: 50000, idle: 1 }
      }),
    },
    script: `
tsoci run -d -b web web
try tsoci update --memory-swap 64m web
try tsoci update --cpu-quota 10000 --cpu-idle 0 web
show web memory.max memory.swap.max cpu.max cpu.idle
try tsoci update --memory 128m web
try tsoci update --memory -1 web
show web memory.max memory.swap.max
tsoci delete --force web`,
    check(output) {
      const lines = output.split('\n').filter((line) => !line.startsWith('hint'))
      assert.match(lines[6]!, /below memory\.limit/)
      assert.deepEqual(
        lines.filter((_, i) => i !== 6),
        [
          'exit 0',
          'exit 0',
          'memory.max: 33554432',
          'memory.swap.max: 33554432',
          'cpu.max: 10000 50000',
          'cpu.idle: 0',
          'exit 1',
          'exit 0',
          'memory.max: max',
          'memory.swap.max: max',
        ],
      )
    },
  },
  {
    why: 'checkBeforeUpdate refuses a limit below what is in use, and nobody is killed',
    bundles: { web: shell('sleep 1000') },
    script: `
tsoci run -d -b web web
echo '{"memory":{"limit":4096,"checkBeforeUpdate":true}}' >low.json
try tsoci update -r low.json web
echo '{"memory":{"limit":33554432,"swap":33554432,"checkBeforeUpdate":true}}' >high.json
try tsoci update -r high.json web
tsoci state web | grep status
show web memory.max
tsoci delete --force web`,
    check(output) {
      assert.match(output, /rejecting memory limit 4096 <= usage \d+/)
      assert.deepEqual(output.match(/^(exit|memory|.*status).*$/gm), [
        'exit 1',
        'exit 0',
        '  "status": "running",',
        'memory.max: 33554432',
      ])
    },
  },
  {
    why: 'events tells lack of memory, pressure, and ends with the container',
    bundles: {
      web: shell('sleep 1000', ({ linux }) => {
        linux.resources.memory = { limit: 33554432, swap: 33554432 }
        linux.resources.pids = { limit: 20 }
      }),
    },
    script: `
tsoci run -d -b web web
tsoci events --stats web
tsoci events --interval 1h web >log &
events=$!
until_true grep -q stats log
tsoci exec web sh -c 'x=$(dd if=/dev/zero ibs=40M count=1 2>/dev/null | tr "\\0" a)' 2>/dev/null
until_true grep -q oom log
tsoci kill web KILL
try wait $events
grep oom log
tsoci delete --force web`,
    check(output) {
      const [line = '', ...rest] = output.split('\n')
      const { data } = JSON.parse(line)
      assert.deepEqual(data.pids, { current: 1, limit: 20 })
      assert.equal(data.memory.usage.limit, 33554432)
      assert.ok(data.cpu.usage.total > 0)
      assert.ok('2MB' in data.hugetlb)
      // A kernel without pressure stall information has none.
      if (data.memory.psi) assert.equal(typeof data.memory.psi.some.avg10, 'number')
      assert.deepEqual(rest.slice(-2), ['exit 0', '{"type":"oom","id":"web"}'])
    },
  },
]
