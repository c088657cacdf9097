import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Hook } from '../../src/spec/config.ts'
import {
  type Change,
  type Draft,
  FRONT,
  openSite,
  readText,
  type Site,
  until,
  whyNot,
} from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

const NAMES = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const
type Name = (typeof NAMES)[number]

/** A hook that is a shell script: of the host, or of the container. */
const hook = (script: string, more: Partial<Hook> = {}): Hook => {
  return { path: '/bin/sh', args: ['sh', '-c', script], ...more }
}

const set = (config: Draft, args: string[]) => {
  config.process.args = args
}

/** Where the hooks write: the same path inside and outside. */
function shareLog(site: Site, config: Draft): string {
  const dir = join(site.dir, 'log')
  mkdirSync(dir, { recursive: true })
  config.mounts.push({ destination: '/log', source: dir, options: ['bind'] })
  return dir
}

test('all hooks run in order, each with the state on standard input', { skip }, async (t) => {
  const site = openSite(t)
  let log = ''
  const id = site.create((config) => {
    log = shareLog(site, config)
    config.annotations = { 'org.example.key': 'value "quoted"' }
    config.hooks = Object.fromEntries(
      NAMES.map((name) => {
        const dir = name === 'startContainer' ? '/log' : log
        return [
          name,
          [1, 2].map((i) => hook(`cat > ${dir}/${name}${i}; echo ${name}${i} >> ${dir}/order`)),
        ]
      }),
    )
  })
  const order = () => (readText(join(log, 'order')) ?? '').trim().split('\n')
  const twice = (...names: Name[]) => names.flatMap((name) => [`${name}1`, `${name}2`])
  assert.deepEqual(order(), twice('prestart', 'createRuntime', 'createContainer'))
  const { pid, bundle } = site.state(id)
  site.ok(['start', id])
  assert.deepEqual(order(), twice(...NAMES.slice(0, 5)))
  site.ok(['kill', id, 'KILL'])
  await until('the end', () => site.state(id).status === 'stopped')
  site.ok(['delete', id])
  assert.deepEqual(order(), twice(...NAMES))
  const statuses = ['created', 'created', 'created', 'created', 'running', 'stopped']
  for (const [i, name] of NAMES.entries()) {
    const state = JSON.parse(readFileSync(join(log, `${name}1`), 'utf8'))
    const expected = { ociVersion: '1.3.0', id, status: statuses[i], bundle }
    const annotations = { 'org.example.key': 'value "quoted"' }
    const inside = name === 'createContainer' || name === 'startContainer'
    const withPid = name === 'poststop' ? {} : { pid: inside ? 1 : pid }
    assert.deepEqual(state, { ...expected, ...withPid, annotations }, name)
  }
})

test('hooks run where the specification says', { skip }, (t) => {
  const site = openSite(t)
  let log = ''
  const show = 'for it in mnt pid; do readlink /proc/self/ns/$it; done'
  const id = site.create((config) => {
    log = shareLog(site, config)
    config.hooks = {
      createRuntime: [hook(`${show} > ${log}/createRuntime`)],
      createContainer: [
        hook(`readlink /proc/self/ns/mnt > ${log}/createContainer; ls / > ${log}/root`),
      ],
      startContainer: [hook(`${show} > /log/startContainer; ls / > /log/inside`)],
    }
  })
  const { pid } = site.state(id)
  site.ok(['start', id])
  const read = (name: string) => readFileSync(join(log, name), 'utf8').trim().split('\n')
  const links = (of: number | string) =>
    ['mnt', 'pid'].map((type) => readlinkSync(`/proc/${of}/ns/${type}`))
  assert.deepEqual(read('createRuntime'), links('self'))
  assert.deepEqual(read('createContainer'), links(pid).slice(0, 1))
  assert.deepEqual(read('startContainer'), links(pid))
  // Before the pivot the root is the host's.
  const host = readdirSync('/').filter((name) => !name.startsWith('.'))
  assert.deepEqual(read('root').sort(), host.sort())
  assert.ok(read('inside').includes('log'))
})

