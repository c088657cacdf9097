// Every verb with closed standard files, with output that goes nowhere, in no directory, and with
// paths that are no text.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { draft, FRONT, openSite, type Result, type Site, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

/** Calls tsoci by way of a shell line in which "$@" is the call. */
function callBy(site: Site, line: string, words: readonly string[]): Result {
  const argv = ['-c', line, 'sh', FRONT, '--root', site.root, ...words]
  const { status, stdout, stderr } = spawnSync('sh', argv, {
    encoding: 'utf8',
    timeout: 20_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, TSOCI_TEST_SITE: site.dir },
  })
  return { code: status, stdout, stderr }
}

/** The words of a line; a tab stands for a space in a word. */
const fill = (line: string, names: Readonly<Record<string, string>>) =>
  line.split(' ').map((word) => names[word] ?? word.replaceAll('\t', ' '))

// BUNDLE is one whose program ends with 7; the words, and what they end with.
const verbs: [words: string, code: number][] = [
  ['run --bundle BUNDLE NEW', 7],
  ['run --bundle BUNDLE NEW', 7],
  ['run --detach --bundle BUNDLE NEW', 0],
  ['exec ID sh -c exit\t6', 6],
  ['enter ID --net -- sh -c exit\t5', 5],
  ['pause ID', 0],
  ['resume ID', 0],
  ['state ID', 0],
  ['list -q', 0],
  ['list', 0],
  ['ps ID', 0],
  ['validate BUNDLE', 0],
  ['state NOBODY', 1],
]

for (const closed of ['<&-', '>&-', '2>&-', '<&- >&-', '<&- >&- 2>&-']) {
  test(`verbs do the same with ${closed}`, { skip }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle(() => {}, draft(['sh', '-c', 'exit 7']))
    const id = site.start()
    for (const [line, code] of verbs) {
      const words = fill(line, { BUNDLE: bundle, ID: id, NEW: site.id() })
      const result = callBy(site, `exec "$@" ${closed}`, words)
      assert.equal(result.code, code, `${line}: ${result.stderr}`)
    }
  })
}

const printing = ['list', 'list -q', 'state ID', 'ps ID', 'ps -f json ID', 'features', 'ns']
for (const line of printing) {
  test(`${line} tells that its output went nowhere`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const before = viewHost(site)
    const full = openSync('/dev/full', 'w')
    const words = line.split(' ').map((word) => (word === 'ID' ? id : word))
    const { code, stderr } = site.tsoci(words, { stdio: ['ignore', full, 'pipe'] })
    closeSync(full)
    assert.equal(code, 1)
    assert.match(stderr, /^error: [^\n]*no space left on device \(ENOSPC\)\n(hint: .*\n)?$/)
    assert.deepEqual(viewHost(site), before)
  })
}

const nameless: [words: string, code: number][] = [
  ['create NEW', 1],
  ['run --bundle bundle NEW', 1],
  ['create --pid-file pid --bundle BUNDLE NEW', 1],
  ['--log log state ID', 1],
  ['spec', 1],
  ['validate', 1],
  ['run --bundle BUNDLE NEW', 7],
  ['exec ID sh -c exit\t6', 6],
  ['list', 0],
  ['state ID', 0],
]

test('in a directory that was removed no relative path is one of /', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const bundle = site.bundle(() => {}, draft(['sh', '-c', 'exit 7']))
  const top = readdirSync('/')
  for (const [line, code] of nameless) {
    const words = fill(line, { BUNDLE: bundle, ID: id, NEW: site.id() })
    const gone = join(site.dir, 'gone')
    const result = callBy(site, `mkdir ${gone} && cd ${gone} && rmdir ${gone} && exec "$@"`, words)
    assert.equal(result.code, code, `${line}: ${result.stderr}`)
    if (code === 1) assert.match(result.stderr, /^error: the working directory does not exist/)
  }
  assert.deepEqual(readdirSync('/'), top)
  assert.deepEqual(site.ids(), [id])
})

test('a path that is not UTF-8 is told from one that is not there', { skip }, (t) => {
  const site = openSite(t)
  // Node passes no such bytes on: the shell makes them.
  const line = 'exec "$@" "$(printf \'/no\\377\')"'
  for (const words of [['run', '--bundle'], ['validate'], ['plan'], ['state', 'x', '--root']]) {
    const { code, stderr } = callBy(site, line, words)
    assert.equal(code, 1)
    assert.match(stderr, /^error: the path "[^"]*" is not UTF-8\nhint: /, words.join(' '))
  }
})
