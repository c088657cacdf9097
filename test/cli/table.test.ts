import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { layoutTable } from '../../src/cli/table.ts'

const header = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']

test('layoutTable() lays out an empty list as runc does', (t) => {
  const result = spawnSync('runc', ['--root', '/nonexistent-tsoci', 'list'], { encoding: 'utf8' })
  if (result.error !== undefined) return t.skip('runc is not installed')
  assert.equal(layoutTable([header]), result.stdout)
})

test('layoutTable() widens a column to its longest cell and three spaces', () => {
  const row = ['a-very-long-name', '1', 'running', '/b', '2026-01-31T12:00:00Z', 'root']
  assert.equal(
    layoutTable([header, row]),
    [
      'ID                 PID         STATUS      BUNDLE      CREATED                OWNER',
      'a-very-long-name   1           running     /b          2026-01-31T12:00:00Z   root',
      '',
    ].join('\n'),
  )
})

test('layoutTable() counts letters, not bytes', () => {
  assert.equal(layoutTable([['äöü', 'x']]), `äöü${' '.repeat(9)}x\n`)
})
