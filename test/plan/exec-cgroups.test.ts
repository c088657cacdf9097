import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planExecCgroups } from '../../src/plan/exec-cgroups.ts'
import { describeStep } from '../../src/plan/print.ts'
import { rootHost, withLayout } from './facts.ts'

const v1 = ['/sys/fs/cgroup/memory/c', '/sys/fs/cgroup/cpu,cpuacct/c', '/sys/fs/cgroup/systemd/c']
const v2 = ['/sys/fs/cgroup/c']

const cases: [why: string, dirs: string[], words: string[], joined: string[]][] = [
  ["the container's own", v1, [], v1],
  ['one below it on v2', v2, ['sub/x'], ['/sys/fs/cgroup/c/sub/x']],
  ['the one itself for /', v2, ['/'], ['/sys/fs/cgroup/c/']],
  ['one below each on v1', v1, ['/sub'], v1.map((dir) => `${dir}/sub`)],
  ['some on v1', v1, ['memory:a', 'name=systemd:b'], [`${v1[0]}/a`, v1[1]!, `${v1[2]}/b`]],
  ['several at once on v1', v1, ['cpu,cpuacct:a'], [v1[0]!, `${v1[1]}/a`, v1[2]!]],
]
for (const [why, dirs, words, joined] of cases) {
  test(`planExecCgroups() joins ${why}`, () => {
    const steps = planExecCgroups(dirs, words, dirs === v2 ? rootHost : withLayout('v1'))
    const found = steps.map((step) => describeStep(step).replace('open ', ''))
    assert.deepEqual(found, joined)
  })
}

const refused: [why: string, dirs: string[], words: string[]][] = [
  ['a path that leads out', v2, ['a/../..']],
  ['a line break', v2, ['a\nb']],
  ['several paths for everything', v2, ['a', 'b']],
  ['a controller twice', v1, ['memory:a', 'memory:b']],
  ['a controller without a name', v1, [':a']],
  ['a controller that v2 does not split', v2, ['memory:a']],
  ['a controller that is not there', v1, ['nosuch:a']],
]
for (const [why, dirs, words] of refused) {
  test(`planExecCgroups() refuses ${why}`, () => {
    const host = dirs === v2 ? rootHost : withLayout('v1')
    assert.throws(() => planExecCgroups(dirs, words, host), { code: 'BAD_USAGE' })
  })
}
