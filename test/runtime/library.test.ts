// The library on the real kernel: containers started through koffi, without the command line.

import assert from 'node:assert/strict'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  create,
  exec,
  kill,
  list,
  type RunOptions,
  remove,
  run,
  start,
  state,
  TsociError,
} from '../../src/runtime/index.ts'
import { type Change, draft, openSite, type Site, until, whyNot } from '../kernel/container.ts'
import { viewHost } from '../kernel/host-view.ts'

const skip = whyNot()
const SIGTERM = 15
const SIGKILL = 9

/** Options for a container that runs a shell script. */
function shell(site: Site, script: string, change: Change = () => {}): RunOptions {
  return { root: site.root, bundle: site.bundle(change, draft(['sh', '-c', script])) }
}

/** Rejects with this code. */
async function refuses(code: string, work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof TsociError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  })
}

/** The init's parts come and go by themselves: nothing of the site is left, some moment soon. */
async function expectNothing(site: Site, before: ReturnType<typeof viewHost>): Promise<void> {
  await until('the processes to end', () => viewHost(site).processes.length === 0)
  assert.deepEqual(viewHost(site), before)
}

function openEmpty(t: TestContext): { site: Site; before: ReturnType<typeof viewHost> } {
  const site = openSite(t)
  return { site, before: viewHost(site) }
}

test('create(), start(), kill() and remove() lead through the life of a container', {
  skip,
}, async (t) => {
  const { site, before } = openEmpty(t)
  const { root } = site
  const id = site.id()
  const options = shell(site, 'exec sleep 1000')
  await create(id, options)
  const created = await state(id, { root })
  assert.equal(created.status, 'created')
  assert.equal(created.bundle, options.bundle)
  assert.ok(created.pid! > 0)
  await start(id, { root })
  assert.deepEqual(await state(id, { root }), { ...created, status: 'running' })
  await kill(id, SIGKILL, { root })
  await untilStatus(site, id, 'stopped')
  const stopped = await state(id, { root })
  assert.deepEqual([stopped.status, stopped.pid], ['stopped', 0])
  await remove(id, { root })
  await refuses('NOT_FOUND', state(id, { root }))
  await expectNothing(site, before)
})

const statuses: [script: string, status: number][] = [
  ['exit 0', 0],
  ['exit 7', 7],
  ['exit 255', 255],
]
for (const [script, status] of statuses) {
  test(`run() resolves with ${status} for: ${script}`, { skip }, async (t) => {
    const { site, before } = openEmpty(t)
    assert.equal(await run(site.id(), shell(site, script)), status)
    await expectNothing(site, before)
  })
}

test('run() resolves with 128 + n when signal n ended the container', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const id = site.id()
  const ended = run(id, shell(site, 'trap "" TERM; exec sleep 1000'))
  await until('the container to run', () => existsSync(join(site.root, id, 'state.json')))
  await untilStatus(site, id, 'running')
  await kill(id, SIGKILL, { root: site.root })
  assert.equal(await ended, 128 + SIGKILL)
})

