// A signal while a container is made: what was done is undone, and then the signal ends us.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTar } from '../bundle/tar-maker.ts'
import { FRONT, openSite, type Site, until, whyNot } from './container.ts'
import { listProcesses, viewHost } from './host-view.ts'

const skip = whyNot()

type Hook = 'createRuntime' | 'createContainer' | 'poststart' | 'poststop'

interface Waiting {
  readonly child: ChildProcess
  readonly ended: Promise<NodeJS.Signals | number | null>
}

/** Starts a verb whose hook writes a file and then sleeps; resolves while it sleeps. */
async function beginWaiting(
  site: Site,
  words: readonly string[],
  hook: Hook,
  seconds = 1000,
): Promise<Waiting> {
  const mark = join(site.dir, 'mark')
  const script = `echo begun >${mark}; sleep ${seconds}; echo ended >>${mark}`
  const bundle = site.bundle((config) => {
    if (hook === 'poststart') config.process.args = ['sleep', '1000']
    config.hooks = {
      [hook]: [{ path: '/bin/sh', args: ['sh', '-c', script], env: [site.marker] }],
    }
  })
  const child = spawn(FRONT, ['--root', site.root, ...words, '--bundle', bundle, site.id()], {
    stdio: 'ignore',
    env: { ...process.env, TSOCI_TEST_SITE: site.dir },
  })
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.on('exit', (code, signal) => resolve(signal ?? code)),
  )
  await until('the hook', () => existsSync(mark) && readFileSync(mark, 'utf8') !== '')
  return { child, ended }
}

const verbs: [words: string, hook: Hook][] = [
  ['create', 'createRuntime'],
  ['create', 'createContainer'],
  ['run', 'createRuntime'],
  ['run', 'createContainer'],
  ['run --detach', 'createRuntime'],
  ['run --detach', 'poststart'],
]

for (const [line, hook] of verbs) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    test(`${line} that ${signal} ends in its ${hook} hook leaves nothing`, { skip }, async (t) => {
      const site = openSite(t)
      const before = viewHost(site)
      const { child, ended } = await beginWaiting(site, line.split(' '), hook)
      child.kill(signal)
      assert.equal(await ended, signal)
      await until('no process', () => listProcesses(site).length === 0)
      assert.deepEqual(viewHost(site), before)
    })
  }
}

for (const [whom, signal] of [
  ['us', 'SIGTERM'],
  ['us and the engine', 'SIGINT'],
] as const) {
  test(`${signal} to ${whom} while a rootfs is unpacked leaves nothing of it`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const bundle = site.bundle()
    rmSync(join(bundle, 'rootfs'), { recursive: true })
    const files = Array.from({ length: 2000 }, (_, i) => ({
      name: `f${i}`,
      data: Buffer.alloc(20_000),
    }))
    writeFileSync(join(bundle, 'rootfs.tar'), makeTar(...files))
    const before = viewHost(site)
    const words = ['--root', site.root, 'run', '--bundle', bundle, site.id()]
    const child = spawn(FRONT, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (it) => (output += it))
    await until('an unpacking', () => readdirSync(bundle).some((it) => it.startsWith('.tsoci-')))
    process.kill(whom === 'us' ? child.pid! : -child.pid!, signal)
    const [code, by] = await once(child, 'close')
    assert.deepEqual([code, by, output], [null, signal, ''])
    assert.deepEqual(readdirSync(bundle).sort(), ['config.json', 'rootfs.tar'])
    assert.deepEqual(viewHost(site), before)
  })
}

test('run undoes all after its container has ended, whatever signal comes', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const { child, ended } = await beginWaiting(site, ['run'], 'poststop', 0.5)
  child.kill('SIGTERM')
  assert.equal(await ended, 0)
  assert.equal(readFileSync(join(site.dir, 'mark'), 'utf8'), 'begun\nended\n')
  assert.deepEqual(viewHost(site), before)
})

test('a hook does not outlive a runtime that is killed', { skip }, async (t) => {
  const site = openSite(t)
  const { child, ended } = await beginWaiting(site, ['create'], 'createRuntime')
  child.kill('SIGKILL')
  assert.equal(await ended, 'SIGKILL')
  const hook = () =>
    listProcesses(site).some((it) => JSON.stringify(it).includes(`echo begun >${site.dir}`))
  await until('the end of the hook', () => !hook())
})
