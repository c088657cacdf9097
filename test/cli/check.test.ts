import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Config } from '../../src/spec/config.ts'
import { impossible } from '../kernel/bad-impossible.ts'
import { type Draft, draft, setNamespaces } from '../kernel/container.ts'
import { makeTempDir, tsoci } from './tsoci.ts'

function makeBundle(t: TestContext, change: (config: Draft) => void): string {
  const dir = makeTempDir(t)
  const config = draft()
  change(config)
  mkdirSync(join(dir, 'rootfs/etc'), { recursive: true })
  writeFileSync(join(dir, 'rootfs/etc/passwd'), '')
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  return dir
}

interface Answer {
  readonly code: number | null
  readonly errors: string[]
  readonly hints: (string | undefined)[]
}

function check(dir: string): Answer {
  const { code, stdout, stderr } = tsoci(['check', '--json', dir])
  assert.equal(stderr, '')
  const problems: { severity: string; pointer: string; hint?: string }[] =
    JSON.parse(stdout).problems
  const errors = problems.filter(({ severity }) => severity === 'error')
  return {
    code,
    errors: errors.map(({ pointer }) => pointer),
    hints: errors.map(({ hint }) => hint),
  }
}

const root = process.geteuid!() === 0
const { lsm } = readHostFacts()

test('check finds nothing missing for the default', { skip: !root && 'needs root' }, (t) => {
  const dir = makeBundle(t, () => {})
  assert.deepEqual(check(dir), { code: 0, errors: [], hints: [] })
  assert.deepEqual(readdirSync(dir).sort(), ['config.json', 'rootfs'])
})

test('check names a mount by its index', (t) => {
  const dir = makeBundle(t, (c) =>
    c.mounts.push({ destination: '/proc/1', type: 'tmpfs', source: 'x' }),
  )
  const { problems } = JSON.parse(tsoci(['check', '--json', dir]).stdout)
  const [problem] = problems.filter((it: { message: string }) => it.message.includes('/proc/1'))
  assert.equal(problem?.pointer, '/mounts/7')
  assert.ok(problem.column > 1)
})

const cases: [pointer: string, change: (config: Draft) => void][] = [
  ['/root/path', (c) => (c.root = { path: 'nowhere' })],
  [
    '/mounts/0/source',
    (c) => (c.mounts = [{ destination: '/a', source: '/no/such', options: ['bind'] }]),
  ],
  [
    '/linux/namespaces/4/path',
    (c) => setNamespaces(c, { type: 'network', path: '/proc/0/ns/net' }),
  ],
  ['/hooks/prestart/0/path', (c) => hook(c, '/no/such')],
  ['/hooks/prestart/0/path', (c) => hook(c, '/etc/passwd')],
  ['/linux/sysctl/fs.mqueue.no_such', (c) => (c.linux.sysctl = { 'fs.mqueue.no_such': '1' })],
  [
    '/linux/seccomp/listenerPath',
    (c) =>
      (c.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        listenerPath: '/no/such',
        syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
      }),
  ],
  ['/linux/netDevices/nosuch0', (c) => (c.linux.netDevices = { nosuch0: {} })],
]

function hook(config: Config, path: string): void {
  config.hooks = { prestart: [{ path }] }
}

for (const [pointer, change] of cases) {
  const [place] = cases.filter((it) => it[0] === pointer)
  const again = place![1] === change ? '' : ', for another reason'
  test(`check finds ${pointer}${again}`, (t) => {
    const { code, errors } = check(makeBundle(t, change))
    assert.equal(code, 1)
    assert.ok(errors.includes(pointer), errors.join(' '))
  })
}

test('check lists everything at once, each with a remedy', (t) => {
  const dir = makeBundle(t, (config) => {
    for (const [, change] of cases) change(config)
  })
  const { errors, hints } = check(dir)
  const expected = new Set(cases.map(([pointer]) => pointer))
  for (const pointer of expected) assert.ok(errors.includes(pointer), pointer)
  assert.ok(hints.every((hint) => hint !== undefined && hint !== ''))
})

/** What shows only when it is tried: the kernel says it to nobody before. */
const UNFORESEEN = [
  '/mounts/7 no such option',
  '/mounts/7 ids of a sysfs are not mapped',
  '/mounts/7 remount of nothing',
  '/linux/sysctl/net.ipv4.ip_forward no such value',
  '/linux/resources/memory/limit too little to start in',
]

for (const { at, why, change, unless = false } of impossible) {
  if (UNFORESEEN.includes(`${at} ${why}`)) continue
  test(`check foresees that create refuses ${at}: ${why}`, {
    skip: unless || (!root && 'needs root'),
  }, (t) => {
    const { code, errors, hints } = check(makeBundle(t, change))
    assert.equal(code, 1)
    assert.ok(
      errors.some((pointer) => pointer === at || pointer.startsWith(`${at}/`)),
      errors.join(),
    )
    assert.ok(hints.every((hint) => hint !== undefined && hint !== ''))
  })
}

test('check warns of what has no effect here', { skip: lsm.selinux && 'SELinux is on' }, (t) => {
  const dir = makeBundle(t, (config) => (config.linux.mountLabel = 'u:object_r:t:s0'))
  const { code, stdout } = tsoci(['check', dir])
  assert.equal(code, 0)
  assert.match(stdout, /warning: \/linux\/mountLabel/)
})

test('check says what validate says of a file that is wrong', (t) => {
  const dir = makeBundle(t, (config) => (config.process.cwd = 'relative'))
  assert.equal(tsoci(['check', dir]).stdout, tsoci(['validate', dir]).stdout)
})
