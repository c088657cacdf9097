// Statistics and lack of memory, on the real kernel.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { type ContainerEvent, events, stats, TsociError } from '../../src/runtime/index.ts'
import { FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()
const LIMIT = 33554432

function startLimited(site: Site): string {
  return site.start((config) => {
    config.linux.resources.memory = { limit: LIMIT, swap: LIMIT }
    config.linux.resources.pids = { limit: 20 }
  })
}

/** Asks for more memory than there is; the shell that holds it is ended. */
const EAT = 'x=$(dd if=/dev/zero ibs=40M count=1 2>/dev/null | tr "\\\\0" a)'
const eat = (site: Site, id: string) => site.tsoci(['exec', id, 'sh', '-c', EAT])

test('events --stats prints one line with what the cgroups count', { skip }, (t) => {
  const site = openSite(t)
  const id = startLimited(site)
  const text = site.ok(['events', '--stats', id])
  assert.ok(text.startsWith(`{"type":"stats","id":"${id}","data":{`), text)
  assert.equal(text.split('\n').length, 2)
  const { data } = JSON.parse(text)
  assert.deepEqual(data.pids, { current: 1, limit: 20 })
  assert.equal(data.memory.usage.limit, LIMIT)
  assert.ok(data.memory.usage.usage > 0)
  assert.ok(data.cpu.usage.total > 0)
  assert.equal(typeof data.cpuset.cpu_exclusive, 'number')
  assert.equal(data.network_interfaces, null)
})

test('events prints counts beyond 2^53 exactly', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const limit = /"memory":.*?"limit":(\d+)/.exec(site.ok(['events', '--stats', id]))?.[1]
  const { memory } = stats(id, { root: site.root })
  assert.equal(limit, String(memory.usage?.limit))
  assert.equal(typeof memory.usage?.limit, 'bigint')
})

test('events tells lack of memory at once, goes on, and ends with the container', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const id = startLimited(site)
  const child = spawn(FRONT, ['--root', site.root, 'events', '--interval', '10m', id])
  t.after(() => child.kill('SIGKILL'))
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const seen: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const { type } = JSON.parse(line)
    seen.push(type)
    // The next statistics are ten minutes away: only the kernel can wake the next turns.
    if (seen.length === 1) eat(site, id)
    if (type === 'oom') {
      assert.equal(line, `{"type":"oom","id":"${id}"}`)
      site.ok(['kill', id, 'KILL'])
    }
  }
  assert.equal(await ended, 0)
  assert.equal(seen[0], 'stats')
  assert.equal(seen[1], 'oom')
})

async function collect(t: TestContext, interval: number, most: number): Promise<ContainerEvent[]> {
  const site = openSite(t)
  const id = site.start()
  const controller = new AbortController()
  const found: ContainerEvent[] = []
  for await (const event of events(id, { root: site.root, interval, signal: controller.signal })) {
    found.push(event)
    if (found.length === most) controller.abort()
  }
  return found
}

test('events() yields statistics every interval, until it is aborted', { skip }, async (t) => {
  const found = await collect(t, 20, 3)
  assert.deepEqual(
    found.map(({ type }) => type),
    ['stats', 'stats', 'stats'],
  )
})

test('events() ends a long wait when it is aborted', { skip }, async (t) => {
  assert.equal((await collect(t, 600_000, 1)).length, 1)
})

test('events() leaves no descriptor behind', { skip }, async (t) => {
  const count = () => readdirSync('/proc/self/fd').length
  await collect(t, 1, 1)
  const before = count()
  for (let i = 0; i < 3; i++) await collect(t, 1, 1)
  assert.equal(count(), before)
})

const refusals: [why: string, words: (id: string) => string[], message: RegExp][] = [
  ['a container that does not exist', () => ['missing'], /container does not exist/],
  ['an interval of zero', (id) => ['--interval', '0s', id], /--interval "0s": not a time/],
  ['an interval without a unit', (id) => ['--interval', '5', id], /--interval "5": not a time/],
]
for (const [why, words, message] of refusals) {
  test(`events refuses ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const { code, stderr } = site.tsoci(['events', ...words(site.start())])
    assert.equal(code, 1)
    assert.match(stderr, message)
  })
}

test('events and stats() refuse a container that has stopped', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['kill', '--all', id, 'KILL'])
  for (let tries = 0; tries < 500 && site.state(id).status !== 'stopped'; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const { code, stderr } = site.tsoci(['events', id])
  assert.equal(code, 1)
  assert.match(stderr, /container not running/)
  assert.throws(
    () => stats(id, { root: site.root }),
    (error) => error instanceof TsociError && error.code === 'NOT_RUNNING',
  )
})

test('stats() counts what cgroup files say', { skip }, (t) => {
  const site = openSite(t)
  const id = startLimited(site)
  const { pids, memory } = stats(id, { root: site.root })
  const dir = site.cgroup(id, 'pids')
  assert.equal(String(pids.limit), readFileSync(join(dir, 'pids.max'), 'utf8').trim())
  assert.ok(Object.keys(memory.raw ?? {}).length > 10)
})
