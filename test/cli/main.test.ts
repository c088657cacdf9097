import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTempDir, tsoci } from './tsoci.ts'

test('--version prints the three lines that go-runc parses', () => {
  const { code, stdout } = tsoci(['--version'])
  assert.equal(code, 0)
  assert.match(stdout, /^tsoci version \d+\.\d+\.\d+\ncommit: \S+\nspec: 1\.3\.0\n$/)
})

test('--help lists the commands, not the hidden ones', () => {
  const { code, stdout } = tsoci(['--help'])
  assert.equal(code, 0)
  // Scripts that know runc look for its name in the second line.
  assert.match(stdout, /^NAME:\n *tsoci, .*runc - Open Container Initiative runtime\n/)
  assert.match(stdout, /tsoci create .*make a container/)
  assert.doesNotMatch(stdout, /__explain/)
})

test('create --help shows its flags', () => {
  const { code, stdout } = tsoci(['create', '--help'])
  assert.equal(code, 0)
  assert.match(stdout, /^NAME:\n *tsoci create - .*\n\nUSAGE:\n *tsoci create /)
  assert.match(stdout, /--console-socket/)
  assert.doesNotMatch(stdout, /--no-subreaper/)
})

test('help of a command that is not there fails, for those who probe', () => {
  const { code, stderr } = tsoci(['crate', '--help'])
  assert.equal(code, 1)
  assert.match(stderr, /No help topic for 'crate'\nhint: did you mean "create"\?/)
})

for (const [word, meant] of [
  ['stat', 'state'],
  ['strat', 'start'],
  ['lst', 'list'],
] as const) {
  test(`${word} is probably meant to be ${meant}`, () => {
    assert.match(tsoci([word]).stderr, new RegExp(`\nhint: did you mean "${meant}"\\?\n$`))
  })
}

test('an argument that takes a few words refuses others', () => {
  const { code, stderr } = tsoci(['completion', 'ksh'])
  assert.equal(code, 1)
  assert.equal(stderr, 'error: completion: shell "ksh": expected bash, zsh or fish\n')
})

test('an unknown flag ends with 1 and a hint on standard error', () => {
  const { code, stdout, stderr } = tsoci(['create', '--bundel', '/b', 'c1'])
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.equal(stderr, 'error: create: unknown flag "--bundel"\nhint: did you mean "--bundle"?\n')
})

test('--log makes the file even when nothing goes wrong', (t) => {
  const file = join(makeTempDir(t), 'log')
  assert.equal(tsoci(['--log', file, 'features']).code, 0)
  assert.equal(readFileSync(file, 'utf8'), '')
})

test('--log gets the error as one more line of JSON, with the hint in it', (t) => {
  const file = join(makeTempDir(t), 'log')
  writeFileSync(file, 'before\n')
  tsoci(['--log', file, '--log-format', 'json', '--log-levle', 'c1'])
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.equal(lines.length, 3)
  assert.equal(lines[0], 'before')
  const { level, msg, time } = JSON.parse(lines[1]!)
  assert.equal(level, 'error')
  assert.equal(msg, 'unknown flag "--log-levle" (did you mean "--log-level"?)')
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/)
})

test('--log gets the error of a line that can not be read', (t) => {
  const file = join(makeTempDir(t), 'log')
  tsoci([`--log=${file}`, 'create', '--bundel', '/b', 'c1'])
  assert.match(readFileSync(file, 'utf8'), /^time="[^"]+" level=error msg="create: unknown flag/)
})

test('--log in a directory that is not there is an error without a stack', () => {
  const { code, stderr } = tsoci(['--log', '/nowhere/at/all/log', 'features'])
  assert.equal(code, 1)
  assert.match(stderr, /^error: open log file "\/nowhere\/at\/all\/log": ENOENT\n$/)
})

test('--debug brings the stack of an error', () => {
  assert.match(tsoci(['--debug', 'lst']).stderr, /hint: .*\nTsociError: .*\n +at /)
})

test('relative paths are taken from the directory of the front door', (t) => {
  const dir = makeTempDir(t)
  assert.equal(tsoci(['--log', 'log', 'features'], { TSOCI_CWD: dir }).code, 0)
  assert.equal(readFileSync(join(dir, 'log'), 'utf8'), '')
})

test('doctor --json prints findings', () => {
  const { stdout } = tsoci(['doctor', '--json'])
  const { usable, findings } = JSON.parse(stdout)
  assert.equal(typeof usable, 'boolean')
  assert.ok(findings.some((it: { name: string }) => it.name === 'pid'))
})
