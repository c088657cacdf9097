// Checkpoint and restore, by a real CRIU. What takes another kernel is in test/vm/checkpoint.test.ts.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Change, FRONT, openSite, type Site, until, whyNot } from './container.ts'
import { findCriu } from './criu.ts'
import { listProcesses, viewHost } from './host-view.ts'

const criu = findCriu()
const skip = whyNot() || (typeof criu === 'string' ? criu : false)
const PROGRAM = typeof criu === 'string' ? [] : ['--criu', criu.program]

const COUNT = 'i=0; while :; do i=$((i+1)); echo $i >/tmp/count; sleep 0.05; done'

/** A container that counts in a tmpfs, so that its memory and its files go into the images. */
const counts: Change = (config) => {
  config.process.args = ['sh', '-c', COUNT]
  config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
}

const count = (site: Site, id: string) => Number(site.ok(['exec', id, 'cat', '/tmp/count']))

class Images {
  readonly dir: string
  readonly #site: Site

  constructor(site: Site) {
    this.#site = site
    this.dir = join(site.dir, 'images')
  }

  save(id: string, ...flags: string[]) {
    return this.#site.tsoci([...PROGRAM, 'checkpoint', '--image-path', this.dir, ...flags, id])
  }

  /** In the background unless told otherwise: CRIU hands our standard streams to the container. */
  restore(id: string, bundle: string, flags: string[] = ['--detach']) {
    const words = ['restore', '--image-path', this.dir, '--bundle', bundle, ...flags, id]
    // A file, not a pipe, for errors: the container keeps it open.
    const log = join(this.#site.dir, 'restore.stderr')
    const fd = openSync(log, 'w+')
    const { code } = this.#site.tsoci([...PROGRAM, ...words], { stdio: ['ignore', fd, fd] })
    closeSync(fd)
    return { code, stderr: readFileSync(log, 'utf8') }
  }
}

function assertOk({ code, stderr }: { code: number | null; stderr: string }): void {
  assert.equal(code, 0, stderr)
}

test('checkpoint takes a container away, restore brings it back as it was', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const images = new Images(site)
  const id = site.start((config) => {
    counts(config)
    config.linux.resources.pids = { limit: 50 }
  })
  const { bundle } = site.state(id)
  await until('a count', () => count(site, id) > 2)
  const then = count(site, id)
  assertOk(images.save(id))
  assert.deepEqual(viewHost(site), before)
  assertOk(images.restore(id, bundle))
  assert.equal(site.state(id).status, 'running')
  assert.ok(count(site, id) >= then)
  const now = count(site, id)
  await until('the count going on', () => count(site, id) > now)
  assert.equal(readFileSync(join(site.cgroup(id, 'pids'), 'pids.max'), 'utf8'), '50\n')
  assert.match(site.ok(['exec', id, 'ps']), /sh -c i=0/)
  site.ok(['pause', id])
  assert.equal(site.state(id).status, 'paused')
  site.ok(['resume', id])
  site.ok(['kill', id, 'KILL'])
  await until('its end', () => site.state(id).status === 'stopped')
  site.ok(['delete', id])
  assert.deepEqual(viewHost(site), before)
})

test('checkpoint --leave-running lets the container go on', { skip }, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { pid } = site.state(id)
  assertOk(images.save(id, '--leave-running'))
  assert.equal(site.state(id).pid, pid)
  assert.equal(site.state(id).status, 'running')
})

test('checkpoint of a paused container leaves it paused', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start(counts)
  site.ok(['pause', id])
  assertOk(new Images(site).save(id, '--leave-running'))
  assert.equal(site.state(id).status, 'paused')
})

test('restore mounts what came from outside: binds in binds, files, by way of links', {
  skip,
}, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const outer = join(site.dir, 'outer')
  const inner = join(site.dir, 'inner')
  for (const dir of [outer, inner]) mkdirSync(dir)
  writeFileSync(join(inner, 'file'), 'from inside\n')
  const id = site.start((config) => {
    counts(config)
    const options = ['rbind']
    config.mounts.push({ destination: '/outer', source: outer, options })
    config.mounts.push({ destination: '/outer/deep/inner', source: inner, options })
    config.mounts.push({ destination: '/link', source: inner, options })
    config.mounts.push({ destination: '/one', source: join(inner, 'file'), options })
    symlinkSync('/etc', join(site.dir, 'bundle-1/rootfs/link'))
  })
  const { bundle } = site.state(id)
  assertOk(images.save(id))
  rmSync(join(outer, 'deep'), { recursive: true })
  assertOk(images.restore(id, bundle))
  const read = ['cat', '/outer/deep/inner/file', '/etc/file', '/one']
  assert.equal(site.ok(['exec', id, ...read]), 'from inside\n'.repeat(3))
})

