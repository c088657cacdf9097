// The engine in the executable, and Node in its place: which one runs, that both do the same, and that
// what lies in a bundle's directory or the caller's environment configures neither.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { draft, FRONT, openSite, whyNot } from './container.ts'

const TRAILER = 32 // struct image of native/engine_heap.c
const hasEngine =
  existsSync(FRONT) && readFileSync(FRONT).subarray(-TRAILER).includes('tsoci image')
const noEngine = hasEngine ? false : 'the build made no engine: it had no cargo'
const skip = whyNot()

const engines: [name: string, env: Record<string, string>, skip: string | false][] = [
  ['the engine', {}, skip || noEngine],
  ['Node', { TSOCI_ENGINE: 'node' }, skip],
]

/** A copy of the executable, beside a main.js for Node that says so and fails. */
function copyFront(t: TestContext): string {
  const copy = join(openSite(t).dir, 'dist')
  mkdirSync(copy)
  copyFileSync(FRONT, join(copy, 'tsoci'))
  writeFileSync(join(copy, 'main.js'), 'console.log("Node runs"); process.exit(3)')
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}')
  return join(copy, 'tsoci')
}

const call = (program: string, words: readonly string[], env: Record<string, string> = {}) =>
  spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 20_000 })

test('the engine is taken where the executable has one', { skip: noEngine }, (t) => {
  assert.match(call(copyFront(t), ['--version']).stdout, /^tsoci version/)
})

test('Node is taken where the executable has no engine', (t) => {
  const front = copyFront(t)
  writeFileSync(front, readFileSync(front).subarray(0, -TRAILER))
  const { stdout, status } = call(front, ['--version'])
  assert.deepEqual([stdout, status], ['Node runs\n', 3])
})

test('TSOCI_ENGINE=node takes Node', { skip: noEngine }, (t) => {
  const env = { TSOCI_ENGINE: 'node' }
  assert.equal(call(copyFront(t), ['--version'], env).stdout, 'Node runs\n')
})

test('the executable alone, without Node, does what engines call', {
  skip: skip || noEngine,
}, (t) => {
  const site = openSite(t)
  const alone = join(site.dir, 'alone')
  copyFileSync(FRONT, alone)
  const env = { PATH: '/nowhere', LANG: 'C' }
  const run = (...words: string[]) =>
    spawnSync(alone, ['--root', site.root, ...words], {
      encoding: 'utf8',
      env,
      timeout: 20_000,
      cwd: bundle,
      stdio: words[0] === 'create' ? 'ignore' : 'pipe',
    })
  const bundle = site.bundle(() => {}, draft(['sleep', '99']))
  const id = site.id()
  const process = join(site.dir, 'process.json')
  writeFileSync(
    process,
    JSON.stringify({ cwd: '/', args: ['/bin/true'], user: { uid: 0, gid: 0 } }),
  )
  const lines: (readonly string[])[] = [
    ['create', id],
    ['start', id],
    ['state', id],
    ['list'],
    ['list', '--format', 'json'],
    ['exec', id, 'true'],
    ['exec', '--process', process, id],
    ['ps', '--format', 'json', id],
    ['pause', id],
    ['resume', id],
    ['update', '--pids-limit', '50', id],
    ['events', '--stats', id],
    ['mounts', '--help'],
    ['features'],
    ['--version'],
    ['--help'],
    ['run', '--help'],
    ['kill', id, 'KILL'],
    ['delete', '--force', id],
  ]
  for (const line of lines) {
    const { status, stderr } = run(...line)
    assert.equal(status, 0, `${line.join(' ')}: ${stderr}`)
  }
  assert.match(run('state', id).stderr, /^error: container does not exist/)
  assert.match(run('run', '--bundel', 'x', id).stderr, /did you mean "--bundle"/)
  assert.match(run('doctor').stderr, /^error: .*Node\.js/)
})

test('both engines make the same plan of a bundle', { skip: skip || noEngine }, (t) => {
  const bundle = openSite(t).bundle((config) => {
    config.annotations = { name: 'ä☃𝄞' }
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
    }
  })
  const [first, second] = engines.map(([, env]) => call(FRONT, ['plan', '--bundle', bundle], env))
  assert.equal(first!.status, 0, first!.stderr)
  assert.equal(first!.stdout, second!.stdout)
})

