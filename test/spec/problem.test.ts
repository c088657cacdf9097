import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TsociError } from '../../src/errors.ts'
import { describeProblem, parseConfig, refuseProblems } from '../../src/spec/parse.ts'
import { error, keysOf, pointerOf, warning } from '../../src/spec/problem.ts'
import { similarWord } from '../../src/spec/similar.ts'
import { changed } from './sample.ts'

test('describeProblem() says file, place, what, expected and hint in one line', () => {
  const problem = { ...error(['a', 0], 'x', { expected: 'y', hint: 'z' }), line: 3, column: 4 }
  assert.equal(describeProblem(problem, 'f'), 'f:3:4: error: /a/0: x, expected y (z)')
  assert.equal(describeProblem(warning([], 'x'), 'f'), 'f: warning: x')
})

test('pointerOf() and keysOf() escape as RFC 6901 asks', () => {
  const keys = ['net/ipv4', 'a~b', '', '~1']
  assert.equal(pointerOf(keys), '/net~1ipv4/a~0b//~01')
  assert.deepEqual(keysOf(pointerOf(keys)), keys)
  assert.deepEqual(keysOf(''), [])
})

function refusal(text: string): TsociError {
  try {
    refuseProblems(parseConfig(text, 'config.json').problems, 'config.json')
  } catch (thrown) {
    if (thrown instanceof TsociError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

test('refuseProblems() lets warnings pass', () => {
  const { problems } = parseConfig(
    changed((c) => (c.other = 1)),
    'config.json',
  )
  assert.equal(problems.length, 1)
  refuseProblems(problems, 'config.json')
})

test('refuseProblems() throws a single problem as it is', () => {
  const { code, message, hint } = refusal(changed((c) => (c.linux.namespaces[0].type = 'pids')))
  assert.equal(code, 'BAD_CONFIG')
  assert.match(message, /^config\.json:\d+:\d+: \/linux\/namespaces\/0\/type: unknown value "pids"/)
  assert.equal(hint, 'did you mean "pid"?')
})

test('refuseProblems() throws several problems as one line', () => {
  const { code, message } = refusal(
    changed((c) => {
      c.ociVersion = '2.0.0'
      c.process.cwd = ''
      c.other = 1
    }),
  )
  assert.equal(code, 'BAD_CONFIG')
  assert.match(
    message,
    /^2 problems in "config\.json": 2:17 \/ociVersion: .*; \d+:\d+ \/process\/cwd: /,
  )
  assert.ok(!message.includes('\n'))
})

const words: [word: string, candidates: string[], meant: string | undefined][] = [
  ['Hostname', ['hostname', 'domainname'], 'hostname'],
  ['hostnmae', ['hostname', 'domainname'], 'hostname'],
  ['mnt', ['mount', 'uts', 'user'], 'mount'],
  ['net', ['pid', 'network'], 'network'],
  ['xyz', ['pid', 'network'], undefined],
  ['x', ['c', 'b'], undefined],
  ['x'.repeat(100000), ['hostname'], undefined],
]
for (const [word, candidates, meant] of words) {
  test(`similarWord() takes "${word.slice(0, 9)}" for ${meant ?? 'nothing'}`, () => {
    assert.equal(similarWord(word, candidates), meant)
  })
}
