// What goes wrong around tsoci: it is killed midway, many ask at once, two use the same ids.

import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Section } from '../../src/plan/plan.ts'
import { FRONT } from '../kernel/container.ts'
import { buildFaulty, FAULTY, faultText } from '../kernel/faults.ts'
import { assertNothingLeft } from './compare.ts'
import { setUpContainerd } from './containerd.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

// A few steps of each section; test/kernel/faults.test.ts takes them all.
const points: [Section, number][] = [
  ['prepare', 0],
  ['prepare', 3],
  ['prepare', 8],
  ['clone', 0],
  ['parent', 0],
  ['parent', 4],
  ['child', 0],
  ['child', 12],
  ['launch', 0],
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
  return join(dir, 'tsoci')
}

test('podman cleans up behind a tsoci that was killed', {
  skip: whyNoClient('podman', 'conmon', 'make', 'cc'),
  timeout: 290_000,
}, async (t) => {
  const host = await Host.open(t)
  await host.write('/run/fault', '')
  await host.write('/run/bin/tsoci', WRAPPER(makeFaulty(host.dir)), '755')
  await setUpPodman(host, 'tsoci', '/run/bin/tsoci')
  const run = 'podman run --name web --network none box true'
  await host.ok(`${run}; podman rm -f web; ${run}; podman rm -f web`)
  const before = await host.look()
  for (const [section, index] of points) {
    await t.test(`in front of step ${index} of ${section}`, async () => {
      await host.write('/run/fault', faultText({ section, index, how: 'kill' }))
      const { code, stderr } = await host.call(run)
      assert.notEqual(code, 0, stderr)
      await host.write('/run/fault', '')
      await host.call('podman rm -f -t 0 web')
      await assertNothingLeft(host, before)
      assert.equal(await host.ok('ls /run/tsoci | grep -v ^@ || true'), '')
    })
  }
})

test('many containers at once, and the same ids in two places', {
  skip: whyNoClient('containerd', 'ctr'),
  timeout: 290_000,
}, async (t) => {
  const host = await Host.open(t)
  await setUpContainerd(host)
  const run = `ctr run --rm --runc-binary ${FRONT}`
  await host.ok(
    `${run} localhost/box:1 first true; ctr -n k8s.io run --rm --runc-binary ${FRONT} localhost/box:1 first true`,
  )
  const before = await host.look()
  await t.test('30 at once', async () => {
    const script = `for i in $(seq 30); do ${run} localhost/box:1 many-$i echo said $i & done; wait`
    const lines = (await host.ok(script, { limit: 120_000 })).split('\n').sort()
    assert.deepEqual(lines, Array.from({ length: 30 }, (_, i) => `said ${i + 1}`).sort())
    await assertNothingLeft(host, before)
  })
  await t.test('one id, two namespaces', async () => {
    const places = ['default', 'k8s.io']
    for (const place of places) {
      await host.ok(
        `ctr -n ${place} run -d --null-io --runc-binary ${FRONT} localhost/box:1 web sleep 1000`,
      )
    }
    await host.ok(
      'ctr -n default tasks kill -s KILL web; ctr -n default tasks rm -f web; ctr -n default containers rm web',
    )
    assert.equal(await host.ok('ctr -n k8s.io tasks exec --exec-id one web echo here'), 'here')
    await host.ok('ctr -n k8s.io tasks rm -f web; ctr -n k8s.io containers rm web')
    await assertNothingLeft(host, before)
  })
})
