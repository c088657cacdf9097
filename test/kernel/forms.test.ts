// Forms: a container of a config that differs from a known one in a few texts starts no JavaScript.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decodeRequest } from '../../src/plan/encode.ts'
import { describePlan } from '../../src/plan/print.ts'
import { draft, FRONT, openSite, whyNot } from './container.ts'
import { openOwnBuild } from './own-build.ts'

const skip = whyNot()
const named = (id: string) => `${id}-${process.pid}`

function openFormSite(t: TestContext) {
  const own = openOwnBuild(
    t,
    (config) => {
      config.hostname = 'one'
      config.process.env.push('WHO=first')
      config.annotations = { 'example.created': 'now' }
      config.mounts.push({ destination: '/data', source: '/srv', options: ['bind', 'ro'] })
    },
    draft(['sh', '-c', 'echo $(hostname) $WHO', 'x']),
  )
  const { site, bundle } = own
  const file = join(bundle, 'config.json')
  const call = (...words: string[]) => own.call(words)
  const change = (from: string, to: string) => {
    const text = readFileSync(file, 'utf8')
    assert.ok(text.includes(from), from)
    writeFileSync(file, text.replaceAll(from, to))
  }
  const forms = () => {
    const dir = join(site.root, '@forms')
    return existsSync(dir) ? readdirSync(dir) : []
  }
  /** Has containers made until there is a form: a busy host may end the engine before that. */
  const makeForm = (verb: 'create' | 'run' = 'run') => {
    for (let i = 0; i < 20 && !forms().includes('0'); i++) {
      rmSync(join(site.root, '@plans'), { recursive: true, force: true })
      assert.equal(call(verb, named('first')).status, 0)
      if (verb === 'create') assert.equal(call('delete', named('first')).status, 0)
    }
    assert.deepEqual(forms(), ['0'])
  }
  return { ...own, call, change, forms, makeForm }
}

test('a config that differs in texts alone starts no JavaScript', { skip }, (t) => {
  const { site, call, change, breakEngine, makeForm } = openFormSite(t)
  makeForm()
  breakEngine()
  change('"one"', '"two"')
  change('WHO=first', 'WHO=second, and "last"'.replaceAll('"', "'"))
  change('"now"', '"later"')
  const run = call('run', named('second'))
  assert.deepEqual([run.stdout, run.stderr], ["two second, and 'last'\n", ''])

  const id = named('third')
  assert.equal(call('run', '--detach', '--keep', id).status, 1, 'another verb has its own form')
  assert.ok(!existsSync(join(site.root, id)))
})

test('a container of a form has its own config, state and program', { skip }, (t) => {
  const { site, bundle, call, change, breakEngine, makeForm } = openFormSite(t)
  makeForm('create')
  breakEngine()
  change('"now"', '"later"')
  change('"x"', '"other words"')
  const id = named('second')
  assert.equal(call('create', id).status, 0)
  const state = JSON.parse(call('state', id).stdout)
  assert.deepEqual(
    [state.id, state.status, state.bundle, state.annotations],
    [id, 'created', bundle, { 'example.created': 'later' }],
  )
  const config = readFileSync(join(bundle, 'config.json'), 'utf8')
  assert.equal(readFileSync(join(site.root, id, 'config.json'), 'utf8'), config)
  const stored = JSON.parse(readFileSync(join(site.root, id, 'state.json'), 'utf8'))
  assert.deepEqual(stored.annotations, { 'example.created': 'later' })
  assert.equal(call('start', id).status, 0)
  assert.equal(call('delete', '--force', id).status, 0)
})