for (const [name, env, why] of engines) {
  test(`a create with ${name} leaves no process but the init`, { skip: why }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(() => {}, draft(['sleep', '9']))
    const words = [FRONT, '--root', site.root, 'create', '-b', bundle, site.id()]
    // What is left over goes to the shell, which reaps nothing before it looks.
    const script = '"$@" && exec cat /proc/[0-9]*/stat'
    const shell = ['sh', '-c', script, 'sh', ...words]
    const { stdout, stderr } = call('unshare', ['-mpf', '--mount-proc', ...shell], env)
    const seen = [...stdout.matchAll(/^\d+ \((.*)\) (\S)/gm)].map(([, comm, state]) => [
      comm,
      state,
    ])
    assert.equal(seen.length, 2, `${stderr}${stdout}`)
    assert.ok(!seen.some(([, state]) => state === 'Z'), stdout)
  })
}

test('an engine without the memory it needs says so, and leaves nothing', {
  skip: skip || noEngine,
}, (t) => {
  const site = openSite(t)
  const log = join(site.dir, 'log')
  const words = ['--log', log, '--log-format', 'json', '--root', site.root]
  const run = [FRONT, ...words, 'run', '-b', site.bundle(), site.id()]
  for (const limit of ['3500', '4600', '5000', '6000']) {
    const { status, stderr } = call('sh', ['-c', 'ulimit -v "$0"; exec "$@"', limit, ...run])
    assert.notEqual(status, 0)
    assert.match(stderr, /memory|ENOMEM/, `ulimit -v ${limit}`)
  }
  assert.deepEqual(site.ids(), [])
})

const bait = (mark: string) => `require('fs').writeFileSync(${JSON.stringify(mark)}, 'caught')`

for (const [name, env, why] of engines) {
  test(`nothing in a bundle's directory configures ${name}`, { skip: why }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(
      (config) => {
        // So that libseccomp is asked, too.
        config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
        Object.assign(config, { unknown: true })
      },
      draft(['echo', 'ran']),
    )
    const mark = join(site.dir, 'mark')
    const script = join(bundle, 'bait.cjs')
    writeFileSync(script, bait(mark))
    writeFileSync(join(bundle, '.env'), `NODE_OPTIONS=--require=${script}\nTSOCI_CWD=/nowhere\n`)
    writeFileSync(join(bundle, 'tsconfig.json'), '{ not JSON')
    writeFileSync(join(bundle, 'package.json'), '{ not JSON')
    for (const name of ['koffi', 'fs', 'yargs']) {
      mkdirSync(join(bundle, 'node_modules', name), { recursive: true })
      writeFileSync(join(bundle, 'node_modules', name, 'index.js'), bait(mark))
    }
    for (const words of [
      ['run', site.id()],
      ['run', '-b', '.', site.id()],
    ]) {
      const { code, stdout, stderr } = site.tsoci(words, {
        cwd: bundle,
        env: { ...process.env, ...env },
      })
      assert.equal(code, 0, stderr)
      assert.equal(stdout, 'ran\n')
      assert.match(stderr, /"unknown" is ignored/)
      assert.equal(existsSync(mark), false)
    }
  })

  test(`the caller's environment configures ${name} in nothing`, { skip: why }, (t) => {
    const site = openSite(t)
    const mark = join(site.dir, 'mark')
    const script = join(site.dir, 'bait.cjs')
    writeFileSync(script, bait(mark))
    const hostile = {
      NODE_OPTIONS: `--require=${script}`,
      NODE_PATH: site.dir,
      LD_LIBRARY_PATH: site.dir,
      TSOCI_CWD: '/nowhere',
      TSOCI_PLAN_FD: '1',
      TSOCI_FAILURE_FD: '0',
    }
    // The bait does catch whoever takes it.
    call(process.execPath, ['-e', '0'], { NODE_OPTIONS: hostile.NODE_OPTIONS })
    assert.equal(existsSync(mark), true)
    rmSync(mark)
    const bundle = site.bundle(() => {}, draft(['echo', 'ran']))
    const options = { cwd: bundle, env: { ...process.env, ...hostile, ...env } }
    const { code, stdout, stderr } = site.tsoci(['run', site.id()], options)
    assert.deepEqual([code, stdout, stderr], [0, 'ran\n', ''])
    assert.equal(site.tsoci(['state', 'nobody'], options).code, 1)
    assert.equal(existsSync(mark), false)
  })
}

// The other tests of this directory run with the engine, where the build made one.
for (const file of ['lifecycle', 'exec', 'seccomp', 'foreground', 'hooks', 'bad-input']) {
  test(`${file}.test.ts passes with Node`, { skip: skip || noEngine, timeout: 240_000 }, () => {
    const path = fileURLToPath(new URL(`${file}.test.ts`, import.meta.url))
    const words = ['--import', 'tsx', '--test', path]
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const result = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      env: { ...env, TSOCI_ENGINE: 'node' },
    })
    assert.equal(result.status, 0, result.stdout)
    assert.match(result.stdout, /^# pass [1-9]|^ℹ pass [1-9]/m)
  })
}
