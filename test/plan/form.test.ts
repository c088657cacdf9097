import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CompileInput, compilePlan } from '../../src/plan/compile.ts'
import { BLANK_KINDS, type BlankKind, findBlanks, makeForm } from '../../src/plan/form.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { createOptions, rootHost, withLayout } from './facts.ts'
import { readSample, sampleBundles } from './samples.ts'

/** A config as engines write it: all that they make anew for each container. */
const engineConfig = {
  ociVersion: '1.0.2-dev',
  hostname: 'e268bffb7470',
  root: { path: '/var/lib/overlay/4cd2a8df/merged' },
  process: {
    cwd: '/srv/web',
    args: ['/bin/sh', '-c', 'echo one'],
    env: ['PATH=/bin:/usr/bin', 'HOME=/root', 'HOSTNAME=e268bffb7470', 'EMPTY='],
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }],
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['size=65536k'] },
    {
      destination: '/etc/hosts',
      type: 'bind',
      source: '/run/e268bffb7470/hosts',
      options: ['rprivate'],
    },
    { destination: '/data', source: '/srv/data', options: ['rbind', 'ro'] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
  ],
  hooks: {
    prestart: [{ path: '/proc/7/exe', args: ['setkey', 'e268bffb7470'], env: ['A=b'] }],
    poststop: [{ path: '/bin/true', timeout: 5 }],
  },
  annotations: {
    'io.container.created': '2026-01-02T03:04:05.6Z',
    'kubernetes.io/config.hash': '0a1b',
    'org.tsoci.core-scheduling': '0',
  },
  linux: {
    cgroupsPath: '/machine/e268bffb7470',
    namespaces: [
      { type: 'pid' },
      { type: 'mount' },
      { type: 'uts' },
      { type: 'network', path: '/run/netns/one' },
    ],
    resources: { devices: [{ allow: false, access: 'rwm' }], pids: { limit: 2048 } },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
  },
}

function inputOf(configText: string, more: Partial<CompileInput> = {}): CompileInput {
  const { config, problems } = parseConfig(configText, 'config.json')
  assert.deepEqual(problems, [])
  return { config, configText, host: rootHost, options: createOptions, ...more }
}

/** Fills a form as native/plan_form.c does: in the encoded plan there are the marks as text. */
function fill(text: string, values: readonly string[]): string {
  return text.replaceAll(/tsoci-blank-[a-z](\d{3})/g, (_, number) => values[Number(number)]!)
}

/** The whole plan as JSON: what stands in a blank needs no escape there either. */
const wordsOf = (input: CompileInput) => JSON.stringify(compilePlan(input), replaceBig)
const replaceBig = (_: string, value: unknown) =>
  typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? [...value] : value

test('findBlanks() finds what an engine makes anew for each container, and nothing else', () => {
  const text = JSON.stringify(engineConfig)
  const found = findBlanks(parseConfig(text, 'config.json').config, text)
  assert.deepEqual(
    found.map(({ start, end, kind }) => `${kind} ${text.slice(start, end)}`),
    [
      'name e268bffb7470',
      'path var/lib/overlay/4cd2a8df/merged',
      'path srv/web',
      'word /bin/sh',
      'text -c',
      'text echo one',
      'text /bin:/usr/bin',
      'text e268bffb7470',
      'text ',
      'path run/e268bffb7470/hosts',
      'path srv/data',
      'text setkey',
      'text e268bffb7470',
      'text b',
      'text 2026-01-02T03:04:05.6Z',
      'text 0a1b',
      'path machine/e268bffb7470',
      'path run/netns/one',
    ],
  )
})

const unfit: [why: string, change: (text: string) => string][] = [
  ['a path with ..', (text) => text.replace('/srv/web', '/srv/../web')],
  ['a path with an empty part', (text) => text.replace('/srv/web', '/srv//web')],
  ['a path that ends in a slash', (text) => text.replace('/srv/web', '/srv/web/')],
  ['the root alone', (text) => text.replace('/srv/web', '/')],
  ['a relative path', (text) => text.replace('"/srv/data"', '"data"')],
  ['an escape', (text) => text.replace('echo one', 'echo \\"one\\"')],
  ['more than ASCII', (text) => text.replace('echo one', 'echo öne')],
  ['a name with a blank', (text) => text.replace('"hostname":"e2', '"hostname":"e 2')],
]
for (const [why, change] of unfit) {
  test(`findBlanks() leaves out ${why}`, () => {
    const text = JSON.stringify(engineConfig)
    const changed = change(text)
    assert.notEqual(changed, text)
    const count = (it: string) => findBlanks(parseConfig(it, 'config.json').config, it).length
    assert.equal(count(changed), count(text) - 1)
  })
}

