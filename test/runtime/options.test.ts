// Whatever the command line can ask for, the library can; and docs/library.md names it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { commands } from '../../src/cli/options.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const docs = read('docs/library.md')
const source = read('src/runtime/options.ts') + read('src/runtime/events.ts')
const options = new Set([...source.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name!))

/** Flags whose option has another name. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  process: 'processText',
  tty: 'terminal',
  cap: 'capabilities',
  cgroup: 'cgroups',
  'no-new-privs': 'noNewPrivileges',
  apparmor: 'apparmorProfile',
  'process-label': 'selinuxLabel',
  'empty-ns': 'emptyNamespaces',
  'l3-cache-schema': 'intelRdt',
  'mem-bw-schema': 'intelRdt',
}

/** Flags that are a function, or a value that one takes; and the library keeps no plans. */
const NO_OPTIONS = new Set(['regex', 'stats', 'resources'])
const isResource = (name: string) => /^(blkio|cpu|cpuset|memory|kernel|pids)\b/.test(name)

const VERBS = [
  'create',
  'run',
  'exec',
  'kill',
  'delete',
  'update',
  'events',
  'checkpoint',
  'restore',
]
for (const { name: verb, flags } of commands.filter(({ name }) => VERBS.includes(name))) {
  test(`the library has an option for each flag of ${verb}`, () => {
    const wanted = flags
      .filter(({ name, hidden }) => !hidden && !NO_OPTIONS.has(name) && !isResource(name))
      .map(({ name }) => OTHER_NAMES[name] ?? name.replace(/-(\w)/g, (_, c) => c.toUpperCase()))
    assert.deepEqual(
      wanted.filter((name) => !options.has(name)),
      [],
    )
  })
}

test('docs/library.md names each option', () => {
  const missing = [...options].filter((name) => !docs.includes(`\`${name}\``))
  assert.deepEqual(missing, [])
})

test('docs/library.md names each function', async () => {
  const library = await import('../../src/runtime/index.ts')
  const functions = Object.keys(library).filter((name) => name !== 'TsociError')
  assert.deepEqual(
    functions.filter((name) => !docs.includes(`\`${name}(`)),
    [],
  )
})
