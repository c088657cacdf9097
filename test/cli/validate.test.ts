import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
  mkdirSync(join(dir, 'rootfs'))
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
  assert.match(stderr, /^error: ".*config\.json" does not exist \(ENOENT\)\nhint: /)
})

const good = JSON.stringify({ ociVersion: '1.0.2', root: { path: 'rootfs' } })
const rootfs: [why: string, spoil: (dir: string) => void, message: RegExp][] = [
  ['is missing', (dir) => rmSync(dir, { recursive: true }), /does not exist \(ENOENT\)/],
  [
    'is a file',
    (dir) => {
      rmSync(dir, { recursive: true })
      writeFileSync(dir, '')
    },
    /is not a directory \(ENOTDIR\)/,
  ],
  [
    'is a symlink',
    (dir) => {
      rmSync(dir, { recursive: true })
      symlinkSync('/', dir)
    },
    /is a symlink/,
  ],
  [
    'is an archive that is none',
    (dir) => writeFileSync(`${dir}.tar`, 'x'.repeat(2000)),
    /cannot unpack ".*rootfs\.tar" to root\.path: /,
  ],
]
for (const [why, spoil, message] of rootfs) {
  for (const verb of ['validate', 'check']) {
    test(`${verb} tells of a rootfs that ${why}`, (t) => {
      const dir = makeBundle(t, good)
      spoil(join(dir, 'rootfs'))
      const { code, stdout, stderr } = tsoci([verb, '--json', dir])
      assert.equal(code, 1, stderr)
      const [problem] = JSON.parse(stdout).problems
      assert.equal(problem.pointer, '/root/path')
      assert.match(problem.message, message)
      assert.ok(problem.hint.length > 0)
      if (verb === 'check') return
      assert.equal(tsoci([verb, '--config-only', dir]).code, 0)
      assert.equal(tsoci([verb, '--config', join(dir, 'config.json')]).code, 0)
    })
  }
}

test('validate says which of a directory and an archive is taken', (t) => {
  const dir = makeBundle(t, good)
  writeFileSync(join(dir, 'rootfs/file'), '')
  writeFileSync(join(dir, 'rootfs.tar'), '')
  const { code, stdout } = tsoci(['validate', dir])
  assert.equal(code, 0)
  assert.match(stdout, /warning: \/root\/path: ".*rootfs" is taken, and ".*rootfs\.tar" is not/)
})

for (const verb of ['create', 'run', 'plan', 'validate', 'check']) {
  test(`${verb} tells of a bundle that is a file`, (t) => {
    const file = join(makeTempDir(t), 'file')
    writeFileSync(file, '')
    const { code, stderr } = tsoci([
      verb,
      '--bundle',
      file,
      ...(['create', 'run'].includes(verb) ? ['c'] : []),
    ])
    assert.equal(code, 1)
    assert.match(stderr, /^error: bundle ".*file" is not a directory \(ENOTDIR\)\nhint: .*--bundle/)
  })
}

for (const verb of ['validate', 'check']) {
  test(`${verb} --json prints JSON of a bundle that is none`, (t) => {
    const dir = makeTempDir(t)
    const file = join(dir, 'file')
    writeFileSync(file, '')
    writeFileSync(join(dir, 'config.json'), Buffer.from([0xff, 0xfe]))
    for (const bundle of [join(dir, 'nowhere'), file, dir, '/']) {
      const { code, stdout, stderr } = tsoci([verb, '--json', bundle])
      assert.equal(code, 1)
      assert.equal(stderr, '')
      const { valid, problems } = JSON.parse(stdout)
      assert.equal(valid, false)
      assert.equal(problems.length, 1)
      assert.ok(problems[0].hint.length > 0)
    }
  })
}

test('validate and create tell of a key below hooks that is no list, and ignore it', (t) => {
  const hooks = { comment: 'x', prestart: [] }
  const dir = makeBundle(t, JSON.stringify({ ...JSON.parse(good), hooks }))
  const { code, stdout } = tsoci(['validate', dir])
  assert.equal(code, 0)
  assert.match(stdout, /warning: \/hooks\/comment: unknown property "comment" is ignored/)
})
