// Many containers: at once, one after the other, and what it costs the others that they are there.
// TSOCI_MANY=10000 makes the loop as long as that.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { draft, FRONT, openSite, type Site, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const LOOP = Number(process.env.TSOCI_MANY ?? 200)
const AT_ONCE = 500

/** Calls tsoci without waiting; its exit code. */
function call(site: Site, words: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(FRONT, ['--root', site.root, ...words], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', resolve)
  })
}

/** A bundle without namespaces of its own but pid: what is made often is made cheaply. */
function makeBundle(site: Site): string {
  return site.bundle(
    (config) => {
      config.linux.namespaces = [{ type: 'pid' }, { type: 'mount' }]
      delete config.hostname
      config.mounts = [{ destination: '/proc', type: 'proc', source: 'proc' }]
    },
    draft(['sleep', '1000']),
  )
}

test(`${AT_ONCE} containers run at once, and leave nothing`, {
  skip,
  timeout: 300_000,
}, async (t) => {
  const site = openSite(t)
  const bundle = makeBundle(site)
  const first = site.id()
  site.ok(['run', '--detach', '--bundle', bundle, first], { stdio: 'ignore' })
  site.ok(['delete', '--force', first])
  const before = viewHost(site)
  const ids = Array.from({ length: AT_ONCE }, () => site.id())
  const all = (words: (id: string) => string[]) =>
    Promise.all(ids.map((id) => call(site, words(id))))

  const codes = await all((id) => ['run', '--detach', '--bundle', bundle, id])
  assert.deepEqual([...new Set(codes)], [0])
  assert.equal(site.ok(['list', '--quiet']).trim().split('\n').length, AT_ONCE)
  const pids = ids.map((id) => site.stored(id).pid)
  assert.equal(new Set(pids).size, AT_ONCE)
  assert.equal(site.state(ids[0]!).status, 'running')
  const ended = await all((id) => ['delete', '--force', id])
  assert.deepEqual([...new Set(ended)], [0])
  assert.deepEqual(viewHost(site), before)
})

test(`${LOOP} containers one after the other leave nothing`, { skip, timeout: 3_600_000 }, (t) => {
  const site = openSite(t)
  const bundle = makeBundle(site)
  const id = site.id()
  const round = () => {
    site.ok(['create', '--bundle', bundle, id], { stdio: 'ignore' })
    site.ok(['start', id])
    site.ok(['delete', '--force', id])
  }
  round()
  const before = { ...viewHost(site), kernel: kernelObjects() }
  for (let i = 0; i < LOOP; i++) round()
  const after = { ...viewHost(site), kernel: kernelObjects() }
  const { kernel: were, ...view } = before
  const { kernel: are, ...found } = after
  assert.deepEqual(found, view)
  // Others use the host as well, and the kernel frees late: what is lost would be lost each time.
  for (const [name, count] of Object.entries(are)) {
    assert.ok(count - were[name]! < Math.max(LOOP / 2, 50), `${name}: ${were[name]} -> ${count}`)
  }
})

/** How many there are of what a container takes from the kernel. */
function kernelObjects(): Record<string, number> {
  const files = Number(readFileSync('/proc/sys/fs/file-nr', 'utf8').split('\t')[0])
  const cgroups = readFileSync('/proc/cgroups', 'utf8').trim().split('\n').slice(1)
  const counts = cgroups.map((line) => Number(line.split('\t')[2]))
  return { files: Math.round(files / 64), cgroups: Math.max(...counts) }
}

/** Nanoseconds of the quickest of some calls. */
function quickest(words: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 30; i++) {
    const begin = process.hrtime.bigint()
    const { status } = spawnSync(FRONT, words, { stdio: 'ignore' })
    best = Math.min(best, Number(process.hrtime.bigint() - begin))
    assert.equal(status, 0)
  }
  return best
}

test('a thousand containers slow no verb on one of them', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const state = ['--root', site.root, 'state', id]
  const exec = ['--root', site.root, 'exec', id, 'true']
  const list = ['--root', site.root, 'list', '-q']
  const alone = { state: quickest(state), exec: quickest(exec), list: quickest(list) }
  const copies = join(site.root, 'c')
  for (let i = 0; i < 1000; i++) copyState(join(site.root, id), `${copies}${i}`)
  try {
    assert.equal(site.ok(['list', '-q']).trim().split('\n').length, 1001)
    assert.ok(quickest(state) < 2 * alone.state, `state was ${alone.state} ns alone`)
    assert.ok(quickest(exec) < 2 * alone.exec, `exec was ${alone.exec} ns alone`)
    // One look for each: an engine that starts alone takes longer than this.
    assert.ok(quickest(list) < 5 * alone.list + 5e6, `list was ${alone.list} ns alone`)
  } finally {
    // Not left to the site, which would delete the one container a thousand times.
    for (let i = 0; i < 1000; i++) rmSync(`${copies}${i}`, { recursive: true })
  }
})

/** A state directory like another one, fifos left out. */
function copyState(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 })
  for (const name of readdirSync(from)) {
    if (!name.endsWith('.fifo')) cpSync(join(from, name), join(to, name))
  }
}
