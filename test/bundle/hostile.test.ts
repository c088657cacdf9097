import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { TsociError } from '../../src/errors.ts'
import {
  leftovers,
  type Made,
  makeBundle,
  makeEntry,
  makeTar,
  needsRoot,
  readBundle,
} from './tar-maker.ts'

const evil = { name: 'x/evil', data: 'evil' }
const sparse = (size: string, map: string): NonNullable<Made['pax']> => [
  ['GNU.sparse.size', size],
  ['GNU.sparse.map', map],
]
const sparse1: NonNullable<Made['pax']> = [
  ['GNU.sparse.major', '1'],
  ['GNU.sparse.minor', '0'],
  ['GNU.sparse.realsize', '100'],
]

// Each with the words that name the entry and say what is wrong with it.
const hostile: [why: string, entries: Made[], words: RegExp][] = [
  ['a name with ..', [{ name: '../evil' }], /entry "\.\.\/evil" has "\.\."/],
  ['a name with .. further on', [{ name: 'a/../../evil' }], /"a\/\.\.\/\.\.\/evil" has "\.\."/],
  ['a name that is ..', [{ name: '..', type: '5' }], /entry "\.\." has/],
  ['a pax name with ..', [{ name: 'a', pax: [['path', 'b/../../evil']] }], /has "\.\."/],
  ['a GNU long name with ..', [{ name: 'a', longName: '../evil' }], /has "\.\."/],
  [
    'a sparse name with ..',
    [{ name: 'a', pax: [...sparse('0', '0,0'), ['GNU.sparse.name', '../evil']] }],
    /has "\.\."/,
  ],
  ['no name', [{ name: '' }], /entry "" has an empty name/],
  ['a zero in a pax name', [{ name: 'a', pax: [['path', 'a\0b']] }], /has a zero byte/],
  [
    'a name that steers the terminal',
    [{ name: '../\x1b[2J\u009b' }],
    /entry "\.\.\/\\u001b\[2J\\u009b"/,
  ],
  [
    'a path through a symlink that leads up',
    [{ name: 'x', type: '2', linkname: '../../outside' }, evil],
    /"x\/evil" passes through the symlink "x"/,
  ],
  [
    'a path through an absolute symlink',
    [{ name: 'x', type: '2', linkname: '/tmp' }, evil],
    /"x\/evil" passes through the symlink "x"/,
  ],
  [
    'a path through a symlink further up',
    [{ name: 'x', type: '2', linkname: '/tmp' }, { name: 'x/y/evil' }],
    /"x\/y\/evil" passes through the symlink "x"/,
  ],
  ['a file in the path', [{ name: 'x' }, evil], /passes through the file "x"/],
  ['a fifo in the path', [{ name: 'x', type: '6' }, evil], /passes through the fifo "x"/],
  [
    'a directory turned file',
    [evil, { name: 'x' }],
    /entry "x" would take the place of a directory that is not empty/,
  ],
  [
    'a directory turned symlink',
    [evil, { name: 'x', type: '2', linkname: '/tmp' }],
    /entry "x" would take the place of a directory that is not empty/,
  ],
  [
    'a rootfs that is a symlink',
    [{ name: './', type: '2', linkname: '/' }],
    /is the rootfs itself/,
  ],
  ['a rootfs that is a file', [{ name: '.' }], /is the rootfs itself/],
  ['a hard link to ..', [{ name: 'l', type: '1', linkname: '../outside/file' }], /link to "\.\.\//],
  [
    'a hard link through a symlink',
    [
      { name: 'x', type: '2', linkname: '../../outside' },
      { name: 'l', type: '1', linkname: 'x/file' },
    ],
    /entry "l" is a hard link to "x\/file", which is not in/,
  ],
  ['a hard link to nothing', [{ name: 'l', type: '1', linkname: 'no' }], /"no", which is not in/],
  [
    'a hard link to a directory',
    [
      { name: 'd', type: '5' },
      { name: 'l', type: '1', linkname: 'd' },
    ],
    /hard link to the directory "d"/,
  ],
  ['a hard link with data', [{ name: 'l', type: '1', linkname: 'a', data: 'x' }], /"l" is no file/],
  ['a symlink to nothing', [{ name: 'l', type: '2' }], /is a symlink with a bad target/],
  ['an entry of unknown type', [{ name: 'u', type: 'Z' }], /"u" is of an unknown type/],
  ['a part of a multi-volume archive', [{ name: 'u', type: 'M' }], /unknown type/],
  ['a size that is no number', [{ name: 'f', size: '99z' }], /"f" has a bad size/],
  ['a negative size', [{ name: 'f', size: '\xff\xff\xff\xff' }], /"f" has a bad size/],
  ['a time that is no number', [{ name: 'f', mtime: 'noon' }], /"f" has a bad modification time/],
  ['a pax size that is no number', [{ name: 'f', pax: [['size', '-1']] }], /"f" has a bad size/],
  [
    'a pax owner that is too large',
    [{ name: 'f', pax: [['uid', '4294967295']] }],
    /"f" has a bad owner/,
  ],
  ['a damaged pax header', [{ name: 'p', type: 'x', data: '99 path=x\n' }, evil], /damaged pax/],
  [
    'a pax header that breaks off',
    [{ name: 'p', type: 'x', data: '9 path=x\n12' }, evil],
    /damaged/,
  ],
  ['a device with bad numbers', [{ name: 'n', type: '3', over: [329, 'x'] }], /bad device number/],
  ['a pax header without end', [{ name: 'p', type: 'x', size: 1 << 30 }, evil], /oversized pax/],
  ['a component that is too long', [{ name: 'a', pax: [['path', 'n'.repeat(300)]] }], /too long/],
  [
    'a sparse map that overlaps',
    [{ name: 's', data: 'abcd', pax: sparse('9', '0,2,1,2') }],
    /"s" has a bad sparse/,
  ],
  [
    'a sparse map beyond its file',
    [{ name: 's', data: 'ab', pax: sparse('9', '8,2') }],
    /"s" has a bad sparse/,
  ],
  [
    'a sparse map of more than its data',
    [{ name: 's', data: 'a', pax: sparse('9', '0,2') }],
    /does not fit/,
  ],
  [
    'a sparse map of less than its data',
    [{ name: 's', data: 'abc', pax: sparse('9', '0,2') }],
    /does not fit/,
  ],
  [
    'a sparse map of odd length',
    [{ name: 's', data: 'ab', pax: sparse('9', '0,2,4') }],
    /bad sparse/,
  ],
  ['a sparse map of words', [{ name: 's', data: 'ab', pax: sparse('9', '0,2,x,0') }], /bad sparse/],
  ['a sparse map without end', [{ name: 's', data: '9'.repeat(1024), pax: sparse1 }], /sparse map/],
  [
    'a sparse map of many extents',
    [{ name: 's', data: `${10 ** 15}\n`.padEnd(1024, '1\n'), pax: sparse1 }],
    /sparse map/,
  ],
  [
    'an unknown sparse format',
    [
      {
        name: 's',
        pax: [
          ['GNU.sparse.major', '2'],
          ['GNU.sparse.minor', '0'],
        ],
      },
    ],
    /unknown format/,
  ],
  [
    'a sparse file as large as a number can be',
    [{ name: 's', pax: sparse('9007199254740991', '9007199254740991,0') }],
    /write entry "s"/,
  ],
  [
    'an old sparse map that does not fit',
    [{ name: 's', type: 'S', data: 'ab', over: [386, '00000000000\x0000000000007\x00'] }],
    /"s" has a bad sparse|does not fit/,
  ],
]
for (const [why, entries, words] of hostile) {
  test(`unpackArchive() refuses ${why}`, async (t) => {
    const bundle = makeBundle(t, makeTar({ name: 'first', data: 'first' }, ...entries))
    const outside = join(bundle, '..', 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'file'), 'untouched')
    await assert.rejects(readBundle(bundle), (error: TsociError) => {
      assert.equal(error.code, 'BAD_BUNDLE', error.stack)
      assert.match(error.message, words)
      return true
    })
    assert.deepEqual(leftovers(bundle), [])
    assert.deepEqual(readdirSync(join(bundle, '..')).sort(), ['bundle', 'outside'])
    assert.deepEqual(readdirSync(outside), ['file'])
    assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'untouched')
  })
}

