import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempDir, tsoci } from './tsoci.ts'

for (const flags of [[], ['--rootless']]) {
  test(`spec ${flags.join(' ')} writes the content of runc's`, (t) => {
    const [ours, theirs] = ['ours', 'theirs'].map((it) => join(makeTempDir(t), it))
    mkdirSync(ours!)
    mkdirSync(theirs!)
    const runc = spawnSync('runc', ['spec', ...flags], { cwd: theirs! })
    if (runc.error !== undefined) return t.skip('runc is not installed')
    assert.equal(tsoci(['spec', ...flags, '-b', ours!]).code, 0)
    const [config, expected] = [ours!, theirs!].map((dir) =>
      JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8')),
    )
    // runc is of an older specification.
    assert.deepEqual({ ...config, ociVersion: expected.ociVersion }, expected)
  })
}

test('spec does not overwrite a config.json', (t) => {
  const dir = makeTempDir(t)
  assert.equal(tsoci(['spec', '--bundle', dir]).code, 0)
  const file = join(dir, 'config.json')
  const before = readFileSync(file, 'utf8')
  const { code, stderr } = tsoci(['spec', '--bundle', dir, '--rootless'])
  assert.equal(code, 1)
  assert.match(stderr, /file exists\nhint: /)
  assert.equal(readFileSync(file, 'utf8'), before)
})

test('spec --file writes another file, in the directory of --bundle', (t) => {
  const dir = makeTempDir(t)
  assert.equal(tsoci(['spec', '-b', dir, '-f', 'other.json']).code, 0)
  assert.equal(tsoci(['spec', '--file', join(dir, 'third.json')], { TSOCI_CWD: '/' }).code, 0)
  assert.deepEqual(readdirSync(dir).sort(), ['other.json', 'third.json'])
  assert.match(tsoci(['spec', '-b', dir, '-f', 'other.json']).stderr, /file exists/)
})

test('spec writes to the working directory of the caller, readable by all', (t) => {
  const dir = makeTempDir(t)
  assert.equal(tsoci(['spec'], { TSOCI_CWD: dir }).code, 0)
  assert.equal(statSync(join(dir, 'config.json')).mode & 0o777, 0o644)
})

test('spec and validate agree', (t) => {
  const dir = makeTempDir(t)
  tsoci(['spec', '-b', dir])
  assert.equal(
    tsoci(['validate', '--config-only', dir]).stdout,
    `${dir}/config.json: no problems\n`,
  )
})
