// tsoci on cgroup v2 with every controller, and as an ordinary user, in a virtual machine.
//
// Needs qemu-system-x86, busybox-static and a kernel in /boot (linux-image-amd64; with CI set it is
// downloaded), and dist/ from `npm run build`. By itself, TSOCI_VM_SHOW=1 shows what each case wrote:
// node --import tsx --test test/vm/cgroup-v2.test.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { type Case, runCases, shell } from './cases.ts'
import { devices } from './devices.ts'
import { lifecycle } from './lifecycle.ts'
import { limits } from './limits.ts'
import { type Boot, findMachine } from './machine.ts'
import { resources } from './resources.ts'
import { rootless } from './rootless.ts'
import { views } from './views.ts'

const cases: Case[] = [
  {
    why: 'doctor tells the layout',
    script: 'tsoci doctor | grep -A 20 ^cgroups',
    check(output) {
      assert.match(output, /layout: v2 at \/sys\/fs\/cgroup/)
      for (const name of ['pids', 'memory', 'cpu', 'cpuset', 'io']) {
        assert.match(output, new RegExp(`ok +${name}:`))
      }
    },
  },
  {
    why: 'the paths of the default config are masked',
    bundles: {
      box: shell('wc -c </proc/kcore; wc -c </proc/keys; ls -A /sys/firmware', ({ linux }) => {
        linux.maskedPaths = defaultConfig().linux?.maskedPaths
      }),
    },
    script: 'try tsoci run -b box box',
    check: (output) => assert.equal(output, '0\n0\nexit 0'),
  },
  ...limits,
  ...resources,
  ...devices,
  ...views,
  ...lifecycle,
  ...rootless,
]

const machine = findMachine()
const skip = typeof machine === 'string' ? machine : false

test('tsoci on cgroup v2', { skip, timeout: 920_000 }, async (t) => {
  if (typeof machine === 'string') return
  const { boot, results } = await runCases(machine, cases, 900_000)
  for (const [i, { why, check, todo }] of cases.entries()) {
    await t.test(why, { todo: todo ?? false }, () => {
      const { output, left } = results[i]!
      if (process.env.TSOCI_VM_SHOW) console.log(`${why}:\n${output}\nleft: ${left}`)
      assert.ok(output !== undefined, describeBoot(boot))
      check(output)
      assert.equal(left, '', 'something is left')
    })
  }
})

function describeBoot({ output, kernelLog, timedOut }: Boot): string {
  const why = timedOut ? 'the machine took too long' : 'the machine ended early'
  return `${why}\n${output.slice(-2000)}\n--- kernel\n${kernelLog.slice(-2000)}`
}
