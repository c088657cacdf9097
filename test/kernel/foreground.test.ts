import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type Change,
  draft,
  dropNamespace,
  FRONT,
  isRunning,
  openSite,
  type Site,
  until,
  whyNot,
} from './container.ts'
import { listProcesses, viewHost } from './host-view.ts'

const skip = whyNot()

const noPid: Change = (config) => dropNamespace(config, 'pid')

const codes: [script: string, code: number, change?: Change][] = [
  ['exit 0', 0],
  ['exit 7', 7],
  ['exit 255', 255],
  ['kill -TERM $$', 143, noPid],
  ['kill -KILL $$', 137, noPid],
  ['sh -c "exit 9"', 9],
]

for (const [script, code, change] of codes) {
  test(`run ends with ${code} after ${script}, and leaves nothing`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    assert.equal(site.run(script, change).code, code)
    assert.deepEqual(viewHost(site), before)
  })
}

/** Starts tsoci and does not wait. */
function begin(site: Site, words: readonly string[]): ChildProcess & { output: () => string } {
  let output = ''
  const child = spawn(FRONT, ['--root', site.root, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TSOCI_TEST_SITE: site.dir },
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  return Object.assign(child, { output: () => output })
}

const exitOf = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.on('exit', resolve))

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const) {
  test(`run forwards ${signal}`, { skip }, async (t) => {
    const site = openSite(t)
    const name = signal.slice(3)
    const script = `trap 'echo got ${name}; exit 3' ${name}; echo ready; while :; do sleep 1000 & wait; done`
    const bundle = site.bundle(() => {}, draft(['sh', '-c', script]))
    const child = begin(site, ['run', '--bundle', bundle, site.id()])
    const exit = exitOf(child)
    await until('the trap', () => child.output().includes('ready'))
    child.kill(signal)
    assert.equal(await exit, 3)
    assert.equal(child.output(), `ready\ngot ${name}\n`)
  })
}

test('run reaps what the container leaves, and does not take its status', { skip }, (t) => {
  const { code } = openSite(t).run('(sleep 0; exit 5) & (exit 6) & wait; exit 4')
  assert.equal(code, 4)
})

test('run passes standard input on', { skip }, (t) => {
  const options = { stdio: ['pipe', 'pipe', 'pipe'] as const, input: 'some\nlines\n' }
  const { stdout } = openSite(t).run('cat', () => {}, { ...options, stdio: [...options.stdio] })
  assert.equal(stdout, 'some\nlines\n')
})

test('run --detach returns while the container runs', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
  })
  site.ok(['run', '--detach', '--bundle', bundle, id], { stdio: 'ignore' })
  assert.equal(site.state(id).status, 'running')
})

test('run without an id makes one', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
  })
  site.ok(['run', '--detach', '--bundle', bundle], { stdio: 'ignore' })
  const [id] = site.ids()
  assert.match(id!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  assert.equal(site.ok(['list', '-q']).trim(), id)
})

test('run --keep keeps the stopped container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle()
  site.ok(['run', '--keep', '--bundle', bundle, id])
  assert.equal(site.state(id).status, 'stopped')
  assert.equal(site.state(id).pid, 0)
  site.ok(['delete', id])
})

test('the pid file holds the pid and no newline', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const file = join(site.dir, 'pid')
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
  })
  site.ok(['create', '--pid-file', file, '--bundle', bundle, id], { stdio: 'ignore' })
  assert.equal(readFileSync(file, 'utf8'), String(site.state(id).pid))
  assert.deepEqual(readdirSync(site.dir).sort(), ['bundle-1', 'pid', 'state'])
})

test('the init is a child of whoever called the runtime', { skip }, (t) => {
  const site = openSite(t)
  const { pid } = site.state(site.create())
  const field = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  // This process is no subreaper, so it is whoever reaps orphans; not a process of the runtime.
  assert.doesNotMatch(readFileSync(`/proc/${field![1]}/cmdline`, 'utf8'), /tsoci:/)
  assert.equal(listProcesses(site).length, 1)
})

