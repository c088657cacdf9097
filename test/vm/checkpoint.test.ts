// Checkpoint and restore by a real CRIU, in a virtual machine whose kernel can do all of it.
//
// Needs what cgroup-v2.test.ts needs, criu and iproute2; iptables for locking a network.
// TSOCI_VM_SHOW=1 shows what each case wrote: node --import tsx --test test/vm/checkpoint.test.ts

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Case, prelude, runCases } from './cases.ts'
import { memory } from './checkpoint-memory.ts'
import { plain } from './checkpoint-plain.ts'
import { sockets } from './checkpoint-sockets.ts'
import { surroundings } from './checkpoint-surroundings.ts'
import { criuWords, listCriu, NO_CRIU, whyNoCriu } from './criu.ts'
import { CRIU_MODULES } from './kernel.ts'
import { bootAndRun, findMachine } from './machine.ts'

const cases: readonly Case[] = [...plain, ...memory, ...sockets, ...surroundings].filter(
  ({ why }) => why.includes(process.env.TSOCI_VM_ONLY ?? ''),
)

const machine = findMachine()
const skip = typeof machine === 'string' ? machine : whyNoCriu()

test('tsoci checkpoint and restore', { skip, timeout: 620_000 }, async (t) => {
  if (typeof machine === 'string') return
  const kernelLine = 'apparmor=1 security=apparmor'
  const { boot, results } = await runCases(
    { ...machine, kernelLine, modules: CRIU_MODULES },
    cases,
    600_000,
    (machine, script, { files, ...options }) =>
      bootAndRun(machine, script, {
        ...options,
        files: [...files, ...listCriu()],
      }),
    prelude + criuWords,
  )
  const noCriu = boot.output.split('\n').find((line) => line.startsWith(NO_CRIU))
  for (const [i, { why, check }] of cases.entries()) {
    await t.test(why, { skip: noCriu ?? false }, () => {
      const { output, left } = results[i]!
      if (process.env.TSOCI_VM_SHOW) console.log(`${why}:\n${output}\nleft: ${left}`)
      assert.ok(output !== undefined, boot.output.slice(-1000) + boot.kernelLog.slice(-1000))
      check(output)
      assert.equal(left, '', 'something is left')
    })
  }
})