test('the plan of a form is the one that a compile makes', { skip }, (t) => {
  const faults = join(dirname(FRONT), 'test/tsoci')
  if (!existsSync(faults)) return t.skip('dist/test/tsoci is missing: npm run build')
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      config.hostname = 'one'
      config.annotations = { 'example.created': 'now' }
    },
    draft(['echo', 'x']),
  )
  const file = join(bundle, 'config.json')
  const planOf = (...flags: string[]) => {
    const to = join(site.dir, 'request')
    const env = { ...process.env, TSOCI_PLAN_TO: to }
    const words = ['--root', site.root, 'create', '--bundle', bundle, ...flags, 'same']
    assert.equal(spawnSync(faults, words, { env, stdio: 'ignore', timeout: 20_000 }).status, 0)
    const { plan, binding } = decodeRequest(readFileSync(to))
    return [describePlan(plan), { ...binding, created: '' }]
  }
  const forms = join(site.root, '@forms')
  for (let i = 0; i < 20 && !existsSync(join(forms, '0')); i++) {
    rmSync(join(site.root, '@plans'), { recursive: true, force: true })
    // The container keeps what it is given as output.
    const quiet = { stdio: 'ignore', timeout: 20_000 } as const
    spawnSync(faults, ['--root', site.root, 'create', '--bundle', bundle, 'first'], quiet)
    spawnSync(faults, ['--root', site.root, 'delete', '--force', 'first'], quiet)
  }
  assert.ok(existsSync(join(forms, '0')))
  const other = readFileSync(file, 'utf8').replace('"x"', '"y z"').replace('"one"', '"two"')
  writeFileSync(file, other)
  assert.deepEqual(planOf(), planOf('--no-plan-cache'))
  assert.deepEqual(readdirSync(forms), ['0'])
})

type FormSite = ReturnType<typeof openFormSite>
const refusals: [why: string, flags: (site: FormSite) => unknown][] = [
  ['the config differs in more than texts', ({ change }) => change('"ro"', '"ro", "noexec"')],
  ['a text has an escape', ({ change }) => change('WHO=first', 'WHO=\\u0041')],
  ['a path is to be normalized', ({ change }) => change('"/srv"', '"/srv/."')],
  ['a path is relative', ({ change }) => change('"/srv"', '"rootfs"')],
  ['a name is too long', ({ change }) => change('"one"', `"${'x'.repeat(65)}"`)],
  [
    'a flag differs that is no slot',
    ({ change }) => {
      change('"now"', '"later"')
      return ['--no-new-keyring']
    },
  ],
  [
    '--no-plan-cache is given',
    ({ change }) => {
      change('"now"', '"later"')
      return ['--no-plan-cache']
    },
  ],
  [
    'others may write to the directory',
    ({ site, change }) => {
      change('"now"', '"later"')
      chmodSync(join(site.root, '@forms'), 0o777)
    },
  ],
  [
    'it is cut short',
    ({ site, change }) => {
      change('"now"', '"later"')
      truncateSync(join(site.root, '@forms/0'), 9000)
    },
  ],
  [
    'the JavaScript is another',
    ({ dist, change }) => {
      change('"now"', '"later"')
      writeFileSync(join(dist, 'engine.cjs'), '')
    },
  ],
]
for (const [why, alter] of refusals) {
  test(`a form is not used when ${why}`, { skip }, (t) => {
    const open = openFormSite(t)
    open.makeForm()
    const given = alter(open)
    const flags: string[] = Array.isArray(given) ? given : []
    open.breakEngine()
    const id = named('second')
    assert.notEqual(open.call('run', ...flags, id).status, 0)
    assert.ok(!existsSync(join(open.site.root, id)))
  })
}

test('what was left of a form that was being written does no harm', { skip }, (t) => {
  const { site, makeForm } = openFormSite(t)
  mkdirSync(join(site.root, '@forms'), { recursive: true, mode: 0o700 })
  writeFileSync(join(site.root, '@forms/draft'), 'half')
  // The first container removes it, and the next one's form is kept.
  makeForm()
})

test('plan --cached lists forms as well', { skip }, (t) => {
  const { call, makeForm } = openFormSite(t)
  makeForm()
  const found: { kind: string; verb: string }[] = JSON.parse(
    call('plan', '--cached', '--json').stdout,
  )
  assert.deepEqual(found.map(({ kind, verb }) => `${kind} ${verb}`).sort(), [
    'form run',
    'plan run',
  ])
})

test('a config with a warning has no form', { skip }, (t) => {
  const { call, change, forms } = openFormSite(t)
  change('"hostname"', '"unknown": 1, "hostname"')
  assert.equal(call('run', named('first')).status, 0)
  assert.deepEqual(forms(), [])
})
