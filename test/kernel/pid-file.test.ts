// --pid-file where something is: what is no plain file stays what it is.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { draft, FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot('mknod', 'mkfifo')

/** Each verb that writes one, and how its words begin. */
function verbs(site: Site): [verb: string, words: string[]][] {
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const running = site.start()
  return [
    ['create', ['create', '-b', bundle]],
    ['run', ['run', '--detach', '-b', bundle]],
    ['exec', ['exec', '--detach', running, 'sleep', '1000']],
  ]
}

/** The words with --pid-file, and an id where the verb makes a container. */
function withPidFile(site: Site, words: readonly string[], path: string): string[] {
  const [verb = '', ...rest] = words
  return [verb, '--pid-file', path, ...rest, ...(verb === 'exec' ? [] : [site.id()])]
}

const quiet = { stdio: ['ignore' as const, 'ignore' as const, 'ignore' as const] }

test('--pid-file leaves a device where it is', { skip }, (t) => {
  const site = openSite(t)
  const node = join(site.dir, 'null')
  assert.equal(spawnSync('mknod', [node, 'c', '1', '3']).status, 0)
  for (const [verb, words] of verbs(site)) {
    assert.equal(site.tsoci(withPidFile(site, words, node), quiet).code, 0, verb)
    assert.ok(lstatSync(node).isCharacterDevice(), verb)
  }
})

test('--pid-file writes through a symlink', { skip }, (t) => {
  const site = openSite(t)
  const [link, target] = [join(site.dir, 'link'), join(site.dir, 'target')]
  symlinkSync(target, link)
  for (const [verb, words] of verbs(site)) {
    writeFileSync(target, 'a longer text than any pid is')
    assert.equal(site.tsoci(withPidFile(site, words, link), quiet).code, 0, verb)
    assert.ok(lstatSync(link).isSymbolicLink(), verb)
    assert.match(readFileSync(target, 'utf8'), /^\d+$/, verb)
  }
})

test('--pid-file refuses a fifo that nobody reads, and a directory', { skip }, (t) => {
  const site = openSite(t)
  const [fifo, dir] = [join(site.dir, 'fifo'), join(site.dir, 'directory')]
  assert.equal(spawnSync('mkfifo', [fifo]).status, 0)
  mkdirSync(dir)
  for (const [verb, words] of verbs(site)) {
    for (const [path, why] of [
      [fifo, 'ENXIO'],
      [dir, 'EISDIR'],
    ] as const) {
      const before = site.ids()
      const { code, stderr } = site.tsoci(withPidFile(site, words, path))
      assert.equal(code, verb === 'exec' ? 255 : 1, `${verb} ${path}`)
      assert.match(stderr, new RegExp(`write pid to ${path}: .*${why}`), verb)
      assert.deepEqual(site.ids(), before)
    }
  }
  assert.ok(lstatSync(fifo).isFIFO())
})

test('--pid-file /dev/stdout is the pipe of the caller', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  const words = ['--root', site.root, 'run', '--pid-file', '/dev/stdout', '-b', bundle, site.id()]
  // Node's own pipes are sockets, which no path opens.
  const options = { encoding: 'utf8', timeout: 20_000 } as const
  const { stdout } = spawnSync('sh', ['-c', '"$@" | cat', 'sh', FRONT, ...words], options)
  assert.match(stdout, /^\d+$/)
  assert.ok(lstatSync('/dev/stdout').isSymbolicLink())
})
