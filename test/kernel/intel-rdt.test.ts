// linux.intelRdt. Hardware with resctrl is rare: a directory with its files stands for it here, which
// shows who writes what where. What the kernel makes of it does not show.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { launchPlan } from '../../src/launch/sink.ts'
import { compilePlan } from '../../src/plan/compile.ts'
import { readClass } from '../../src/runtime/stats-intel-rdt.ts'
import type { IntelRdt } from '../../src/spec/config.ts'
import { draft, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()
const hasResctrl = skip || (readHostFacts().resctrl === undefined ? false : 'resctrl is mounted')

/** A directory as resctrl would show it, with the class `gold`. */
function openResctrl(t: TestContext): { site: Site; base: string } {
  const site = openSite(t)
  const base = join(site.dir, 'resctrl')
  mkdirSync(join(base, 'gold/mon_groups'), { recursive: true })
  mkdirSync(join(base, 'info/L3'), { recursive: true })
  for (const dir of [base, join(base, 'gold')]) writeFileSync(join(dir, 'tasks'), '')
  writeFileSync(join(base, 'schemata'), '    L3:0=fff;1=fff\n    MB:0= 100;1= 100\n')
  writeFileSync(join(base, 'gold/schemata'), '    L3:0=00f;1=ff0\n    MB:0=  20;1=  70\n')
  writeFileSync(join(base, 'info/L3/num_closids'), '16\n')
  writeFileSync(join(base, 'info/last_cmd_status'), 'the group is full\n')
  return { site, base }
}

/** Runs `true` in a container with this class. */
async function run(site: Site, base: string, intelRdt: IntelRdt): Promise<number> {
  const bundle = site.bundle(
    (config) => {
      Object.assign(config.linux, { intelRdt })
    },
    draft(['true']),
  )
  const configText = readFileSync(join(bundle, 'config.json'), 'utf8')
  const plan = compilePlan({
    config: JSON.parse(configText),
    configText,
    host: { ...readHostFacts(), resctrl: base },
    options: {
      verb: 'run',
      detach: false,
      keep: false,
      noPivot: false,
      noNewKeyring: true,
      cgroupManager: 'cgroupfs',
      hasConsoleSocket: false,
      rootfs: undefined,
    } as Parameters<typeof compilePlan>[0]['options'],
  })
  const id = site.id()
  mkdirSync(site.root, { recursive: true })
  return await launchPlan(plan, {
    id,
    root: site.root,
    bundle,
    'bundle-json': bundle,
    'preserve-fds': '0',
    'owner-json': 'root',
    created: new Date().toISOString(),
  })
}

const same: [why: string, rdt: IntelRdt][] = [
  ['without schemata', { closID: 'gold' }],
  ['whose schemata are these', { closID: 'gold', l3CacheSchema: 'L3:0=f;1=0ff0' }],
  ['whose schemata hold these', { closID: 'gold', schemata: ['MB:1=70', 'L3:1=ff0'] }],
]
for (const [why, rdt] of same) {
  test(`a container joins a class that is there, ${why}`, { skip }, async (t) => {
    const { site, base } = openResctrl(t)
    assert.equal(await run(site, base, rdt), 0)
    assert.match(readFileSync(join(base, 'gold/tasks'), 'utf8'), /^\d+$/)
    assert.match(readFileSync(join(base, 'gold/schemata'), 'utf8'), /00f;1=ff0/)
  })
}

const refused: [why: string, rdt: IntelRdt, message: RegExp][] = [
  ['with other schemata', { closID: 'gold', memBwSchema: 'MB:0=30' }, /EEXIST.*MB:0=30/s],
  ['without the domain', { closID: 'gold', l3CacheSchema: 'L3:2=f' }, /EEXIST/],
  ['without the resource', { closID: 'gold', schemata: ['L2:0=f'] }, /EEXIST/],
  ['that is not there', { closID: 'silver' }, /ENOENT/],
]
for (const [why, rdt, message] of refused) {
  test(`create refuses a class ${why}, and leaves nothing`, { skip }, async (t) => {
    const { site, base } = openResctrl(t)
    await assert.rejects(run(site, base, rdt), (error: Error) => {
      assert.match(`${error.message} ${(error as { hint?: string }).hint}`, message)
      return true
    })
    assert.deepEqual(site.ids(), [])
    assert.equal(readFileSync(join(base, 'gold/tasks'), 'utf8'), '')
  })
}

test('a group that create made goes with a create that fails, one that was there stays', {
  skip,
}, async (t) => {
  const { site, base } = openResctrl(t)
  // A plain directory gets no file `tasks` by itself: the child can't join.
  await assert.rejects(run(site, base, { closID: 'gold', enableMonitoring: true }), {
    code: 'LAUNCH_FAILED',
  })
  assert.deepEqual(site.ids(), [])
  assert.ok(existsSync(join(base, 'gold')))
  await assert.rejects(run(site, base, {}), { code: 'LAUNCH_FAILED' })
  assert.deepEqual(readdirSync(join(base, 'gold/mon_groups')), [])
  assert.deepEqual(readdirSync(base).sort(), ['gold', 'info', 'schemata', 'tasks'])
})

test('create refuses linux.intelRdt where resctrl is not mounted', { skip: hasResctrl }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    Object.assign(config.linux, { intelRdt: { closID: 'gold' } })
  })
  assert.equal(code, 1)
  assert.match(stderr, /resctrl is not mounted/)
  assert.deepEqual(site.ids(), [])
})

test('update refuses a schema for a container without intelRdt', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.tsoci(['update', '--l3-cache-schema', 'L3:0=f', site.start()])
  assert.equal(code, 1)
  assert.match(stderr, /non-existent Intel RDT configuration/)
})

test('readClass() tells the schemata of a class, and what the hardware can do', { skip }, (t) => {
  const { base } = openResctrl(t)
  const found = readClass(base, join(base, 'gold'))
  assert.equal(found.l3_cache_schema, 'L3:0=00f;1=ff0')
  assert.equal(found.l3_cache_schema_root, 'L3:0=fff;1=fff')
  assert.deepEqual(found.schemata, ['L3:0=00f;1=ff0', 'MB:0=  20;1=  70'])
  assert.equal('mem_bw_schema' in found, false)
})
