// Names that others have chosen: in what is stored, and on a terminal.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { draft, FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

/** A cgroup of this name below our own, in every hierarchy; the files to enter it by. */
function makeCaller(t: TestContext, name: string): string[] {
  const { v1, v2 } = readHostFacts().cgroups
  return [...v1, ...(v2 === undefined ? [] : [v2])].map(({ ownDir }) => {
    const dir = join(ownDir, name)
    mkdirSync(dir)
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const from = join(ownDir, file)
      if (existsSync(from)) writeFileSync(join(dir, file), readFileSync(from, 'utf8'))
    }
    // The last container may have taken it along, as an empty one above its own.
    t.after(() => existsSync(dir) && rmdirSync(dir))
    return join(dir, 'cgroup.procs')
  })
}

/** Calls tsoci from within the cgroup. */
function callFrom(site: Site, files: readonly string[], words: readonly string[]) {
  const enter = 'n=$1; shift; while [ $n -gt 0 ]; do echo $$ > "$1"; shift; n=$((n-1)); done'
  const call = [String(files.length), ...files, FRONT, '--root', site.root, ...words]
  return spawnSync('sh', ['-c', `${enter}; exec "$@"`, 'sh', ...call], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 20_000,
  })
}

for (const name of ['app-foo\\x2dbar.scope', 'a"],"x":["b', "quote'd\ttab"]) {
  test(`a container made from the cgroup ${JSON.stringify(name)} is known by it`, { skip }, (t) => {
    const site = openSite(t)
    const files = makeCaller(t, name)
    const config = draft(['sleep', '1000'])
    config.linux.cgroupsPath = `t${process.pid}-names` // below the caller's
    const bundle = site.bundle(() => {}, config)
    const id = site.id()
    assert.equal(callFrom(site, files, ['run', '--detach', '-b', bundle, id]).status, 0)
    for (const dir of site.stored(id).cgroups) assert.ok(existsSync(dir), dir)
    assert.ok(site.stored(id).cgroups.some((dir) => dir.includes(`/${name}/`)))
    assert.equal(JSON.parse(site.ok(['ps', '--format', 'json', id])).length, 1)
    site.ok(['update', '--pids-limit', '55', id])
    assert.equal(readFileSync(join(site.cgroup(id, 'pids'), 'pids.max'), 'utf8').trim(), '55')
    site.ok(['exec', id, 'true'])
    assert.match(site.ok(['list']), new RegExp(`^${id} `, 'm'))
    site.ok(['delete', '--force', id])
  })
}

test('list shows the bytes of a name and does not send them to the terminal', { skip }, (t) => {
  const site = openSite(t)
  const bundle = join(site.dir, 'red\u001b[31m\u009b\nline')
  spawnSync('cp', ['-a', site.bundle(() => {}, draft(['sleep', '1000'])), bundle])
  const id = site.id()
  const quiet = { stdio: ['ignore' as const, 'ignore' as const, 'ignore' as const] }
  assert.equal(site.tsoci(['run', '--detach', '-b', bundle, id], quiet).code, 0)
  const lines = site.ok(['list']).split('\n')
  assert.equal(lines.length, 3)
  assert.match(lines[1]!, /red\\u001b\[31m\\u009b\\nline /)
  assert.equal(JSON.parse(site.ok(['list', '--format', 'json']))[0].bundle, bundle)
})

test('list and an error leave out what no id can be, and what a terminal obeys', { skip }, (t) => {
  const site = openSite(t)
  const strange = join(site.root, 'x\u001b[31m')
  mkdirSync(strange, { recursive: true })
  writeFileSync(join(strange, 'plan'), '')
  assert.equal(site.ok(['list', '--quiet']), '')
  assert.equal(site.ok(['list']).trim().split('\n').length, 1)
  const { stderr } = site.tsoci(['run', '-b', `${site.dir}/no\u001b[31m\u007f`, site.id()])
  assert.match(stderr, /no(\\\\|\\)u001b\[31m/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(stderr, /[\u001b\u007f]/)
})
