// Several verbs on one container at once, and a container that ends under them. Also a state
// directory that is not as we have left it.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  draft,
  FRONT,
  ORDINARY_USER,
  openSite,
  type Result,
  type Site,
  until,
  whyNot,
} from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

/** Calls tsoci without waiting. One that hangs is killed and has the code null. */
function begin(site: Site, words: readonly string[]): Promise<Result> {
  const child = spawn(FRONT, ['--root', site.root, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TSOCI_TEST_SITE: site.dir },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
}

const all = (site: Site, calls: readonly (readonly string[])[]) =>
  Promise.all(calls.map((words) => begin(site, words)))

test('200 execs at once all run, each with its own output', {
  skip,
  timeout: 200_000,
}, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const before = viewHost(site)
  const numbers = Array.from({ length: 200 }, (_, i) => String(i))
  const results = await all(
    site,
    numbers.map((n) => ['exec', id, 'echo', n]),
  )
  assert.deepEqual(
    results.map(({ code, stdout, stderr }) => `${code} ${stdout.trim()} ${stderr}`),
    numbers.map((n) => `0 ${n} `),
  )
  await until('their end', () => site.ok(['ps', '--format', 'json', id]).split(',').length === 1)
  assert.deepEqual(viewHost(site), before)
})

test('of several starts at once one starts', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.create()
  const results = await all(site, Array(6).fill(['start', id]))
  assert.equal(results.filter(({ code }) => code === 0).length, 1)
  for (const { code, stderr } of results) {
    if (code !== 0) assert.match(stderr, /cannot start an already running container/)
  }
  assert.equal(site.state(id).status, 'running')
})

test('state of a container that is made and removed meanwhile: it is one, or none', {
  skip,
}, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const id = site.id()
  const call = (words: string) => `"$0" --root ${site.root} ${words}`
  const script = `(for i in $(seq 100); do
      ${call(`run --detach --bundle ${bundle} ${id}`)} && ${call(`delete --force ${id}`)} || echo failed
    done </dev/null >&2; touch ${site.dir}/done) &
    until [ -e ${site.dir}/done ]; do
      ${call(`state ${id}`)} >/dev/null || echo asked; ${call(`exec ${id} true`)} || echo asked
    done; wait`
  const { stdout, stderr } = spawnSync('sh', ['-c', script, FRONT], { encoding: 'utf8' })
  assert.match(stdout, /^(asked\n)+$/)
  const usual = /^$|^hint:|does not exist|exec in a (creating|stopped) container|ended meanwhile/
  const odd = stderr.split('\n').filter((line) => !usual.test(line))
  assert.deepEqual(odd, [])
  assert.deepEqual(viewHost(site), before)
})

test('delete --force of what is made meanwhile leaves nothing of it', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const id = site.id()
  const script = `for i in $(seq 50); do
      "$@" run --detach --bundle ${bundle} ${id} >/dev/null 2>&1 </dev/null & made=$!
      "$@" delete --force ${id} & "$@" delete --force ${id} & "$@" delete --force ${id} || echo failed
      wait $made && "$@" delete --force ${id}; wait
      [ -e ${site.root}/${id} ] && echo left
    done`
  const words = ['-c', script, 'sh', FRONT, '--root', site.root]
  const { stdout, stderr } = spawnSync('sh', words, { encoding: 'utf8' })
  assert.equal(stdout + stderr, '')
  assert.deepEqual(viewHost(site), before)
})

test('of several deletes at once one deletes, the others find nothing', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.create()
  const results = await all(site, Array(6).fill(['delete', id]))
  assert.equal(results.filter(({ code }) => code === 0).length, 1)
  for (const { code, stderr } of results) {
    if (code !== 0) assert.match(stderr, /container does not exist/)
  }
  assert.deepEqual(viewHost(site), before)
})

test('pause and resume at once leave the container in one of both', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const words = Array.from({ length: 10 }, (_, i) => [i % 2 === 0 ? 'pause' : 'resume', id])
  for (const { code, stderr } of await all(site, words)) {
    if (code !== 0) assert.match(stderr, /already paused|not paused/)
  }
  const { status } = site.state(id)
  assert.match(status, /^(running|paused)$/)
  site.ok(['delete', '--force', id])
})

test('of several updates at once each is kept', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  // More tries than one: without the lock every third or so loses one, or fails.
  for (let i = 0; i < 5; i++) {
    const limits = [100, 200, 300].map((n) => n + i)
    const results = await all(
      site,
      limits.flatMap((n) => [
        ['update', '--pids-limit', String(n), id],
        ['update', '--cpu-share', String(n), id],
      ]),
    )
    for (const { code, stderr } of results) assert.equal(`${code} ${stderr}`, '0 ')
    const config = JSON.parse(readFileSync(join(site.root, id, 'config.json'), 'utf8'))
    const { pids, cpu } = config.linux.resources
    const file = join(site.cgroup(id, 'pids'), 'pids.max')
    assert.equal(readFileSync(file, 'utf8').trim(), String(pids.limit))
    assert.ok(limits.includes(cpu.shares))
  }
})

