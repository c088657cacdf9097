// tsoci with systemd as the cgroup manager, of root and of an ordinary user, in a virtual machine.
//
// Needs what cgroup-v2.test.ts needs, and debootstrap for the first time. TSOCI_VM_SHOW=1 shows what
// each case wrote: node --import tsx --test test/vm/systemd.test.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BootWith, runCases } from './cases.ts'
import { listPodman, podmanCases, whyNoPodman } from './podman-cases.ts'
import { systemdCases, systemdWords } from './systemd-cases.ts'
import { bootSystemd, findSystemdMachine, inUsr } from './systemd-machine.ts'

const machine = findSystemdMachine()
const noPodman = whyNoPodman()
const skip = typeof machine === 'string' ? machine : false

test('tsoci with systemd', { skip, timeout: 920_000 }, async (t) => {
  if (typeof machine === 'string') return
  const cases = noPodman ? systemdCases : [...systemdCases, ...podmanCases]
  const boot: BootWith = (machine, script, { files, ...options }) =>
    bootSystemd(machine, script, {
      ...options,
      files: noPodman ? files : [...files, ...inUsr(listPodman())],
    })
  const { boot: booted, results } = await runCases(machine, cases, 820_000, boot, systemdWords)
  for (const [i, { why, check }] of cases.entries()) {
    await t.test(why, () => {
      const { output, left } = results[i]!
      if (process.env.TSOCI_VM_SHOW) console.log(`${why}:\n${output}\nleft: ${left}`)
      assert.ok(
        output !== undefined,
        `${booted.output.slice(-2000)}\n${booted.kernelLog.slice(-4000)}`,
      )
      check(output)
      assert.equal(left, '', 'something is left')
    })
  }
  if (noPodman) await t.test('podman with systemd', { skip: noPodman }, () => {})
})