test('a hook has the environment that it brings, or the one of the runtime', { skip }, (t) => {
  const site = openSite(t)
  let log = ''
  site.create(
    (config) => {
      log = shareLog(site, config)
      config.hooks = {
        createRuntime: [
          hook(`env > ${log}/own`, { env: ['A=1', 'PATH=/bin:/usr/bin'] }),
          hook(`env > ${log}/inherited`),
        ],
      }
    },
    { env: { PATH: '/usr/bin:/bin', OF_CALLER: 'yes' } },
  )
  const own = readFileSync(join(log, 'own'), 'utf8')
  assert.match(own, /^A=1$/m)
  assert.doesNotMatch(own, /OF_CALLER/)
  const inherited = readFileSync(join(log, 'inherited'), 'utf8')
  assert.match(inherited, /^OF_CALLER=yes$/m)
  assert.doesNotMatch(inherited, /^A=1$|TSOCI_/m)
})

for (const name of ['prestart', 'createRuntime', 'createContainer'] as const) {
  test(`a failing ${name} hook fails create, poststop runs, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const log = join(site.dir, 'poststop')
    const bundle = site.bundle((config) => {
      config.hooks = {
        [name]: [hook('echo the reason >&2; exit 3')],
        // What it says must not take the place of the reason.
        poststop: [hook(`cat >> ${log}; echo other words >&2; exit 4`)],
      }
    })
    const id = site.id()
    const { code, stderr } = site.tsoci(['create', '--bundle', bundle, id])
    assert.equal(code, 1)
    assert.match(stderr, /^warning: poststop hook .*exit status 4: other words$/m)
    assert.match(
      stderr,
      new RegExp(`^error: .*exit status 3.*the reason.*\\[/hooks/${name}/0\\]`, 'm'),
    )
    const state = JSON.parse(readFileSync(log, 'utf8')) // once
    assert.deepEqual([state.id, state.status, state.pid], [id, 'stopped', undefined])
    assert.deepEqual(viewHost(site), before)
  })
}

for (const name of ['startContainer', 'poststart'] as const) {
  for (const verb of ['start', 'run', 'run --detach', 'run --keep']) {
    test(`a failing ${name} hook fails ${verb}, poststop runs, and nothing is left`, {
      skip,
    }, (t) => {
      const site = openSite(t)
      const before = viewHost(site)
      const log = join(site.dir, 'poststop')
      const change: Change = (config) => {
        config.process.args = ['sleep', '1000']
        config.hooks = {
          [name]: [hook('echo the reason >&2; exit 3')],
          poststop: [hook(`cat >> ${log}`)],
        }
      }
      const words =
        verb === 'start'
          ? ['start', site.create(change)]
          : [...verb.split(' '), '--bundle', site.bundle(change), site.id()]
      const { code, stderr } = site.tsoci(words)
      assert.equal(code, 1)
      assert.match(
        stderr,
        new RegExp(
          `^error: error running ${name} hook #0: .*exit status 3: the reason.*\\[/hooks/${name}/0\\]`,
        ),
      )
      assert.equal(JSON.parse(readFileSync(log, 'utf8')).status, 'stopped')
      assert.deepEqual(viewHost(site), before)
    })
  }
}

// What the hooks have set up is theirs to take down, whatever it was that failed.
const laterFailures: [what: string, change: Change, words?: string[]][] = [
  ['a program that is missing', (config) => set(config, ['/no/such'])],
  [
    'a limit that the kernel refuses',
    (config) => {
      config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 1, hard: 2 ** 40 }]
    },
  ],
  ['a program of another machine', (config) => set(config, ['/etc/passwd.bin']), ['run']],
]

for (const [what, change, [verb] = ['create']] of laterFailures) {
  test(`after ${what} the poststop hook undoes what the hooks did`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const mark = join(site.dir, 'mark')
    const bundle = site.bundle((config) => {
      config.hooks = {
        createRuntime: [hook(`touch ${mark}`)],
        poststop: [hook(`rm ${mark}; touch ${mark}.gone`)],
      }
      change(config)
    })
    writeFileSync(join(bundle, 'rootfs/etc/passwd.bin'), '\x7fELF', { mode: 0o755 })
    const { code, stderr } = site.tsoci([verb!, '--bundle', bundle, site.id()])
    assert.equal(code, 1, stderr)
    assert.doesNotMatch(stderr, /hook/)
    assert.deepEqual([existsSync(mark), existsSync(`${mark}.gone`)], [false, true], stderr)
    assert.deepEqual(viewHost(site), before)
  })
}