async function untilStatus(site: Site, id: string, status: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    if ((await state(id, { root: site.root })).status === status) return
    assert.ok(Date.now() < deadline, `waited for status ${status}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

test('run() resolves at once when detached', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const id = site.id()
  assert.equal(await run(id, { ...shell(site, 'exec sleep 1000'), detach: true }), 0)
  assert.equal((await state(id, { root: site.root })).status, 'running')
})

test('run() keeps a container that has ended when asked to', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const id = site.id()
  assert.equal(await run(id, { ...shell(site, 'exit 3'), keep: true }), 3)
  assert.equal((await state(id, { root: site.root })).status, 'stopped')
})

test('run() makes an id when it is given none', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  assert.equal(await run(undefined, shell(site, 'exit 4')), 4)
  assert.deepEqual(viewHost(site).state, before.state)
})

test('run() waits for several containers side by side', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const runs = [1, 2, 3, 4, 5, 6].map((n) => run(site.id(), shell(site, `exit ${n}`)))
  assert.deepEqual(await Promise.all(runs), [1, 2, 3, 4, 5, 6])
  await expectNothing(site, before)
})

test('create() writes the pid file', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const id = site.id()
  const pidFile = join(site.dir, 'pid')
  await create(id, { ...shell(site, 'true'), pidFile })
  const { pid } = await state(id, { root: site.root })
  assert.equal(readFileSync(pidFile, 'utf8'), String(pid))
})

test('list() has the containers by id', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  await assert.rejects(list({ root }), { code: 'BAD_USAGE' })
  mkdirSync(root)
  assert.deepEqual(await list({ root }), [])
  const ids = [site.id(), site.id()]
  for (const id of ids) await create(id, shell(site, 'exec sleep 1000'))
  await start(ids[0]!, { root })
  const found = (await list({ root })).map(({ id, status }) => [id, status])
  assert.deepEqual(found, [
    [ids[0], 'running'],
    [ids[1], 'created'],
  ])
})

test('verbs refuse a container that does not exist', { skip }, async (t) => {
  const { root } = openSite(t)
  await refuses('NOT_FOUND', state('none', { root }))
  await refuses('NOT_FOUND', start('none', { root }))
  await refuses('NOT_FOUND', kill('none', SIGTERM, { root }))
  await refuses('NOT_FOUND', remove('none', { root }))
  await remove('none', { root, force: true })
})

test('verbs refuse what is no id', { skip }, async (t) => {
  const { root } = openSite(t)
  for (const id of ['', '.', '..', 'a/b', '../x', 'a b', 'x'.repeat(256)]) {
    await refuses('BAD_USAGE', create(id, { root }))
    await refuses('BAD_USAGE', state(id, { root }))
    await refuses('BAD_USAGE', remove(id, { root, force: true }))
  }
})

test('verbs refuse a status that is not theirs', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  const id = site.id()
  const options = shell(site, 'exec sleep 1000')
  await create(id, options)
  await refuses('EXISTS', create(id, options))
  await refuses('EXISTS', run(id, options))
  await start(id, { root })
  await refuses('WRONG_STATUS', start(id, { root }))
  await refuses('WRONG_STATUS', remove(id, { root }))
  await kill(id, SIGKILL, { root })
  await untilStatus(site, id, 'stopped')
  await refuses('NOT_RUNNING', kill(id, SIGTERM, { root }))
  await refuses('WRONG_STATUS', start(id, { root }))
})

test('create() refuses a bundle that is none, and leaves nothing', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const { root } = site
  const bad = (change: Change) => ({ root, bundle: site.bundle(change) })
  const cases: [code: string, options: RunOptions][] = [
    ['BAD_BUNDLE', { root, bundle: join(site.dir, 'missing') }],
    ['BAD_CONFIG', bad((config) => Object.assign(config, { hostname: 7 }))],
    ['BAD_CONFIG', bad((config) => config.linux.namespaces.push({ type: 'uts' }))],
    ['NOT_SUPPORTED', bad((config) => Object.assign(config, { vm: { kernel: { path: '/k' } } }))],
    ['LAUNCH_FAILED', bad((config) => config.process.args.splice(0, 1, '/missing'))],
    [
      'LAUNCH_FAILED',
      bad((config) => {
        config.hooks = { createRuntime: [{ path: '/bin/false' }] }
      }),
    ],
  ]
  for (const [code, options] of cases) await refuses(code, create(site.id(), options))
  await expectNothing(site, before)
})

test('create() tells warnings about the config', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const pointers: string[] = []
  const options = shell(site, 'true', (config) => Object.assign(config, { hostnme: 'x' }))
  const onWarning = (problem: { pointer: string }) => pointers.push(problem.pointer)
  await create(site.id(), { ...options, onWarning })
  assert.deepEqual(pointers, ['/hostnme'])
})

test('run() does nothing when its signal has fired before', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const options = { ...shell(site, 'true'), signal: AbortSignal.abort() }
  await assert.rejects(run(site.id(), options))
  await expectNothing(site, before)
})

test('run() ends and removes the container when its signal fires', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const id = site.id()
  const abort = new AbortController()
  const options = { ...shell(site, 'sleep 1000 & exec sleep 1000'), signal: abort.signal }
  const ended = run(id, options)
  await until('the container to run', () => existsSync(join(site.root, id, 'state.json')))
  await untilStatus(site, id, 'running')
  abort.abort()
  await refuses('ABORTED', ended)
  await expectNothing(site, before)
})

test('create() puts all back when its signal fires at any moment', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const options = shell(site, 'exec sleep 1000', (config) => {
    config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '0.02'] }] }
  })
  for (let delay = 0; delay < 60; delay += 4) {
    const id = site.id()
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(), delay)
    const ended = await create(id, { ...options, signal: abort.signal }).catch((error) => error)
    clearTimeout(timer)
    if (ended === undefined) await remove(id, { root: site.root, force: true })
    else assert.equal(ended.code, 'ABORTED', String(ended))
    await expectNothing(site, before)
  }
})

test('a container has nothing of the process that made it', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const id = site.id()
  const options = shell(site, 'exec sleep 1000')
  await create(id, options)
  const { pid } = await state(id, { root: site.root })
  assert.match(readlinkSync(`/proc/${pid}/exe`), /^\/(memfd:.*)?$/)
  assert.doesNotMatch(readFileSync(`/proc/${pid}/maps`, 'utf8'), /node|koffi|libtsoci/)
  await start(id, { root: site.root })
  assert.deepEqual(readdirSync(`/proc/${pid}/fd`), ['0', '1', '2'])
})

test('run() gives the container the descriptors that it is told, in their order', {
  skip,
}, async (t) => {
  const { site } = openEmpty(t)
  const open = (name: string, flags: string) => {
    const fd = openSync(join(site.dir, name), flags)
    t.after(() => closeSync(fd))
    return fd
  }
  for (const name of ['in', 'first', 'second']) writeFileSync(join(site.dir, name), `${name}\n`)
  const script = 'cat; cat <&4; cat <&3; echo $LISTEN_FDS; ls /proc/self/fd | wc -w; echo bad >&2'
  const first = open('first', 'r')
  const status = await run(site.id(), {
    ...shell(site, script),
    stdio: [open('in', 'r'), open('out', 'w'), open('error', 'w')],
    listenFds: [open('second', 'r')],
    preserveFds: [first],
  })
  assert.equal(status, 0)
  // 0 to 4, and that of the directory that ls reads.
  assert.equal(readFileSync(join(site.dir, 'out'), 'utf8'), 'in\nfirst\nsecond\n1\n6\n')
  assert.equal(readFileSync(join(site.dir, 'error'), 'utf8'), 'bad\n')
})

test('exec() gives the process the descriptors that it is told', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  const id = site.id()
  await run(id, { ...shell(site, 'exec sleep 1000'), detach: true })
  const file = join(site.dir, 'given')
  writeFileSync(file, 'given\n')
  const [given, out] = [openSync(file, 'r'), openSync(join(site.dir, 'out'), 'w')]
  t.after(() => {
    for (const fd of [given, out]) closeSync(fd)
  })
  const options = { root, preserveFds: [given], stdio: [0, out, 2] as const }
  assert.equal(await exec(id, { ...options, args: ['sh', '-c', 'cat <&3; exit 5'] }), 5)
  assert.equal(readFileSync(join(site.dir, 'out'), 'utf8'), 'given\n')
})

test('run() refuses a descriptor that is not open', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  await refuses('LAUNCH_FAILED', run(site.id(), { ...shell(site, 'true'), preserveFds: [9999] }))
  await expectNothing(site, before)
})

test('run() holds no thread that node needs', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  const ids = [1, 2, 3, 4, 5, 6].map(() => site.id())
  const ended = ids.map((id) => run(id, shell(site, 'exec sleep 1000')))
  for (const id of ids) {
    await until('the container to run', () => existsSync(join(root, id, 'state.json')))
    await untilStatus(site, id, 'running')
  }
  // All of libuv's threads are free for it: there are four, and six containers run.
  assert.ok((await readFile('/proc/self/comm')).length > 0)
  for (const id of ids) await kill(id, SIGKILL, { root })
  assert.deepEqual(await Promise.all(ended), Array(6).fill(128 + SIGKILL))
})

test('create() gives up when its deadline is over', { skip }, async (t) => {
  const { site, before } = openEmpty(t)
  const options = shell(site, 'true', (config) => {
    config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '100'] }] }
  })
  await assert.rejects(create(site.id(), { ...options, deadline: 1 }), /did not end within 1 s/)
  await expectNothing(site, before)
})

test('verbs write their steps to the trace', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  const id = site.id()
  const trace = join(site.dir, 'trace')
  await create(id, { ...shell(site, 'exec sleep 1000'), trace })
  const made = readFileSync(trace, 'utf8')
  assert.match(made, /"pivot-root"/)
  await remove(id, { root, force: true, trace })
  assert.match(readFileSync(trace, 'utf8').slice(made.length), /"section":"delete"/)
})

test('start() tells which step of the stored plan has failed', { skip }, async (t) => {
  const { site } = openEmpty(t)
  const { root } = site
  const id = site.id()
  const options = shell(site, 'true', (config) => {
    config.hooks = { startContainer: [{ path: '/bin/false' }] }
  })
  await create(id, options)
  const words = /startContainer hook #0: hook "\/bin\/false" failed: exit status 1/
  await assert.rejects(start(id, { root }), words)
})
