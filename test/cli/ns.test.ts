import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawNamespaces } from '../../src/cli/ns.ts'

test('drawNamespaces() puts what a user namespace owns below it', () => {
  const view = { host: false, containers: ['web'], members: [7] }
  const text = drawNamespaces({
    namespaces: [
      { ...view, type: 'pid', inode: 12, owner: 20, parent: 2 },
      { ...view, type: 'user', inode: 20, parent: 1, ownerUid: 1000 },
      { ...view, type: 'network', inode: 11, owner: 1, members: [7, 8] },
      { ...view, type: 'user', inode: 1, host: true, members: [1, 7] },
    ],
    limits: [{ type: 'user', limit: 100, seen: 2 }],
  })
  assert.deepEqual(text.split('\n'), [
    'user 1: host, web (2 processes)',
    '├─ network 11: web (2 processes)',
    '└─ user 20: web (1 process, of uid 1000)',
    '   └─ pid 12: web (1 process, in 2)',
    '',
    'seen, of those that a user may make:',
    '  user         2 of 100',
    '',
  ])
})

test('drawNamespaces() says when there is nothing to draw', () => {
  assert.match(drawNamespaces({ namespaces: [], limits: [] }), /^no container runs\n/)
})
