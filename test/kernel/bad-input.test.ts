// Bundles that can't be run: each a clear error, and nothing left behind.

import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NamespaceType } from '../../src/spec/config.ts'
import { type Draft, openSite, type Site, setNamespaces, until, whyNot } from './container.ts'
import { listProcesses, viewHost } from './host-view.ts'

const skip = whyNot()

interface Case {
  readonly why: string
  readonly change?: (config: Draft, site: Site) => void
  /** Changes the bundle on disk. */
  readonly spoil?: (bundle: string) => void
  readonly message: RegExp
}

const rewrite = (bundle: string, text: string) => writeFileSync(join(bundle, 'config.json'), text)

/** Replaces values without regard to the types. */
const put = (target: object, values: object) => void Object.assign(target, values)

const files: Case[] = [
  {
    why: 'no config.json',
    spoil: (bundle) => rmSync(join(bundle, 'config.json')),
    message: /config\.json" does not exist/,
  },
  {
    why: 'a config.json that is a directory',
    spoil: (bundle) => {
      rmSync(join(bundle, 'config.json'))
      mkdirSync(join(bundle, 'config.json'))
    },
    message: /config\.json" is not a file/,
  },
  {
    why: 'an empty config.json',
    spoil: (bundle) => rewrite(bundle, ''),
    message: /config\.json/,
  },
  {
    why: 'text that is not JSON',
    spoil: (bundle) => rewrite(bundle, '{"ociVersion": "1.3.0",\n  oops}'),
    message: /config\.json:2:\d+/,
  },
  {
    why: 'bytes that are no text',
    spoil: (bundle) => writeFileSync(join(bundle, 'config.json'), Buffer.from([0xff, 0xfe, 0])),
    message: /not UTF-8/,
  },
  {
    why: '10 MB of nesting',
    spoil: (bundle) => rewrite(bundle, '['.repeat(10 << 20)),
    message: /config\.json.*(deep|nest|large|level)/,
  },
  {
    why: '10 MB of nesting in an annotation',
    spoil: (bundle) => rewrite(bundle, `{"annotations": ${'{"a":'.repeat(2 << 20)}`),
    message: /config\.json.*(deep|nest|large|level)/,
  },
  {
    why: 'wrong types, all of them named',
    change: (config) => put(config.process, { args: 'sh', cwd: 7, user: [], env: { A: 1 } }),
    message: /4 problems.*\/process\/args.*/,
  },
  {
    why: 'a JSON list',
    spoil: (bundle) => rewrite(bundle, '[]'),
    message: /config\.json.*expected/,
  },
  {
    why: 'a missing rootfs',
    spoil: (bundle) => rmSync(join(bundle, 'rootfs'), { recursive: true }),
    message: /rootfs" does not exist/,
  },
  {
    why: 'a rootfs that is a symlink',
    spoil: (bundle) => {
      renameSync(join(bundle, 'rootfs'), join(bundle, 'other'))
      symlinkSync('other', join(bundle, 'rootfs'))
    },
    message: /rootfs" is a symlink|symlink/,
  },
  {
    why: 'a rootfs that is a file',
    spoil: (bundle) => {
      rmSync(join(bundle, 'rootfs'), { recursive: true })
      writeFileSync(join(bundle, 'rootfs'), '')
    },
    message: /rootfs" is (not a directory|a file)/,
  },
]

const type = (name: string) => ({ type: name as NamespaceType })

