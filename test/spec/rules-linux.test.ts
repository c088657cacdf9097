// Rules of the rest of linux: each with a configuration that keeps it and one that breaks it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../src/spec/parse.ts'
import { changed, testRules } from './sample.ts'

testRules([
  ['a cgroupsPath', (c) => (c.linux.cgroupsPath = 'system.slice:tsoci:x'), []],
  [
    'a cgroupsPath with ..',
    (c) => (c.linux.cgroupsPath = '/a/../../b'),
    ['warning /linux/cgroupsPath'],
  ],
  [
    'a cgroupsPath with a line break',
    (c) => (c.linux.cgroupsPath = '/a\nb'),
    ['error /linux/cgroupsPath'],
  ],
  ['a propagation', (c) => (c.linux.rootfsPropagation = 'rslave'), []],
  [
    'an unknown propagation',
    (c) => (c.linux.rootfsPropagation = 'open'),
    ['error /linux/rootfsPropagation'],
  ],
  ['a personality', (c) => (c.linux.personality = { domain: 'LINUX32', flags: [] }), []],
  [
    'an unknown personality',
    (c) => (c.linux.personality = { domain: 'BSD', flags: ['X'] }),
    ['error /linux/personality/domain'],
  ],
  [
    'a personality with a flag',
    (c) => (c.linux.personality = { domain: 'LINUX', flags: ['X'] }),
    ['error /linux/personality/flags/0'],
  ],
  [
    'a class of resctrl',
    (c) =>
      (c.linux.intelRdt = {
        closID: 'gold',
        l3CacheSchema: 'L3:0=f',
        memBwSchema: 'MB:0=20',
        schemata: ['L2:0=f'],
        enableMonitoring: true,
      }),
    [],
  ],
  ['the default class of resctrl', (c) => (c.linux.intelRdt = { closID: '/' }), []],
  [
    'a class of resctrl that is a path',
    (c) => (c.linux.intelRdt = { closID: 'a/b' }),
    ['error /linux/intelRdt/closID'],
  ],
  [
    'a class of resctrl that is ..',
    (c) => (c.linux.intelRdt = { closID: '..' }),
    ['error /linux/intelRdt/closID'],
  ],
  [
    'schemas of resctrl that are not what they should be',
    (c) =>
      (c.linux.intelRdt = { l3CacheSchema: 'L2:0=f', memBwSchema: 'L3:0=f', schemata: ['a\nb'] }),
    ['error /linux/intelRdt/memBwSchema', 'error /linux/intelRdt/schemata/0'],
  ],
  [
    'a cache schema without L3',
    (c) => (c.linux.intelRdt = { l3CacheSchema: 'L2:0=f' }),
    ['warning /linux/intelRdt/l3CacheSchema'],
  ],
  [
    'a memory policy',
    (c) =>
      (c.linux.memoryPolicy = {
        mode: 'MPOL_BIND',
        nodes: '0-3,7',
        flags: ['MPOL_F_STATIC_NODES'],
      }),
    [],
  ],
  [
    'a memory policy without its nodes',
    (c) => (c.linux.memoryPolicy = { mode: 'MPOL_INTERLEAVE' }),
    ['error /linux/memoryPolicy'],
  ],
  [
    'a memory policy with nodes it cannot have',
    (c) => (c.linux.memoryPolicy = { mode: 'MPOL_LOCAL', nodes: '0' }),
    ['error /linux/memoryPolicy/nodes'],
  ],
  [
    'a memory policy with a bad list',
    (c) => (c.linux.memoryPolicy = { mode: 'MPOL_PREFERRED', nodes: '0-' }),
    ['error /linux/memoryPolicy/nodes'],
  ],
  [
    'a memory policy with a node beyond reason',
    (c) => (c.linux.memoryPolicy = { mode: 'MPOL_BIND', nodes: '0,65536' }),
    ['error /linux/memoryPolicy/nodes'],
  ],
  [
    'a memory policy with flags that exclude each other',
    (c) =>
      (c.linux.memoryPolicy = {
        mode: 'MPOL_BIND',
        nodes: '0',
        flags: ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
      }),
    ['error /linux/memoryPolicy/flags'],
  ],
  [
    'an unknown memory policy',
    (c) => (c.linux.memoryPolicy = { mode: 'MPOL_RANDOM', flags: ['MPOL_F_X'] }),
    ['error /linux/memoryPolicy/mode', 'error /linux/memoryPolicy/flags/0'],
  ],
])

// Callers look for these words in what a runtime says.
const words: [policy: object, message: string][] = [
  [{}, 'invalid memory policy mode: missing property "mode"'],
  [{ mode: 'MPOL_RANDOM' }, 'invalid memory policy mode: unknown value "MPOL_RANDOM"'],
  [{ mode: 'MPOL_LOCAL', flags: ['X'] }, 'invalid memory policy flag: unknown value "X"'],
  [{ mode: 'MPOL_BIND', nodes: '0-99999' }, 'invalid memory policy node: the number 99999 is'],
  [{ mode: 'MPOL_BIND', nodes: 'a' }, 'invalid memory policy node: found "a"'],
  [{ mode: 'MPOL_BIND' }, 'invalid memory policy: MPOL_BIND needs nodes'],
  [
    { mode: 'MPOL_DEFAULT', nodes: '0-6,9' },
    'invalid memory policy node: the MPOL_DEFAULT mode requires 0 nodes but got 8',
  ],
]
for (const [policy, message] of words) {
  test(`parseConfig() says: ${message}`, () => {
    const text = changed((config) => (config.linux.memoryPolicy = policy))
    const { problems } = parseConfig(text, 'config.json')
    assert.equal(problems[0]?.message.slice(0, message.length), message)
  })
}
