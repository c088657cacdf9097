// What only the build can break: the bundled files, started by the front door.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commands } from '../../src/cli/options.ts'

const front = fileURLToPath(new URL('../../dist/tsoci', import.meta.url))

function run(args: readonly string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'tsoci-built-'))
  try {
    return spawnSync(front, args, { encoding: 'utf8', cwd, timeout: 20_000 })
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

test('dist/tsoci --help names every command that is shown', () => {
  const { status, stdout, stderr } = run(['--help'])
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  for (const { name, hidden } of commands)
    if (!hidden) assert.match(stdout, new RegExp(`\\b${name}\\b`))
})

test('dist/tsoci --version prints the version and the commit of the build', () => {
  assert.match(
    run(['--version']).stdout,
    /^tsoci version \d+\.\d+\.\d+\ncommit: (\w{40}|unknown)\n/,
  )
})

for (const args of [
  ['spec'],
  ['validate', '--json'],
  ['plan'],
  ['features'],
  ['doctor'],
  ['list'],
]) {
  test(`dist/tsoci ${args.join(' ')} answers without a stack trace`, () => {
    const { stderr, signal } = run(args)
    assert.equal(signal, null)
    assert.doesNotMatch(stderr, /^ +at |has already been declared/m)
  })
}
