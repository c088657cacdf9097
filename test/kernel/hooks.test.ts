import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Hook } from '../../src/spec/config.ts'
import { type Draft, openSite, readText, type Site, until, whyNot } from './container.ts'
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
  test(`a failing ${name} hook fails create, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const bundle = site.bundle((config) => {
      config.hooks = { [name]: [hook('echo the reason >&2; exit 3')] }
    })
    const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`exit status 3.*the reason.*\\[/hooks/${name}/0\\]`))
    assert.deepEqual(viewHost(site), before)
  })
}

for (const name of ['startContainer', 'poststart'] as const) {
  test(`a failing ${name} hook fails start and stops the container`, { skip }, async (t) => {
    const site = openSite(t)
    const id = site.create((config) => {
      config.hooks = { [name]: [hook('echo the reason >&2; exit 3')] }
    })
    const { code, stderr } = site.tsoci(['start', id])
    assert.equal(code, 1)
    assert.match(stderr, /exit status 3.*the reason/)
    await until('the end', () => site.state(id).status === 'stopped')
    site.ok(['delete', id])
  })
}

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
