// Rules of the top object, root and hooks: each with a configuration that keeps it and one that breaks it.

import { drop, testRules } from './sample.ts'

testRules([
  ['the default', () => {}, []],
  ['version 1.0.0', (c) => (c.ociVersion = '1.0.0'), []],
  ['version 1.0.2-dev', (c) => (c.ociVersion = '1.0.2-dev'), []],
  ['version 1.3.0+dev', (c) => (c.ociVersion = '1.3.0+dev'), []],
  ['a later version 1.x', (c) => (c.ociVersion = '1.9.0'), []],
  ['version 2', (c) => (c.ociVersion = '2.0.0'), ['error /ociVersion']],
  ['version 0', (c) => (c.ociVersion = '0.5.0'), ['error /ociVersion']],
  ['a version of two numbers', (c) => (c.ociVersion = '1.3'), ['error /ociVersion']],
  ['an empty version', (c) => (c.ociVersion = ''), ['error /ociVersion']],
  ['no version', (c) => delete c.ociVersion, ['error ']],
  ['a part for another system', (c) => (c.freebsd = {}), ['warning /freebsd']],
  ['a domainname', (c) => (c.domainname = 'test'), []],
  ['a hostname without uts', drop('uts'), ['error /hostname']],
  [
    'a domainname without uts',
    (c) => {
      drop('uts')(c)
      delete c.hostname
      c.domainname = 'test'
    },
    ['error /domainname'],
  ],
  [
    'an empty hostname without uts',
    (c) => {
      drop('uts')(c)
      c.hostname = ''
    },
    [],
  ],
  ['a hostname of 64 bytes', (c) => (c.hostname = 'h'.repeat(64)), []],
  ['a hostname of 65 bytes', (c) => (c.hostname = 'h'.repeat(65)), ['error /hostname']],
  ['annotations', (c) => (c.annotations = { 'org.example': '' }), []],
  [
    'bytes in an annotation',
    (c) => (c.annotations = { 'org.tsoci.memory.high': 'max', 'org.tsoci.memory.min': '1' }),
    [],
  ],
  [
    'a unit of bytes in an annotation',
    (c) => (c.annotations = { 'org.tsoci.memory.high': '1G' }),
    ['error /annotations/org.tsoci.memory.high'],
  ],
  [
    'negative bytes in an annotation',
    (c) => (c.annotations = { 'org.tsoci.memory.min': '-1' }),
    ['error /annotations/org.tsoci.memory.min'],
  ],
  [
    'an unknown annotation of ours',
    (c) => (c.annotations = { 'org.tsoci.handlers': '/x' }),
    ['warning /annotations/org.tsoci.handlers'],
  ],
  ['an annotation without a key', (c) => (c.annotations = { '': 'x' }), ['error /annotations/']],
  ['no root', (c) => delete c.root, ['error ']],
  ['no root.path', (c) => delete c.root.path, ['error /root']],
  ['an empty root.path', (c) => (c.root.path = ''), ['error /root/path']],
  ['a hook', (c) => (c.hooks = { prestart: [{ path: '/bin/true', timeout: 1 }] }), []],
  [
    'a hook with a relative path',
    (c) => (c.hooks = { poststop: [{ path: 'true' }] }),
    ['error /hooks/poststop/0/path'],
  ],
  [
    'a hook with a timeout of 0',
    (c) => (c.hooks = { createRuntime: [{ path: '/bin/true', timeout: 0 }] }),
    ['error /hooks/createRuntime/0/timeout'],
  ],
])
