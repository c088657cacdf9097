// A signal while a container is made: what was done is undone, and then the signal ends us.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
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
  ['run --no-plan-cache', 'createContainer'],
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
