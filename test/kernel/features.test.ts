// What `tsoci features` lists is taken, and what it does not list is refused or warned of.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { features } from '../../src/cli/features.ts'
import { compileSeccomp } from '../../src/launch/seccomp.ts'
import type { Config, Seccomp } from '../../src/spec/config.ts'
import { parseConfig } from '../../src/spec/parse.ts'
import { ANNOTATIONS } from '../../src/spec/rules-annotations.ts'
import { type Change, draft, openSite, setNamespaces, whyNot } from './container.ts'

const skip = whyNot()
const all = features()
const { seccomp, memoryPolicy } = all.linux

/** Where the rules of config.json find something to say. */
function findProblems(change: Change): string[] {
  const config = draft()
  change(config)
  const { problems } = parseConfig(JSON.stringify(config), 'config.json')
  return problems.map(({ severity, pointer }) => `${severity} ${pointer}`)
}

/** A list of the document, how a word of it is asked for, and what is said of one that is not on it. */
const lists: [
  list: string,
  words: readonly string[],
  ask: (word: string) => Change,
  said: string,
][] = [
  [
    'namespaces',
    all.linux.namespaces,
    (word) => (config) => {
      config.linux.namespaces = [{ type: 'mount' }, { type: 'uts' }]
      // Without mappings a user namespace has no group 5 for the terminals.
      config.mounts = []
      setNamespaces(config, { type: word as 'pid' })
      if (word !== 'user') return
      const map = [{ containerID: 0, hostID: 0, size: 1 }]
      Object.assign(config.linux, { uidMappings: map, gidMappings: map })
    },
    'error',
  ],
  [
    'capabilities',
    all.linux.capabilities,
    (word) => (config) => {
      config.process.capabilities = { bounding: [word] } as never
    },
    'warning',
  ],
  ['seccomp/actions', seccomp.actions, (word) => filter({ syscalls: [rule(word)] }), 'error'],
  [
    'seccomp/operators',
    seccomp.operators,
    (op) => filter({ syscalls: [rule('SCMP_ACT_LOG', [{ index: 0, value: 1, op }])] }),
    'error',
  ],
  ['seccomp/archs', seccomp.archs, (word) => filter({ architectures: [word] }), 'error'],
  ['seccomp/knownFlags', seccomp.knownFlags, (word) => filter({ flags: [word] }), 'error'],
  [
    'memoryPolicy/modes',
    memoryPolicy.modes,
    (mode) => (config) => {
      const nodes = /DEFAULT|LOCAL/.test(mode) ? {} : { nodes: '0' }
      Object.assign(config.linux, { memoryPolicy: { mode, ...nodes } })
    },
    'error',
  ],
  [
    'memoryPolicy/flags',
    memoryPolicy.flags,
    (flag) => (config) => {
      const policy = { mode: 'MPOL_BIND', nodes: '0', flags: [flag] }
      Object.assign(config.linux, { memoryPolicy: policy })
    },
    'error',
  ],
  [
    'hooks',
    all.hooks,
    (word) => (config) => Object.assign(config, { hooks: { [word]: [{ path: '/bin/true' }] } }),
    'warning',
  ],
]

const rule = (action: string, args?: object[]) => ({ names: ['mkdir'], action, args })

function filter(more: object): Change {
  const listenerPath = '/run/agent.sock'
  const profile = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath, ...more }
  return (config) => Object.assign(config.linux, { seccomp: profile })
}

for (const [list, words, ask, said] of lists) {
  test(`features lists what config.json may name, and no more: ${list}`, () => {
    assert.ok(words.length > 0)
    assert.equal(new Set(words).size, words.length)
    for (const word of words) assert.deepEqual(findProblems(ask(word)), [], word)
    const [problem] = findProblems(ask(`${words[0]}X`))
    assert.equal(problem?.split(' ')[0], said)
  })
}

/** The words that the schema takes for one property. */
function schemaWords(find: RegExp, from: readonly string[]): readonly string[] {
  return from.filter((word) => find.test(word))
}

test('features lists every word that the schema of config.json knows', async () => {
  const schema = await import('../../schemas/config.schema.json', { with: { type: 'json' } })
  const known: string[] = []
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { enum: words, const: word } = node as { enum?: unknown[]; const?: unknown }
    for (const it of [...(words ?? []), word]) if (typeof it === 'string') known.push(it)
    for (const value of Object.values(node)) walk(value)
  }
  walk(schema.default)
  for (const [prefix, words] of [
    [/^SCMP_ACT_/, seccomp.actions],
    [/^SCMP_CMP_/, seccomp.operators],
    [/^SCMP_ARCH_/, seccomp.archs],
    [/^SECCOMP_FILTER_FLAG_/, seccomp.knownFlags],
    [/^MPOL_F_/, memoryPolicy.flags],
    [/^MPOL_(?!F_)/, memoryPolicy.modes],
  ] as const) {
    const wanted = [...new Set(schemaWords(prefix, known))].sort()
    assert.deepEqual([...words].sort(), wanted, String(prefix))
  }
})

