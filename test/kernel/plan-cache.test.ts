// Plans that are kept: the next container of a known bundle starts no JavaScript.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Change, draft, type Site, whyNot } from './container.ts'
import { openOwnBuild } from './own-build.ts'

const skip = whyNot()

/** Cgroups have the id as their name, on the whole host. */
const named = (id: string) => `${id}-${process.pid}`

const SCRIPT = 'echo ran in $HOSTNAME $(hostname)'

const openCacheSite = (t: TestContext, change: Change = () => {}) =>
  openOwnBuild(t, change, draft(['sh', '-c', SCRIPT]))

const countPlans = (site: Site) =>
  existsSync(join(site.root, '@plans')) ? readdirSync(join(site.root, '@plans')).length : 0

test('run of a known bundle starts no JavaScript, under any id', { skip }, (t) => {
  const { site, bundle, call, breakEngine } = openCacheSite(t)
  assert.match(call(['run', named('first')]).stdout, /^ran in/)
  assert.equal(countPlans(site), 1)
  breakEngine()
  for (const words of [
    ['run', named('first')],
    ['run', '--bundle', bundle, named('second')],
    ['run', '-b', '.', named('third')],
    ['run', '--pid-file', join(site.dir, 'pid'), named('fourth')],
  ]) {
    const { status, stdout, stderr } = call(words)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^ran in/)
  }
  assert.match(readFileSync(join(site.dir, 'pid'), 'utf8'), /^\d+$/)
})

test('create of a known bundle stores the state of its own container', { skip }, (t) => {
  const { site, bundle, call, breakEngine } = openCacheSite(t)
  assert.equal(call(['create', named('one')]).status, 0)
  breakEngine()
  assert.equal(call(['create', named('two')]).status, 0)
  const [one, two] = [named('one'), named('two')].map((id) =>
    JSON.parse(call(['state', id]).stdout),
  )
  assert.deepEqual(
    [two.id, two.status, two.bundle, two.owner],
    [named('two'), 'created', bundle, one.owner],
  )
  assert.match(two.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.notEqual(one.pid, two.pid)
  for (const id of [named('one'), named('two')]) assert.equal(call(['delete', id]).status, 0)
  assert.deepEqual(
    readdirSync(site.root).filter((name) => !name.startsWith('@')),
    [],
  )
})

const changes: [what: string, change: (bundle: string, site: Site) => string[]][] = [
  [
    'config.json differs by a blank',
    (bundle) => {
      const file = join(bundle, 'config.json')
      writeFileSync(file, `${readFileSync(file, 'utf8')} `)
      return []
    },
  ],
  ['a flag differs that is no slot', () => ['--no-new-keyring']],
  ['--no-plan-cache is given', () => ['--no-plan-cache']],
  ['the cgroup manager differs', () => ['--cgroup-manager', 'disabled']],
  [
    'the rootfs is gone',
    (bundle) => {
      rmSync(join(bundle, 'rootfs'), { recursive: true })
      return []
    },
  ],
  [
    'others may write to the cache',
    (_bundle, site) => {
      chmodSync(join(site.root, '@plans'), 0o777)
      return []
    },
  ],
  [
    'a byte of what is kept has changed',
    (_bundle, site) => {
      const dir = join(site.root, '@plans')
      const file = join(dir, readdirSync(dir)[0]!)
      const bytes = readFileSync(file)
      bytes[100]! ^= 1
      writeFileSync(file, bytes)
      return []
    },
  ],
  [
    'what is kept is cut short',
    (_bundle, site) => {
      const dir = join(site.root, '@plans')
      const file = join(dir, readdirSync(dir)[0]!)
      const bytes = readFileSync(file)
      writeFileSync(file, bytes.subarray(0, bytes.length - 4000))
      return []
    },
  ],
]
for (const [what, change] of changes) {
  test(`a kept plan is not used when ${what}`, { skip }, (t) => {
    const { site, bundle, call, breakEngine } = openCacheSite(t)
    assert.equal(call(['run', named('first')]).status, 0)
    const flags = change(bundle, site)
    // What comes after a plan that does not fit: forms.test.ts.
    rmSync(join(site.root, '@forms'), { recursive: true, force: true })
    breakEngine()
    assert.notEqual(call(['run', ...flags, named('second')]).status, 0)
  })
}

test('a plan is not kept when its config has warnings to tell', { skip }, (t) => {
  const { site, call } = openCacheSite(t, (config) => {
    Object.assign(config, { unknown: true })
  })
  for (const id of [named('first'), named('second')]) {
    const { status, stderr } = call(['run', id])
    assert.equal(status, 0)
    assert.match(stderr, /warning/)
  }
  assert.equal(countPlans(site), 0)
})

test('plan --cached lists what is kept, the newest first', { skip }, (t) => {
  const { site, bundle, call } = openCacheSite(t)
  assert.deepEqual(JSON.parse(call(['plan', '--cached', '--json']).stdout), [])
  assert.equal(call(['run', named('first')]).status, 0)
  assert.equal(call(['create', named('second')]).status, 0)
  // Forms are kept later, or not at all on a busy host.
  rmSync(join(site.root, '@forms'), { recursive: true, force: true })
  const found = JSON.parse(call(['plan', '--cached', '--json']).stdout)
  assert.deepEqual(
    found.map((it: { verb: string; bundle: string }) => [it.verb, it.bundle]),
    [
      ['create', bundle],
      ['run', bundle],
    ],
  )
  assert.match(
    call(['plan', '--cached']).stdout,
    /^KIND .*\nplan +create +\S+Z +\d+ +\S+\nplan +run /,
  )
  // What can't be read is not listed.
  writeFileSync(join(site.root, '@plans/99'), 'no plan')
  assert.equal(JSON.parse(call(['plan', '--cached', '--json']).stdout).length, 2)
})

test('many bundles keep no more plans than there are places', { skip }, (t) => {
  const { site, bundle, call } = openCacheSite(t)
  for (let i = 0; i < 4; i++) {
    const file = join(bundle, 'config.json')
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`)
    assert.equal(call(['run', `n${i}`]).status, 0)
  }
  assert.ok(countPlans(site) <= 64)
})