test('exec says that the container is not running, when it ends meanwhile', { skip }, async (t) => {
  const site = openSite(t)
  for (let i = 0; i < 8; i++) {
    const id = site.start()
    const calls = Array(6).fill(['exec', id, 'sleep', '1000'])
    const results = await all(site, [...calls, ['kill', id, 'KILL']])
    for (const { code, stderr } of results.slice(0, -1)) {
      // It ran and was killed, or it came too late: none of the kernel's words for that.
      if (code === 137) assert.equal(stderr, '')
      else
        assert.match(stderr, /^error: (container not running|cannot exec in a stopped container)/)
    }
  }
})

const doomed: [verb: string, words: (id: string) => string[]][] = [
  ['exec', (id) => ['exec', id, 'sleep', '1000']],
  ['pause', (id) => ['pause', id]],
  ['update', (id) => ['update', '--pids-limit', '50', id]],
  ['ps', (id) => ['ps', id]],
  ['state', (id) => ['state', id]],
  ['delete', (id) => ['delete', id]],
]
for (const [verb, words] of doomed) {
  test(`${verb} of a container that is deleted meanwhile ends, and leaves nothing`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.start()
    const results = await all(site, [
      words(id),
      words(id),
      ['delete', '--force', id],
      words(id),
      words(id),
    ])
    for (const { code, stderr } of results) {
      assert.notEqual(code, null, 'hangs')
      // Refused in words, or done before: no stack of ours.
      assert.doesNotMatch(stderr, /^ +at /m)
    }
    assert.equal(results[2]!.code, 0, results[2]!.stderr)
    await until('no process', () => viewHost(site).processes.length === 0)
    // An update that came last may not bring the directory back.
    assert.deepEqual(viewHost(site), before)
  })
}

test('start of a container that is killed meanwhile ends', { skip }, async (t) => {
  const site = openSite(t)
  for (let i = 0; i < 5; i++) {
    const id = site.create()
    const [start, kill] = await all(site, [
      ['start', id],
      ['kill', id, 'KILL'],
    ])
    assert.notEqual(start!.code, null, 'hangs')
    assert.equal(kill!.code, 0, kill!.stderr)
    await until('its end', () => site.state(id).status === 'stopped')
    site.ok(['delete', id])
  }
})

/** Each verb of a container that runs, for the pairs below. */
const pairable: Record<string, (id: string) => string[]> = {
  state: (id) => ['state', id],
  start: (id) => ['start', id],
  'kill TERM': (id) => ['kill', id, 'TERM'],
  pause: (id) => ['pause', id],
  resume: (id) => ['resume', id],
  exec: (id) => ['exec', id, 'true'],
  ps: (id) => ['ps', '--format', 'json', id],
  update: (id) => ['update', '--pids-limit', '50', id],
  events: (id) => ['events', '--stats', id],
  ns: (id) => ['ns', id],
  enter: (id) => ['enter', id, '--net', '--', 'true'],
  checkpoint: (id) => ['checkpoint', '--image-path', '/dev/null/images', id],
  delete: (id) => ['delete', id],
  'delete --force': (id) => ['delete', '--force', id],
}
const names = Object.keys(pairable)
const pairs = names.flatMap((one, at) => names.slice(at).map((other) => [one, other] as const))

test('any two verbs at once both end, and leave a container or nothing', {
  skip,
  timeout: 600_000,
}, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  for (const [one, other] of pairs) {
    await t.test(`${one} and ${other}`, async () => {
      const id = site.start()
      const both = [one, other].map((name) => begin(site, pairable[name]!(id)))
      // What has come into a container that is paused waits there.
      const paused = both.filter((_, at) => [one, other][at] === 'pause')
      if ((await Promise.all(paused)).length > 0) site.tsoci(['resume', id])
      const results = await Promise.all(both)
      for (const { code, stderr } of results) {
        assert.notEqual(code, null, 'hangs')
        // What exec runs may be killed with the container: 128 and the signal are all that is told.
        const silent = code === 0 || code === 137
        assert.match(stderr, silent ? /^$/ : /^error: [^\n]+\n(hint: [^\n]+\n)?$/)
      }
      if (site.ids().includes(id)) assert.match(site.state(id).status, /^(running|paused|stopped)$/)
      site.ok(['delete', '--force', id])
      await until('no process', () => viewHost(site).processes.length === 0)
      assert.deepEqual(viewHost(site), before)
    })
  }
})