test('restore joins the network namespace that the config names', {
  skip: skip || whyNot('ip'),
}, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const name = `tsoci-${process.pid}`
  const ip = (...args: string[]) => spawnSync('ip', ['netns', ...args]).status
  if (ip('add', name) !== 0) return t.skip('ip netns add does not work here')
  site.atClose(() => ip('delete', name))
  const path = `/run/netns/${name}`
  const id = site.start((config) => {
    counts(config)
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network')
    config.linux.namespaces.push({ type: 'network', path })
  })
  const { bundle } = site.state(id)
  assertOk(images.save(id))
  assertOk(images.restore(id, bundle))
  assert.equal(statSync(`/proc/${site.state(id).pid}/ns/net`).ino, statSync(path).ino)
})

test('restore in the foreground ends as the container does, and deletes it', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const images = new Images(site)
  const id = site.start((config) => {
    config.process.args = ['sh', '-c', 'until test -e /tmp/go; do sleep 0.05; done; exit 7']
  })
  const { bundle } = site.state(id)
  assertOk(images.save(id))
  writeFileSync(join(bundle, 'rootfs/tmp/go'), '')
  assert.equal(images.restore(id, bundle, []).code, 7)
  assert.deepEqual(viewHost(site), before)
})

test('restore under another id uses its own cgroups', { skip }, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle } = site.state(id)
  assertOk(images.save(id))
  const other = site.id()
  assertOk(images.restore(other, bundle, ['--detach', '--manage-cgroups-mode', 'ignore']))
  assert.equal(site.state(other).status, 'running')
  const { pid } = site.state(other)
  assert.match(readFileSync(`/proc/${pid}/cgroup`, 'utf8'), new RegExp(`/${other}$`, 'm'))
})

test('restore of damaged images tells what CRIU says, and leaves nothing', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle } = site.state(id)
  assertOk(images.save(id))
  writeFileSync(join(images.dir, 'inventory.img'), 'damaged')
  const words = ['restore', '--image-path', images.dir, '--bundle', bundle, '--detach', id]
  const { code, stderr } = site.tsoci([...PROGRAM, ...words])
  assert.equal(code, 1)
  assert.match(stderr, /^error: criu failed to restore: .*Magic doesn't match for inventory\.img/)
  assert.match(stderr, /hint: CRIU's whole log is in .*restore\.log/)
  assert.deepEqual(viewHost(site), before)
})

test('checkpoint --file-locks takes locks along, and refuses them without', {
  skip: skip || whyNot('flock'),
}, async (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start((config) => {
    // Busybox may be without it.
    for (const source of ['/usr', '/lib', '/lib64'].filter(existsSync)) {
      config.mounts.push({ destination: source, source, options: ['rbind', 'ro'] })
    }
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
    config.process.args = ['/usr/bin/flock', '/tmp/lock', '/bin/sleep', '1000']
  })
  const attempt = ['/usr/bin/flock', '-n', '/tmp/lock', '/bin/true']
  const isLocked = () => site.tsoci(['exec', id, ...attempt]).code === 1
  await until('the lock', isLocked)
  assert.equal(images.save(id).code, 1)
  assertOk(images.save(id, '--file-locks'))
})

test('checkpoint and restore hand their other flags to CRIU', { skip }, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle } = site.state(id)
  const work = join(site.dir, 'work')
  const both = ['--tcp-established', '--ext-unix-sk', '--file-locks', '--link-remap']
  const shared = [...both, '--network-lock', 'skip', '--work-path', work]
  const context = ['--lsm-mount-context', 'none']
  assertOk(images.save(id, ...shared, '--shell-job', '--tcp-skip-in-flight', ...context))
  assert.ok(existsSync(join(work, 'dump.log')))
  const own = ['--tcp-close', '--auto-dedup', '--no-pivot', '--no-subreaper']
  assertOk(images.restore(id, bundle, ['--detach', ...shared, ...own]))
  assert.ok(existsSync(join(work, 'restore.log')))
  assert.equal(site.state(id).status, 'running')
})

test('checkpoint --empty-ns leaves the network out, restore makes an empty one', { skip }, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle } = site.state(id)
  const empty = ['--empty-ns', 'network']
  assertOk(images.save(id, ...empty))
  assertOk(images.restore(id, bundle, ['--detach', ...empty]))
  assert.match(site.ok(['exec', id, 'cat', '/proc/net/dev']), /\blo:/)
})

const noRoot = whyNot()
test('restore without images says so', { skip: noRoot }, (t) => {
  const site = openSite(t)
  const words = ['restore', '--image-path', '/nowhere', '--bundle', site.bundle(), site.id()]
  const { code, stderr } = site.tsoci(words)
  assert.equal(code, 1)
  assert.match(stderr, /^error: no images of a checkpoint in "\/nowhere"\nhint: /)
  assert.deepEqual(site.ids(), [])
})

test('checkpoint without CRIU says what to install', { skip: noRoot }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { code, stderr } = site.tsoci(['checkpoint', '--image-path', join(site.dir, 'i'), id], {
    env: { PATH: '/nowhere' },
  })
  assert.equal(code, 1)
  assert.match(stderr, /^error: cannot find criu in PATH\nhint: install CRIU/)
  assert.equal(site.state(id).status, 'running')
})