test('without a container there is nothing for poststop to undo', { skip }, (t) => {
  const site = openSite(t)
  const mark = join(site.dir, 'mark')
  const { code } = site.run('true', (config) => {
    config.mounts.push({ destination: '/x', type: 'bind', source: '/no/such', options: ['bind'] })
    config.hooks = { createRuntime: [hook('true')], poststop: [hook(`touch ${mark}`)] }
  })
  assert.equal(code, 1)
  assert.ok(!existsSync(mark))
})

test('a create that is interrupted runs poststop to its end', { skip }, async (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const mark = join(site.dir, 'mark')
  const bundle = site.bundle((config) => {
    config.hooks = {
      createRuntime: [hook(`touch ${mark}; sleep 1000`)],
      poststop: [hook(`rm ${mark}; sleep 0.1; touch ${mark}.gone`)],
    }
  })
  const words = ['--root', site.root, 'create', '--bundle', bundle, site.id()]
  const child = spawn(FRONT, words, { stdio: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  await until('the hook', () => existsSync(mark))
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [null, 'SIGTERM'])
  assert.deepEqual([existsSync(mark), existsSync(`${mark}.gone`)], [false, true])
  assert.deepEqual(viewHost(site), before)
})

test('a failing poststop hook is a warning, and the others run', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const id = site.create((config) => {
    const log = shareLog(site, config)
    config.hooks = { poststop: [hook('echo why >&2; exit 3'), hook(`touch ${log}/second`)] }
  })
  const { code, stderr } = site.tsoci(['delete', '--force', id])
  assert.equal(code, 0)
  assert.match(stderr, /warning: poststop hook .* failed: exit status \d+: why/)
  assert.ok(readdirSync(join(site.dir, 'log')).includes('second'))
  assert.deepEqual(viewHost(site), before)
})

test('a hook that does not end is killed after its timeout', { skip }, (t) => {
  const site = openSite(t)
  const before = viewHost(site)
  const bundle = site.bundle((config) => {
    config.hooks = { createRuntime: [hook('sleep 1000 & sleep 1000', { timeout: 1 })] }
  })
  const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
  assert.equal(code, 1)
  assert.match(stderr, /did not end within 1 s/)
  assert.deepEqual(viewHost(site), before)
})

test('a hook that is not there is named', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.hooks = { createRuntime: [{ path: '/no/such/hook' }] }
  })
  assert.equal(code, 1)
  assert.match(stderr, /hook "\/no\/such\/hook".*ENOENT.*\[\/hooks\/createRuntime\/0\]/)
})

test('a hook that reads nothing and writes much does no harm', { skip }, (t) => {
  const { code } = openSite(t).run('true', (config) => {
    config.annotations = { long: 'x'.repeat(200_000) }
    config.hooks = { createRuntime: [hook('head -c 500000 /dev/zero')] }
  })
  assert.equal(code, 0)
})

test('run runs all hooks, poststop included', { skip }, (t) => {
  const site = openSite(t)
  let log = ''
  const { code } = site.run('echo process >> /log/order', (config) => {
    log = shareLog(site, config)
    config.hooks = Object.fromEntries(
      NAMES.map((name) => {
        const dir = name === 'startContainer' ? '/log' : log
        return [name, [hook(`echo ${name} >> ${dir}/order`)]]
      }),
    )
  })
  assert.equal(code, 0)
  const order = readFileSync(join(log, 'order'), 'utf8').trim().split('\n')
  // poststart runs beside the process.
  assert.deepEqual(
    order.filter((it) => it !== 'poststart'),
    [...NAMES.slice(0, 4), 'process', 'poststop'],
  )
  assert.ok(order.includes('poststart'))
})

test('a createContainer hook stands in the rootfs, the others in the bundle', { skip }, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'where')
  const hook = { path: '/bin/sh', args: ['sh', '-c', `echo $(pwd) >> ${file}`] }
  const bundle = site.bundle((config) => {
    config.hooks = { createRuntime: [hook], createContainer: [hook] }
  })
  site.ok(['run', '--bundle', bundle, site.id()], { cwd: bundle })
  assert.equal(readFileSync(file, 'utf8'), `${bundle}\n${bundle}/rootfs\n`)
})
