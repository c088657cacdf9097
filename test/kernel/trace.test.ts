// What is told about a launch: --trace and --debug.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readTrace } from '../../src/runtime/trace.ts'
import { draft, openSite, whyNot } from './container.ts'

const skip = whyNot()

test('--trace has every step of create, start and delete, with the time of each', { skip }, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'trace')
  const id = site.id()
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const stdio = 'ignore' as const
  const before = Date.now() * 1000
  site.ok(['--trace', file, 'create', '--bundle', bundle, id], { stdio })
  site.ok(['start', '--trace', file, id])
  site.ok(['delete', '--trace', file, '--force', id])
  const spans = readTrace(file)
  const sections = new Set(spans.map(({ section }) => section))
  for (const name of ['engine', 'prepare', 'clone', 'parent', 'child', 'launch', 'start', 'delete'])
    assert.ok(sections.has(name), name)
  assert.ok(spans.some(({ step, at }) => step === 'mount' && at === '/mounts/0'))
  assert.ok(spans.every(({ start, us }) => start >= before && us >= 0 && us < 60_000_000))
  const indexes = spans.filter(({ section }) => section === 'child').map(({ index }) => index)
  assert.deepEqual(
    indexes,
    indexes.map((_, i) => i),
  )
  assert.match(site.ok(['trace', file]), /^child mount .*\/mounts\/0$/m)
})

test('--trace marks the step that failed', { skip }, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'trace')
  const bundle = site.bundle(({ mounts }) =>
    mounts.push({ destination: '/bad', type: 'tmpfs', source: 'tmpfs', options: ['size=odd'] }),
  )
  assert.equal(site.tsoci(['--trace', file, 'run', '--bundle', bundle, site.id()]).code, 1)
  const failed = readTrace(file).filter(({ error }) => error !== undefined)
  assert.deepEqual(failed.map(({ section, step }) => `${section} ${step}`).sort(), [
    'child mount',
    'parent expect',
  ])
})

test('--trace and --log leave no descriptor in the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const flags = ['--trace', join(site.dir, 'trace'), '--debug', '--log', join(site.dir, 'log')]
  site.ok([...flags, 'run', '--detach', '--bundle', bundle, id], { stdio: 'ignore' })
  assert.deepEqual(readdirSync(`/proc/${site.state(id).pid}/fd`), ['0', '1', '2'])
})

const formats: [format: string, level: RegExp][] = [
  ['text', /^time="[^"]+" level=debug msg="child mount \[\/mounts\/0\]: \d+ us"$/m],
  ['json', /^\{"level":"debug","msg":"child mount \[\/mounts\/0\]: \d+ us","time":"[^"]+"\}$/m],
]
for (const [format, level] of formats) {
  test(`--debug tells the steps in the log, as ${format}`, { skip }, (t) => {
    const site = openSite(t)
    const log = join(site.dir, 'log')
    const flags = ['--debug', '--log', log, '--log-format', format]
    const { code, stderr } = site.tsoci([...flags, 'run', '--bundle', site.bundle(), site.id()])
    assert.equal(code, 0)
    assert.equal(stderr, '')
    const text = readFileSync(log, 'utf8')
    assert.match(text, level)
    for (const words of [...RUNC_STAGES, 'init: closing the pipe to signal completion'])
      assert.ok(text.includes(words), words)
  })
}

// What scripts look for in the log of runc.
const RUNC_STAGES = [
  'runc exeseal: using /proc/self/exe clone',
  'nsexec container setup',
  'child process in init()',
]

test('--debug tells the steps of an exec', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { stderr } = site.tsoci(['--debug', 'exec', id, 'true'])
  for (const words of [...RUNC_STAGES, 'setns_init: about to exec'])
    assert.ok(stderr.includes(words), words)
})

test('--debug without a log tells the steps on standard error', { skip }, (t) => {
  const site = openSite(t)
  const { stderr } = site.tsoci(['--debug', 'run', '--bundle', site.bundle(), site.id()])
  assert.match(stderr, /level=debug msg="prepare state-dir: \d+ us"/)
})