/** What fits a blank, chosen to be awkward. */
const AWKWARD: Readonly<Record<BlankKind, readonly string[]>> = {
  path: [
    'a',
    'proc/self/ns/net',
    'a/b/c/d/e',
    '...',
    'with blank/x',
    'sys/fs/cgroup',
    '~',
    '.x/..y',
  ],
  name: ['a', '-', 'x'.repeat(64), '0.1', '..'],
  unit: ['a', '-', '_', 'x'.repeat(64), 'slice'],
  word: ['a', '/', './x', '1', '0', '-', 'a,b:c=d', ' '],
  text: ['', '/', '1', 'true', '$(x)', "a=b,c:d'e", '{}[]', 'x'.repeat(5000), '<id>', '%s\u007e'],
}

const hosts: [name: string, host: CompileInput['host']][] = [
  ['v1', withLayout('v1')],
  ['hybrid', withLayout('hybrid')],
  ['v2', rootHost],
]
const samples: [name: string, text: string][] = [
  ['of an engine', JSON.stringify(engineConfig)],
  ...sampleBundles().map((name): [string, string] => [name, readSample(name).configText]),
]
for (const [name, text] of samples) {
  for (const [layout, host] of hosts) {
    test(`makeForm() gives what a compile gives, filled in: ${name} on ${layout}`, () => {
      const input = inputOf(text, { host })
      const form = makeForm(input, compilePlan(input))
      const blanks = findBlanks(input.config, text)
      if (blanks.length === 0) return assert.equal(form, undefined)
      assert.ok(form !== undefined)
      const plan = JSON.stringify(form.plan, replaceBig)
      for (let round = 0; round < 24; round++) {
        const values = blanks.map(({ kind }, i) => {
          const choices = AWKWARD[kind]
          return choices[(round * 7 + i * (round + 1)) % choices.length]!
        })
        const config = fill(form.pattern, values)
        assert.equal(wordsOf(inputOf(config, { host })), fill(plan, values), config)
      }
    })
  }
}

test('makeForm() leaves the name of a unit of systemd blank, and its slice as it is', () => {
  const linux = { ...engineConfig.linux, cgroupsPath: 'machine.slice:engine:e268bffb7470' }
  const options = { ...createOptions, cgroupManager: 'systemd' as const }
  const input = inputOf(JSON.stringify({ ...engineConfig, linux }), { options })
  const form = makeForm(input, compilePlan(input))
  assert.match(form?.pattern ?? '', /"cgroupsPath":"machine\.slice:engine:tsoci-blank-u\d+"/)
})

test('makeForm() leaves no annotation blank that means something', () => {
  const annotations = { 'run.oci.hooks.stdout': '/tmp/out', plain: 'x' }
  const input = inputOf(JSON.stringify({ ...engineConfig, annotations }))
  const form = makeForm(input, compilePlan(input))
  assert.match(form?.pattern ?? '', /"run\.oci\.hooks\.stdout":"\/tmp\/out","plain":"tsoci-blank-t/)
})

test('makeForm() makes none of a config that has a mark', () => {
  const text = JSON.stringify(engineConfig).replace('echo one', 'tsoci-blank-t001')
  const input = inputOf(text)
  assert.equal(makeForm(input, compilePlan(input)), undefined)
})

test('makeForm() makes none of a plan that another config gave', () => {
  const input = inputOf(JSON.stringify(engineConfig))
  const other = inputOf(JSON.stringify(engineConfig).replace('/data', '/other'))
  assert.equal(makeForm(input, compilePlan(other)), undefined)
})

test('each kind of blank has a letter of its own', () => {
  const letters = Object.values(BLANK_KINDS)
  assert.equal(new Set(letters).size, letters.length)
})