const VERBS_OF_THE_PLAN = [['state'], ['start'], ['kill'], ['pause'], ['resume'], ['delete']]
const VERBS = [
  ...VERBS_OF_THE_PLAN,
  ['ps'],
  ['update', '--pids-limit', '50'],
  ['events', '--stats'],
  ['ns'],
  ['checkpoint', '--image-path', '/dev/null/images'],
]

const damages: [what: string, damage: (dir: string) => void, verbs?: string[][]][] = [
  ['an empty plan', (dir) => truncateSync(join(dir, 'plan'), 0)],
  ['half a plan', (dir) => truncateSync(join(dir, 'plan'), 1000)],
  ['an empty state.json', (dir) => truncateSync(join(dir, 'state.json'), 0)],
  ['half a state.json', (dir) => truncateSync(join(dir, 'state.json'), 12)],
  ['a state.json of others', (dir) => writeFileSync(join(dir, 'state.json'), '{"id":"x"}\n')],
]
for (const [what, damage] of damages) {
  test(`verbs refuse a state directory with ${what}, delete --force removes it`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.create()
    damage(join(site.root, id))
    const verbs = what.includes('plan') ? VERBS_OF_THE_PLAN : VERBS
    for (const verb of verbs) {
      const { code, stderr } = site.tsoci([...verb, id])
      assert.equal(code, 1, verb[0])
      assert.match(stderr, /^error: cannot read the state of container .*\nhint: .*delete --force/)
    }
    if (verbs === VERBS) {
      const { code, stderr } = site.tsoci(['exec', id, 'true'])
      assert.equal(code, 255)
      assert.match(stderr, /^error: cannot read .*\nhint: .*delete --force/)
    }
    site.ok(['delete', '--force', id])
    assert.ok(!existsSync(join(site.root, id)))
    await until('no process', () => viewHost(site).processes.length === 0)
    assert.deepEqual(viewHost(site), before)
  })
}

test('delete --force without a plan ends all processes, and touches nothing but cgroups', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.start((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid')
  })
  site.ok(['exec', '-d', id, 'sleep', '1000'], { stdio: 'ignore' })
  const { cgroups } = site.stored(id)
  assert.ok(cgroups.length > 0)
  for (const dir of cgroups) mkdirSync(join(dir, 'below'))
  site.ok(['pause', id])
  const dir = join(site.root, id)
  const other = join(site.dir, 'other')
  mkdirSync(other)
  const top = cgroups.map((path) => path.slice(0, path.lastIndexOf('/')))
  const listed = [other, `${cgroups[0]}/below/../../..`, 'cgroup', ...cgroups, ...top.slice(0, 1)]
  const state = readFileSync(join(dir, 'state.json'), 'utf8')
  const list = (paths: readonly string[]) => `"cgroups":${JSON.stringify(paths)}`
  assert.ok(state.includes(list(cgroups)))
  const isTop = existsSync(join(top[0]!, 'release_agent'))
  const kept = isTop ? listed : listed.slice(0, -1)
  writeFileSync(join(dir, 'state.json'), state.replace(list(cgroups), list(kept)))
  truncateSync(join(dir, 'plan'), 0)
  site.ok(['delete', '--force', id])
  assert.ok(existsSync(other))
  await until('no process', () => viewHost(site).processes.length === 0)
  assert.deepEqual(viewHost(site), before)
})

test('list has the other containers beside one that can not be read', { skip }, (t) => {
  const site = openSite(t)
  const [bad, good] = [site.create(), site.create()]
  const file = join(site.root, bad, 'state.json')
  const text = readFileSync(file, 'utf8')
  truncateSync(file, 12)
  const { code, stdout, stderr } = site.tsoci(['list', '--format', 'json'])
  assert.equal(code, 0)
  assert.deepEqual(
    JSON.parse(stdout).map(({ id }: { id: string }) => id),
    [good],
  )
  assert.match(stderr, /^warning: cannot read the state of container .*\n$/)
  writeFileSync(file, text)
})

test('verbs refuse a state directory of another user', { skip }, (t) => {
  const site = openSite(t)
  const id = site.create()
  const dir = join(site.root, id)
  chownSync(dir, ORDINARY_USER, ORDINARY_USER)
  for (const words of [...VERBS, ['exec']]) {
    const rest = words[0] === 'exec' ? ['true'] : []
    const { code, stderr } = site.tsoci([...words, id, ...rest])
    assert.equal(code, words[0] === 'exec' ? 255 : 1)
    assert.match(stderr, /^error: cannot read the state of container .*EPERM/)
  }
  chownSync(dir, 0, 0)
})
