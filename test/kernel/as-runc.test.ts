// Called by the name of runc, tsoci has the words of it that callers match.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Change, FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

/** Another name for the front door. */
function link(site: Site, name: string): string {
  const dir = join(site.dir, 'by-name')
  mkdirSync(dir, { recursive: true })
  symlinkSync(FRONT, join(dir, name))
  return join(dir, name)
}

const noSuchFileSystem: Change = (config) => {
  config.mounts.push({ destination: '/mnt', source: 'none', type: 'no-such-fs' })
}

test('the version is one of runc, with ours behind it', { skip }, (t) => {
  const site = openSite(t)
  const version = site.ok(['--version'], { front: link(site, 'runc') })
  assert.match(version, /^runc version 1\.\d+\.\d+ \(tsoci \d+\.\d+\.\d+\)\ncommit: \S+\nspec: 1/)
  const other = site.ok(['--version'], { front: link(site, 'runc-2') })
  assert.match(other, /^tsoci version /)
})

test('an error begins with the verb, and a failed start with how far it came', { skip }, (t) => {
  const site = openSite(t)
  const front = link(site, 'runc')
  const start = 'unable to start container process: '
  const cases: readonly [change: Change, begin: string, end: string][] = [
    [
      noSuchFileSystem,
      `${start}error during container init: error mounting: `,
      'no such device (ENODEV) [/mounts/7]',
    ],
    [
      (config) => {
        config.process.args = ['no-such-program']
      },
      `${start}error during container init: exec: "no-such-program": `,
      'executable file not found in $PATH',
    ],
    [
      (config) => {
        config.hooks = { createRuntime: [{ path: '/bin/false' }] }
      },
      `${start}error running createRuntime hook #0: `,
      '[/hooks/createRuntime/0]',
    ],
  ]
  for (const [change, begin, end] of cases) {
    const log = join(site.dir, 'log')
    const { code, stderr } = site.run('true', change, { front })
    const [first = ''] = stderr.split('\n')
    assert.equal(code, 1)
    assert.ok(first.startsWith(`error: runc run failed: ${begin}`), first)
    assert.ok(first.endsWith(end), first)
    // The one line that engines read says the same.
    const words = ['--log', log, '--log-format', 'json', 'create', '-b', site.bundle(change), 'c']
    assert.equal(site.tsoci(words, { front }).code, 1)
    const { msg } = JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1)!)
    assert.ok(msg.startsWith(`runc create failed: ${begin}`), msg)
  }
})

test('a verb on a container that is not there keeps the words that callers match', {
  skip,
}, (t) => {
  const site = openSite(t)
  const front = link(site, 'runc')
  for (const verb of ['state', 'start', 'kill', 'delete', 'pause', 'exec']) {
    const { stderr } = site.tsoci(verb === 'exec' ? [verb, 'c', 'true'] : [verb, 'c'], { front })
    const [first, hint] = stderr.split('\n')
    assert.equal(first, `error: runc ${verb} failed: container does not exist: "c"`)
    assert.match(hint!, /^hint: .*runc list/)
  }
})

test('help and usage lines show the name to type', { skip }, (t) => {
  const site = openSite(t)
  const front = link(site, 'runc')
  assert.match(site.ok(['--help'], { front }), /\nUSAGE:\n *runc \[global flags\] <command> /)
  const help = site.ok(['state', '--help'], { front })
  assert.match(help, /^NAME:\n *runc state - .*\n\nUSAGE:\n *runc state <id>\n/)
  const { stderr } = site.tsoci(['state'], { front })
  assert.match(stderr, /^error: runc failed: .*\nhint: runc state <id>\n$/)
})

test('a script without its interpreter fails in one line, as the init of runc says it', {
  skip,
}, (t) => {
  const site = openSite(t)
  const source = join(site.dir, 'script')
  writeFileSync(source, '#!/no-such-interpreter\n', { mode: 0o755 })
  const change: Change = (config) => {
    config.mounts.push({ destination: '/script', source, options: ['bind'] })
    config.process.args = ['/script']
  }
  const { code, stderr } = site.run('', change, { front: link(site, 'runc') })
  assert.equal(code, 1)
  assert.equal(stderr, 'exec /script: no such file or directory\n')
})

test('a name that the caller has in its environment counts for nothing', { skip }, (t) => {
  const env = { ...process.env, TSOCI_AS: 'runc' }
  const { stderr } = openSite(t).tsoci(['state', 'c'], { env })
  assert.match(stderr, /^error: container does not exist: "c"\nhint: .*tsoci list/)
})