test('the state directory is for its owner alone', { skip }, (t) => {
  const site = openSite(t)
  const id = site.create()
  assert.equal(statSync(site.root).mode & 0o777, 0o700)
  assert.equal(statSync(join(site.root, id)).mode & 0o777, 0o700)
})

const TRAP = "trap 'exit 3' HUP; while :; do sleep 0.01; done"

for (const word of ['HUP', 'SIGHUP', 'hup', '1']) {
  test(`kill takes the signal as ${word}`, { skip }, async (t) => {
    const site = openSite(t)
    const id = site.start((config) => {
      noPid(config)
      config.process.args = ['sh', '-c', `${TRAP}`]
    })
    site.ok(['kill', id, word])
    await until('the end', () => site.state(id).status === 'stopped')
  })
}

test('kill without a signal sends TERM', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start(noPid)
  site.ok(['kill', id])
  await until('the end', () => site.state(id).status === 'stopped')
})

test('kill refuses what is no signal', { skip }, (t) => {
  const site = openSite(t)
  const id = site.create()
  for (const word of ['NOSUCH', '77', '-1', '0x9']) {
    assert.equal(site.tsoci(['kill', id, word]).code, 1, word)
  }
  assert.equal(site.state(id).status, 'created')
})

test('kill reaches the init alone, kill --all every process', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    noPid(config)
    config.process.args = [
      'sh',
      '-c',
      "trap '' TERM; (trap - TERM; sleep 1000) & sleep 1001 & wait; wait; exec sleep 1002",
    ]
  })
  await until(
    'three processes',
    () => listProcesses(site).filter((it) => it.includes('sleep')).length >= 2,
  )
  site.ok(['kill', '--all', id, 'KILL'])
  await until('the end of all', () => listProcesses(site).length === 0)
  assert.equal(site.state(id).status, 'stopped')
})

test('the end of the init of a pid namespace ends the others', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.args = ['sh', '-c', 'sleep 1000 & sleep 1001 & wait']
  })
  await until('three processes', () => listProcesses(site).length === 3)
  site.ok(['kill', id, 'KILL'])
  await until('the end of all', () => listProcesses(site).length === 0)
})

test('list shows what there is', { skip }, (t) => {
  const site = openSite(t)
  // A directory that was named by mistake must not look like one without containers.
  assert.match(site.tsoci(['list']).stderr, /--root does not exist/)
  mkdirSync(site.root)
  assert.deepEqual(JSON.parse(site.ok(['list', '--format', 'json'])) ?? [], [])
  const [first, second] = [site.create(), site.start()]
  const listed = JSON.parse(site.ok(['list', '--format', 'json']))
  assert.deepEqual(
    listed.map((it: { id: string; status: string }) => [it.id, it.status]),
    [
      [first, 'created'],
      [second, 'running'],
    ],
  )
})

test('a container in the foreground can be paused, resumed, and deleted by force', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const log = join(site.dir, 'log')
  const id = site.id()
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
    const args = ['sh', '-c', `echo once >> ${log}`]
    config.hooks = { poststop: [{ path: '/bin/sh', args }] }
  })
  const run = begin(site, ['run', '--bundle', bundle, id])
  const code = exitOf(run)
  await until('running', () => isRunning(site, id))
  site.ok(['pause', id])
  assert.equal(site.state(id).status, 'paused')
  site.ok(['resume', id])
  site.ok(['delete', '--force', id])
  assert.equal(await code, 137, run.output())
  assert.equal(readFileSync(log, 'utf8'), 'once\n')
  assert.deepEqual(viewHost(site), before)
})

test('run says that an interpreter is missing as the program would, and why in the log', {
  skip,
}, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['/run.sh']
  })
  writeFileSync(join(bundle, 'rootfs/run.sh'), '#!/no/such/shell\n', { mode: 0o755 })
  const log = join(site.dir, 'log')
  const { code, stderr } = site.tsoci(['--log', log, 'run', '--bundle', bundle, site.id()])
  assert.equal(code, 1)
  assert.equal(stderr, 'exec /run.sh: no such file or directory\n')
  assert.match(readFileSync(log, 'utf8'), /no such file or directory \(the interpreter/)
})