test('unpackArchive() refuses a path through a device', { skip: needsRoot }, async (t) => {
  const bundle = makeBundle(t, makeTar({ name: 'x', type: '3', device: [1, 3] }, evil))
  await assert.rejects(readBundle(bundle), /"x\/evil" passes through the device "x"/)
  assert.deepEqual(leftovers(bundle), [])
})

const whole = makeTar({ name: 'd', type: '5' }, { name: 'd/f', data: 'x'.repeat(700) })

test('unpackArchive() refuses an archive cut anywhere before its end', async (t) => {
  const end = whole.length - 1024
  // Between two entries GNU tar and bsdtar take it for whole.
  const boundaries = [0, 512, end]
  for (let cut = 128; cut < end + 511; cut += cut < end ? 128 : 511) {
    if (boundaries.includes(cut)) continue
    const bundle = makeBundle(t, whole.subarray(0, cut))
    await assert.rejects(readBundle(bundle), { code: 'BAD_BUNDLE' }, `cut at ${cut}`)
    assert.deepEqual(leftovers(bundle), [], `cut at ${cut}`)
  }
})

test('unpackArchive() recognizes an image', async (t) => {
  const images: [words: RegExp, entries: Made[]][] = [
    [
      /is an OCI image layout/,
      [
        { name: 'oci-layout', data: '{"imageLayoutVersion":"1.0.0"}' },
        { name: 'index.json', data: '{"schemaVersion":2,"manifests":[]}' },
      ],
    ],
    [/as docker save writes it/, [{ name: 'manifest.json', data: '[{"Layers":["a/layer.tar"]}]' }]],
  ]
  for (const [message, entries] of images) {
    const bundle = makeBundle(t, makeTar(...entries))
    await assert.rejects(readBundle(bundle), { message, hint: /tsoci unpack/ })
    assert.deepEqual(leftovers(bundle), [])
  }
})

const broken: [why: string, archive: Buffer, words: RegExp][] = [
  ['an empty file', Buffer.alloc(0), /is empty/],
  ['an empty compressed file', gzipSync(''), /is empty/],
  ['text', Buffer.from('hello\n'.repeat(1000)), /not a tar archive/],
  ['a short text', Buffer.from('hello'), /not a tar archive/],
  [
    'a header that was damaged',
    Buffer.concat([makeEntry({ name: 'a' }), Buffer.alloc(512, 1)]),
    /damaged/,
  ],
  ['what follows its end', Buffer.concat([whole, Buffer.from('more')]), /goes on after its end/],
  ['a second archive after its end', Buffer.concat([whole, whole]), /goes on after its end/],
]
for (const [why, archive, words] of broken) {
  test(`unpackArchive() refuses ${why}`, async (t) => {
    const bundle = makeBundle(t, archive)
    await assert.rejects(readBundle(bundle), { code: 'BAD_BUNDLE', message: words })
    assert.deepEqual(leftovers(bundle), [])
  })
}
