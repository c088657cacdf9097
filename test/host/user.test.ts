import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import {
  findTool,
  findUserName,
  parseIdMap,
  parseSubIds,
  readUserFacts,
  statusField,
} from '../../src/host/user.ts'

const status = 'Name:\tnode\nCapPrm:\t0000000000000001\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\n'

test('readUserFacts() reads capabilities and no_new_privs', () => {
  const facts = readUserFacts(status)
  assert.equal(facts.capabilities, 0xa80425fbn)
  assert.equal(facts.noNewPrivs, true)
})

test('statusField() gives nothing for a field that an old kernel does not write', () => {
  assert.equal(statusField(status, 'Seccomp'), undefined)
})

test('readUserFacts() tells a user namespace from the initial one', (t) => {
  const script = `import('./src/host/user.ts').then((it) => {
    const { inInitialUserNamespace, uidMap } = it.readUserFacts()
    console.log(JSON.stringify({ inInitialUserNamespace, size: uidMap[0].size }))
  })`
  const args = ['-Ur', process.execPath, '--import', 'tsx', '-e', script]
  const result = spawnSync('unshare', args, { encoding: 'utf8' })
  if (result.status !== 0) return t.skip(`no user namespace here: ${result.stderr.trim()}`)
  assert.deepEqual(JSON.parse(result.stdout), { inInitialUserNamespace: false, size: 1 })
})

test('parseIdMap() reads the ranges of a map', () => {
  assert.deepEqual(
    parseIdMap('         0       1000          1\n         1     100000      65536\n'),
    [
      { inside: 0, outside: 1000, size: 1 },
      { inside: 1, outside: 100000, size: 65536 },
    ],
  )
  assert.deepEqual(parseIdMap(''), [])
})

test('parseSubIds() takes lines of the name and of the number', () => {
  const text = '# comment\nann:100000:65536\nbob:1:2\n1000:300000:10\nann:x:1\nann\n\n'
  assert.deepEqual(parseSubIds(text, 'ann', 1000), [
    { first: 100000, size: 65536 },
    { first: 300000, size: 10 },
  ])
  assert.deepEqual(parseSubIds(text, undefined, 7), [])
})

test('findUserName() takes the first line of the id, and no other field for it', () => {
  const text = 'root:x:0:0:root:/root:/bin/sh\nann:0:7:0::/:\nbob:x:7:1::/:\n'
  assert.equal(findUserName(text, 0), 'root')
  assert.equal(findUserName(text, 7), 'ann')
  assert.equal(findUserName(text, 1), undefined)
  assert.equal(findUserName('', 0), undefined)
})

test('findTool() looks in the system directories whatever PATH says', () => {
  assert.match(findTool('env') ?? '', /^\/(usr\/)?bin\/env$/)
  assert.equal(findTool('no-such-tool'), undefined)
})
