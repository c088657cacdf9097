import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeTempDir, tsoci } from './tsoci.ts'

const wrong = `{
  "ociVersion": "1.0.2",
  "root": { "path": "rootfs" },
  "hostnam": "web",
  "process": { "cwd": "/", "args": ["sh"], "user": { "uid": "0", "gid": 0 } },
  "mounts": {}
}`

function makeBundle(t: TestContext, config: string): string {
  const dir = makeTempDir(t)
  writeFileSync(join(dir, 'config.json'), config)
  return dir
}

test('validate reports every problem with its line, and ends with 1', (t) => {
  const dir = makeBundle(t, wrong)
  const { code, stdout } = tsoci(['validate', dir])
  assert.equal(code, 1)
  assert.match(stdout, /config\.json:5:\d+: error: \/process\/user\/uid: /)
  assert.match(stdout, /config\.json:6:\d+: error: \/mounts: /)
  assert.match(stdout, /config\.json:4:\d+: warning: \/hostnam: .*did you mean "hostname"\?/)
  assert.match(stdout, /: 2 errors, 1 warning\n$/)
})

test('validate --json prints the problems for programs', (t) => {
  const dir = makeBundle(t, wrong)
  const { code, stdout } = tsoci(['validate', '--json', '--bundle', dir])
  const { file, valid, problems } = JSON.parse(stdout)
  assert.equal(code, 1)
  assert.equal(file, join(dir, 'config.json'))
  assert.equal(valid, false)
  assert.deepEqual(problems.map((it: { pointer: string }) => it.pointer).sort(), [
    '/hostnam',
    '/mounts',
    '/process/user/uid',
  ])
})

test('validate ends with 0 when there are warnings only', (t) => {
  const config = JSON.stringify({ ociVersion: '1.0.2', root: { path: 'rootfs' }, hostnam: 'x' })
  assert.equal(tsoci(['validate', makeBundle(t, config)]).code, 0)
})

test('validate reads the file of --config', (t) => {
  const dir = makeBundle(t, '{}')
  const file = join(dir, 'other.json')
  writeFileSync(file, JSON.stringify({ ociVersion: '1.0.2', root: { path: 'rootfs' } }))
  assert.equal(tsoci(['validate', dir]).code, 1)
  assert.equal(tsoci(['validate', '--config', file]).code, 0)
})

test('validate tells when there is no config.json', (t) => {
  const { code, stdout, stderr } = tsoci(['validate', makeTempDir(t)])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^error: read ".*config\.json": it does not exist \(ENOENT\)\nhint: /)
})