test('checkpoint refuses a parent that is not there', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const parent of ['/absolute', '../missing']) {
    const { code, stderr } = new Images(site).save(id, '--parent-path', parent)
    assert.equal(code, 1)
    assert.match(stderr, /^error: --parent-path ".*": /)
  }
})

/** A port that nobody listens on. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Why CRIU's page server does not get the pipe it needs; false when it does. */
function whyNoPageServer(log: string): string | false {
  const failed = existsSync(log) && /page-pipe: splice: -1/.test(readFileSync(log, 'utf8'))
  return failed && "CRIU's page server needs CAP_SYS_RESOURCE, or a larger fs.pipe-max-size"
}

const IGNORE = ['--manage-cgroups-mode', 'ignore']

interface Begun {
  readonly child: ChildProcess
  readonly ended: Promise<[number | null]>
}

function begin(
  t: TestContext,
  [program, ...args]: readonly [string, ...string[]],
  stdio: ('ignore' | 'pipe')[],
): Begun {
  const child = spawn(program, args, { stdio })
  t.after(() => child.kill('SIGKILL'))
  return { child, ended: once(child, 'exit') as Promise<[number | null]> }
}

/** A checkpoint whose memory is still here, for whoever asks at the port. */
async function beginServing(t: TestContext, site: Site, images: Images, id: string, port: number) {
  mkdirSync(images.dir)
  const server = ['--page-server', `127.0.0.1:${port}`, '--status-fd', '3']
  const words = ['checkpoint', '--image-path', images.dir, '--lazy-pages', ...server, id]
  const saving = begin(
    t,
    [FRONT, '--root', site.root, ...PROGRAM, ...words, ...IGNORE],
    ['ignore', 'ignore', 'ignore', 'pipe'],
  )
  const [ready] = (await once(saving.child.stdio[3]!, 'data')) as [Buffer]
  assert.deepEqual([...ready], [0])
  return saving
}

test('a container whose memory is served can be deleted meanwhile', { skip }, async (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const before = viewHost(site)
  const id = site.start(counts)
  const saving = await beginServing(t, site, images, id, await findPort())
  site.ok(['--deadline', '10', 'delete', '--force', id])
  assert.deepEqual(site.ids(), [])
  saving.child.kill('SIGKILL')
  await saving.ended
  await until('the end of CRIU', () => listProcesses(site).length === 0)
  assert.deepEqual(viewHost(site), before)
})

test('checkpoint --lazy-pages serves the memory, and tells --status-fd when', {
  skip,
  timeout: 90_000,
}, async (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle } = site.state(id)
  await until('a count', () => count(site, id) > 2)
  const then = count(site, id)
  const port = await findPort()
  const saving = await beginServing(t, site, images, id, port)
  assert.ok(existsSync(join(images.dir, 'inventory.img')))
  // Memory is still here, and the processes stand still.
  assert.equal(site.state(id).status, 'running')
  const program = PROGRAM[1] ?? 'criu'
  const from = ['--page-server', '--address', '127.0.0.1', '--port', String(port)]
  const daemon = begin(
    t,
    [program, 'lazy-pages', ...from, '-D', images.dir],
    ['ignore', 'ignore', 'ignore'],
  )
  await until('the daemon', () => existsSync(join(images.dir, 'lazy-pages.socket')))
  const other = site.id()
  const { code, stderr } = images.restore(other, bundle, ['--detach', '--lazy-pages', ...IGNORE])
  const [saved] = await saving.ended
  const reason = whyNoPageServer(join(images.dir, 'dump.log'))
  if (reason !== false) {
    // What could not be handed over is where it was.
    const now = count(site, id)
    await until('the count going on', () => count(site, id) > now)
    return t.skip(reason)
  }
  assertOk({ code, stderr })
  assert.equal(saved, 0)
  await daemon.ended
  assert.ok(!site.ids().includes(id))
  assert.ok(count(site, other) >= then)
})

test('checkpoint --pre-dump leaves the container running, and --parent-path takes less', {
  skip: skip || whyNoDirtyTracking(),
}, (t) => {
  const site = openSite(t)
  const images = new Images(site)
  const id = site.start(counts)
  const { bundle, pid } = site.state(id)
  const before = join(site.dir, 'before')
  const words = ['checkpoint', '--image-path', before, '--pre-dump', id]
  assertOk(site.tsoci([...PROGRAM, ...words]))
  assert.equal(site.state(id).pid, pid)
  const then = count(site, id)
  assertOk(images.save(id, '--parent-path', '../before'))
  assert.ok(existsSync(join(images.dir, 'parent')))
  assertOk(images.restore(id, bundle))
  assert.ok(count(site, id) >= then)
})

function whyNoDirtyTracking(): string | false {
  if (skip) return skip
  const args = ['check', '--feature', 'mem_dirty_track']
  const { status } = spawnSync(PROGRAM[1] ?? 'criu', args)
  return status !== 0 && 'this kernel does not track dirty memory (CONFIG_MEM_SOFT_DIRTY)'
}
