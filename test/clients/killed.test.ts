// tsoci is killed midway, under each client: what the client says, and that nothing stays behind.

import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Section } from '../../src/plan/plan.ts'
import { FRONT, type Result } from '../kernel/container.ts'
import { buildFaulty, FAULTY, faultText } from '../kernel/faults.ts'
import { CLIENTS, type Client } from './client.ts'
import { assertNothingLeft } from './compare.ts'
import { Host, whyNoClient } from './host.ts'

type Point = readonly [Section, number]

// A few steps of each section; test/kernel/faults.test.ts takes them all.
const RUN: readonly Point[] = [
  ['prepare', 0],
  ['prepare', 3],
  ['prepare', 8],
  ['clone', 0],
  ['parent', 0],
  ['parent', 4],
  ['child', 0],
  ['child', 12],
  ['launch', 0],
  ['start', 0],
]
const EXEC: readonly Point[] = [
  ['prepare', 0],
  ['clone', 0],
  ['parent', 0],
  ['child', 0],
]
// podman waits 20 s for the end of its own clean-up.
const REMOVE: readonly Point[] = [
  ['kill', 0],
  ['delete', 0],
]

// Engines give their runtime another environment, so the fault lies in a file.
const WRAPPER = (program: string) => `#!/bin/sh
fault=$(cat /run/fault)
[ -z "$fault" ] || export TSOCI_FAULT=$fault
exec ${program} "$@"
`

/** The executor that takes faults, with the rest of dist/ beside it. */
function makeFaulty(dir: string): string {
  buildFaulty()
  const dist = dirname(FRONT)
  for (const name of readdirSync(dist)) {
    if (name !== 'tsoci') symlinkSync(join(dist, name), join(dir, name))
  }
  copyFileSync(FAULTY, join(dir, 'tsoci'))
  chmodSync(dir, 0o755)
  return join(dir, 'tsoci')
}

for (const client of CLIENTS) {
  const skip = whyNoClient('make', 'cc', ...client.programs)
  test(`${client.name} cleans up behind a tsoci that was killed`, { skip, timeout: 290_000 }, (t) =>
    killEverywhere(t, client),
  )
}

async function killEverywhere(t: TestContext, client: Client): Promise<void> {
  const { run, tidy, forgets, sleeping, root } = client
  const host = await Host.open(t)
  await host.write('/run/fault', '')
  await host.write('/run/bin/tsoci', WRAPPER(makeFaulty(host.dir)), '755')
  await client.setUp(host, '/run/bin/tsoci')
  // Twice: the first sets up what the client and tsoci keep.
  for (const _ of [1, 2]) await host.ok(`${run('true')} && { ${tidy}\n}`)
  const before = await host.look()

  const killed = async ([section, index]: Point, script: string): Promise<Result> => {
    await host.write('/run/fault', faultText({ section, index, how: 'kill' }))
    const result = await host.call(script)
    await host.write('/run/fault', '')
    return result
  }
  const killing = async (what: string, point: Point, steps: () => Promise<void>) => {
    await t.test(`${what}: in front of step ${point[1]} of ${point[0]}`, async () => {
      try {
        await steps()
      } finally {
        await host.call(tidy)
        if (forgets?.in.includes(point[0])) await host.call(forgets.rescue)
      }
      await assertNothingLeft(host, before)
      assert.equal(await host.ok(`ls ${root} | grep -v ^@ || true`), '')
    })
  }

  for (const point of RUN) {
    await killing('run', point, async () => {
      const { code, stderr } = await killed(point, run('true'))
      assert.notEqual(code, 0, stderr)
    })
  }
  if (sleeping === undefined) return
  for (const point of EXEC) {
    await killing('exec', point, async () => {
      await host.ok(sleeping.start)
      const { code, stderr } = await killed(point, sleeping.exec('true'))
      assert.notEqual(code, 0, stderr)
      assert.equal(await host.ok(sleeping.exec('echo here')), 'here')
    })
  }
  for (const point of REMOVE) {
    await killing('rm -f', point, async () => {
      await host.ok(sleeping.start)
      await killed(point, tidy)
    })
  }
}
