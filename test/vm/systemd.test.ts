// tsoci with systemd as the cgroup manager, of root and of an ordinary user, in a virtual machine.
//
// Needs what cgroup-v2.test.ts needs, and debootstrap for the first time. TSOCI_VM_SHOW=1 shows what
// each case wrote: node --import tsx --test test/vm/systemd.test.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCases } from './cases.ts'
import { systemdCases, systemdWords } from './systemd-cases.ts'
import { bootSystemd, findSystemdMachine } from './systemd-machine.ts'

const machine = findSystemdMachine()
const skip = typeof machine === 'string' ? machine : false

test('tsoci with systemd', { skip, timeout: 920_000 }, async (t) => {
  if (typeof machine === 'string') return
  const { boot, results } = await runCases(
    machine,
    systemdCases,
    820_000,
    bootSystemd,
    systemdWords,
  )
  for (const [i, { why, check }] of systemdCases.entries()) {
    await t.test(why, () => {
      const { output, left } = results[i]!
      if (process.env.TSOCI_VM_SHOW) console.log(`${why}:\n${output}\nleft: ${left}`)
      assert.ok(output !== undefined, `${boot.output.slice(-2000)}\n${boot.kernelLog.slice(-4000)}`)
      check(output)
      assert.equal(left, '', 'something is left')
    })
  }
})