const namespaces: Case[] = [
  {
    why: 'an unknown namespace',
    change: (config) => config.linux.namespaces.push(type('netwrk')),
    message: /\/linux\/namespaces\/5\/type.*netwrk/,
  },
  {
    why: 'a namespace that comes twice',
    change: (config) => config.linux.namespaces.push(type('pid')),
    message: /"pid" comes twice/,
  },
  {
    why: 'joining a file that is no namespace',
    change: (config) => setNamespaces(config, { type: 'network', path: '/etc/passwd' }),
    message: /\/etc\/passwd.*\[\/linux\/namespaces/,
  },
  {
    why: 'joining a namespace of another type',
    change: (config) => setNamespaces(config, { type: 'network', path: '/proc/self/ns/uts' }),
    message: /\/proc\/self\/ns\/uts.*\[\/linux\/namespaces/,
  },
  {
    why: 'joining a namespace that is not there',
    change: (config) => setNamespaces(config, { type: 'network', path: '/no/where' }),
    message: /\/no\/where/,
  },
  {
    why: 'joining by a path relative to nothing',
    change: (config) => setNamespaces(config, { type: 'network', path: 'ns' }),
    message: /ns/,
  },
  {
    why: 'a hostname without a uts namespace',
    change: (config) => {
      config.linux.namespaces = config.linux.namespaces.filter((it) => it.type !== 'uts')
    },
    message: /hostname.*uts/,
  },
  ...(
    [
      ['overlap', [0, 1000, 10], [5, 2000, 10], /overlaps/],
      ['overlap outside', [0, 1000, 10], [10, 1005, 10], /overlaps/],
      ['exceed 32 bits', [0, 4_294_967_000, 1000], undefined, /passes the last id/],
      ['are empty', [0, 1000, 0], undefined, /empty/],
    ] as const
  ).map(([why, first, second, message]): Case => {
    const map = ([containerID, hostID, size]: readonly [number, number, number]) => {
      return { containerID, hostID, size }
    }
    return {
      why: `maps that ${why}`,
      change: (config) => {
        setNamespaces(config, { type: 'user' })
        config.linux.uidMappings = second === undefined ? [map(first)] : [map(first), map(second)]
        config.linux.gidMappings = [map([0, 1000, 10])]
      },
      message,
    }
  }),
]

const programs: Case[] = [
  {
    why: 'a program that is not in PATH',
    change: (config) => put(config.process, { args: ['no-such-program'] }),
    message: /executable file not found in \$PATH/,
  },
  {
    why: 'an empty program',
    change: (config) => put(config.process, { args: [''] }),
    message: /exec: "": executable file not found in \$PATH/,
  },
  {
    why: 'a program that is not there',
    change: (config) => put(config.process, { args: ['/no/such/program'] }),
    message: /no such file or directory/,
  },
  {
    why: 'a program without the permission to execute',
    change: (config) => put(config.process, { args: ['/etc/passwd'] }),
    message: /permission denied/,
  },
  {
    why: 'a directory for a program',
    change: (config) => put(config.process, { args: ['/etc'] }),
    message: /permission denied/,
  },
  {
    why: 'no PATH to search',
    change: (config) => put(config.process, { args: ['sh'], env: [] }),
    message: /executable file not found in \$PATH/,
  },
  {
    why: 'no args',
    change: (config) => put(config.process, { args: [] }),
    message: /\/process\/args/,
  },
  {
    why: 'a cwd that is a file',
    change: (config) => put(config.process, { cwd: '/etc/passwd' }),
    message: /\/etc\/passwd.*ENOTDIR/,
  },
  {
    why: 'a relative cwd',
    change: (config) => put(config.process, { cwd: 'tmp' }),
    message: /\/process\/cwd/,
  },
  {
    why: 'a limit that comes twice',
    change: (config) => config.process.rlimits!.push(config.process.rlimits![0]!),
    message: /limited twice/,
  },
]

const mounts: Case[] = [
  {
    why: 'a file system that the kernel lacks',
    change: (config) => config.mounts.push({ destination: '/mnt', type: 'nofs', source: 'x' }),
    message: /nofs.*ENODEV.*\[\/mounts\/7\]/,
  },
  {
    why: 'an option that the file system lacks',
    change: (config) =>
      config.mounts.push({ destination: '/mnt', type: 'tmpfs', source: 'x', options: ['sise=1'] }),
    message: /sise.*\[\/mounts\/7\]/,
  },
  {
    why: 'a bind source that is not there',
    change: (config) =>
      config.mounts.push({ destination: '/mnt', source: '/no/where', options: ['bind'] }),
    message: /\/no\/where.*\[\/mounts\/7\]/,
  },
  {
    why: 'a mount below /proc',
    change: (config) => config.mounts.push({ destination: '/proc/1', type: 'tmpfs', source: 'x' }),
    message: /\/proc\/1/,
  },
  {
    why: 'a directory bound on a file',
    change: (config) =>
      config.mounts.push({ destination: '/etc/passwd', source: '/etc', options: ['bind'] }),
    // In words that Docker looks for.
    message:
      /\/etc\/passwd.*: not a directory \(ENOTDIR\) \[\/mounts\/7\]\nhint: a directory can be/,
  },
  {
    why: 'a file bound on a directory',
    change: (config) =>
      config.mounts.push({ destination: '/etc', source: '/etc/passwd', options: ['bind'] }),
    message: /\/etc\/passwd.*: not a directory \(ENOTDIR\) \[\/mounts\/7\]/,
  },
  {
    why: 'a destination below a file',
    change: (config) =>
      config.mounts.push({ destination: '/etc/passwd/x', type: 'tmpfs', source: 'x' }),
    message: /ENOTDIR.*\[\/mounts\/7\]/,
  },
  {
    why: 'a sysctl of the host',
    change: (config) => put(config.linux, { sysctl: { 'kernel.panic': '1' } }),
    message: /kernel\.panic/,
  },
  {
    why: 'a value that the sysctl refuses',
    change: (config) => put(config.linux, { sysctl: { 'net.ipv4.ip_forward': 'many' } }),
    message: /ip_forward.*EINVAL/,
  },
]

for (const { why, change, spoil, message } of [...files, ...namespaces, ...programs, ...mounts]) {
  test(`create refuses ${why}, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle((config) => change?.(config, site))
    spoil?.(bundle)
    const before = viewHost(site)
    const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
    assert.equal(code, 1, stderr)
    assert.match(stderr, message)
    // One error, at most one hint, no stack; warnings may come before.
    const lines = stderr.trimEnd().split('\n')
    assert.equal(lines.filter((line) => line.startsWith('error: ')).length, 1)
    for (const line of lines) assert.match(line, /^(warning|error|hint): /)
    assert.deepEqual(viewHost(site), before)
  })
}

const ids = ['a/b', '../up', '..', '.', '', 'a b', 'ä', 'x'.repeat(256), 'a\nb']

for (const id of ids) {
  test(`the id ${JSON.stringify(id).slice(0, 20)} is refused by every verb`, { skip }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle()
    const before = viewHost(site)
    // An empty one is as none: run makes its own.
    const verbs = ['create', 'start', 'state', 'kill', 'delete', ...(id === '' ? [] : ['run'])]
    for (const verb of verbs) {
      const more = verb === 'create' || verb === 'run' ? ['--bundle', bundle] : []
      const { code, stderr } = site.tsoci([verb, ...more, id])
      assert.equal(code, 1, verb)
      assert.match(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/, verb)
    }
    assert.deepEqual(viewHost(site), before)
  })
}

test('an id in use is refused, and its container lives on', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const before = viewHost(site)
  const { code, stderr } = site.tsoci(['create', '--bundle', site.bundle(), id])
  assert.equal(code, 1)
  assert.match(stderr, /container with given ID already exists/)
  assert.deepEqual(viewHost(site), before)
  assert.equal(site.state(id).status, 'running')
})

test('a state directory that is no container is told from one', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  mkdirSync(join(site.root, id), { recursive: true, mode: 0o700 })
  for (const verb of ['state', 'start', 'kill', 'delete']) {
    const { code, stderr } = site.tsoci([verb, id])
    assert.equal(code, 1, verb)
    assert.match(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/, verb)
  }
  site.ok(['delete', '--force', id])
  assert.deepEqual(site.ids(), [])
})

const damages: [file: string, text: string][] = [
  ['state.json', '{"pid":'],
  ['plan', 'no plan'],
  ['plan', ''],
]

for (const [file, text] of damages) {
  test(`a container whose ${file} is ${JSON.stringify(text)} can be deleted`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.create()
    writeFileSync(join(site.root, id, file), text)
    const { code, stderr } = site.tsoci(['state', id])
    assert.equal(code, 1)
    assert.match(stderr, /cannot read the state of container/)
    site.ok(['delete', '--force', id])
    await until('no process', () => listProcesses(site).length === 0)
    assert.deepEqual(viewHost(site), before)
  })
}

test('a relative mount destination is taken from /, with a warning', { skip }, (t) => {
  const site = openSite(t)
  const { stderr } = site.run('true', (config) => {
    config.mounts.push({ destination: 'mnt/relative', type: 'tmpfs', source: 'tmpfs' })
  })
  assert.match(stderr, /^warning: .*relative destination "mnt\/relative"/)
  const [line] = site.lines('grep -c " /mnt/relative " /proc/self/mountinfo', (config) => {
    config.mounts.push({ destination: 'mnt/relative', type: 'tmpfs', source: 'tmpfs' })
  })
  assert.equal(line, '1')
})