const profile = (more: object): Seccomp => ({ defaultAction: 'SCMP_ACT_ALLOW', ...more }) as Seccomp

test('a filter is made for every action, operator, flag and architecture that is listed', {
  skip,
}, (t) => {
  for (const action of seccomp.actions) compileSeccomp(profile({ syscalls: [rule(action)] }))
  for (const op of seccomp.operators) {
    const args = [{ index: 0, value: 1, valueTwo: 1, op }]
    compileSeccomp(profile({ syscalls: [rule('SCMP_ACT_ERRNO', args)] }))
  }
  for (const flag of seccomp.supportedFlags) compileSeccomp(profile({ flags: [flag] }))
  for (const name of seccomp.archs) {
    try {
      compileSeccomp(profile({ architectures: [name], syscalls: [rule('SCMP_ACT_ERRNO')] }))
    } catch (error) {
      // What this libseccomp has never heard of is told as such.
      assert.match(String(error), new RegExp(`architecture ${name}`))
      t.diagnostic(`this libseccomp does not know ${name}`)
    }
  }
})

test('a container takes every mount option that is listed', { skip }, (t) => {
  const site = openSite(t)
  const skipped = ['idmap', 'ridmap']
  const binds =
    /^(bind|rbind|copy-symlink|src-nofollow|dest-nofollow)$|^r(?!o$|w$|elatime$|emount$)/
  const words = all.mountOptions.filter((word) => !skipped.includes(word))
  const bundle = site.bundle((config) => {
    for (const [i, word] of words.entries()) {
      const destination = `/mnt/${i}`
      const isBind = binds.test(word)
      if (word === 'remount') config.mounts.push({ destination, type: 'tmpfs', source: 'x' })
      config.mounts.push(
        isBind
          ? { destination, source: '/etc', options: ['bind', word] }
          : { destination, type: 'tmpfs', source: 'x', options: [word] },
      )
    }
  })
  site.ok(['run', '--bundle', bundle, site.id()])
  const { code, stderr } = site.run('true', (config) => {
    config.mounts.push({ destination: '/mnt', type: 'tmpfs', source: 'x', options: ['nosuidx'] })
  })
  assert.equal(code, 1)
  assert.match(stderr, /nosuidx.*\[\/mounts\/7\]/)
})

test('a container takes idmap and ridmap, which are listed', { skip }, (t) => {
  const site = openSite(t)
  for (const word of ['idmap', 'ridmap']) {
    assert.ok(all.mountOptions.includes(word))
    const { code, stderr } = site.run('true', (config) => {
      const map = [{ containerID: 0, hostID: 100_000, size: 10 }]
      const mount = { destination: '/mnt', source: site.dir, options: ['rbind', word] }
      config.mounts.push({ ...mount, uidMappings: map, gidMappings: map })
    })
    if (code !== 0 && /EINVAL/.test(stderr))
      return t.skip(`the file system of /tmp takes no maps: ${stderr}`)
    assert.equal(code, 0, stderr)
  }
})

const numa = existsSync('/proc/self/numa_maps') ? skip : 'this kernel has no NUMA'

test('a container takes every memory policy that is listed', { skip: numa }, (t) => {
  const site = openSite(t)
  for (const mode of memoryPolicy.modes) {
    const nodes = /DEFAULT|LOCAL/.test(mode) ? {} : { nodes: '0' }
    const { code, stderr } = site.run('true', (config) => {
      Object.assign(config.linux, { memoryPolicy: { mode, ...nodes } })
    })
    if (/EINVAL/.test(stderr)) t.diagnostic(`this kernel has no ${mode}`)
    else assert.equal(code, 0, stderr)
  }
})

test('an annotation that is listed has a meaning, and its values are looked at', () => {
  assert.deepEqual(all.potentiallyUnsafeConfigAnnotations, [...ANNOTATIONS])
  for (const name of ANNOTATIONS) {
    const problems = findProblems((config: Config) =>
      Object.assign(config, { annotations: { [name]: '?' } }),
    )
    assert.equal(problems.length, 1, `${name}: ${problems}`)
  }
  const unknown = findProblems((config: Config) =>
    Object.assign(config, { annotations: { 'org.tsoci.no-such': '1', 'com.example': '1' } }),
  )
  assert.equal(unknown.length, 1)
  assert.match(unknown[0]!, /^warning .*org\.tsoci\.no-such/)
})
