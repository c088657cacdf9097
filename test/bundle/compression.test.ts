import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { describeProgress } from '../../src/bundle/progress.ts'
import { leftovers, makeBundle, makeTar, readBundle } from './tar-maker.ts'

const hasZstd = spawnSync('zstd', ['--version']).status === 0
const skip = hasZstd ? false : 'needs the program zstd: apt-get install zstd'

function zstd(bytes: Buffer, ...flags: string[]): Buffer {
  return execFileSync('zstd', ['-q', '-c', ...flags], { input: bytes, maxBuffer: 1 << 28 })
}

// Text that compresses, and a tail that does not.
const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 7919 + (i >> 3)) & 255))
const text = Buffer.from('all work and no play makes Jack a dull boy\n'.repeat(2000))
const archive = makeTar({ name: 'text', data: text }, { name: 'noise', data: noise })

const good: [why: string, name: string, make: () => Buffer][] = [
  ['gzip', 'rootfs.tar.gz', () => gzipSync(archive)],
  ['gzip under the name .tgz', 'rootfs.tgz', () => gzipSync(archive)],
  [
    'gzip padded with zeros',
    'rootfs.tar.gz',
    () => Buffer.concat([gzipSync(archive), Buffer.alloc(9)]),
  ],
  [
    'gzip in several members',
    'rootfs.tar.gz',
    () => Buffer.concat([gzipSync(archive.subarray(0, 999)), gzipSync(archive.subarray(999))]),
  ],
]
// Told by the first bytes, whatever the name is.
const byProgram: [program: string, name: string][] = [
  ['xz', 'rootfs.tar.xz'],
  ['bzip2', 'rootfs.tar'],
  ['lz4', 'rootfs.tar.gz'],
  ['zstd', 'rootfs.tgz'],
  ['gzip', 'rootfs.tar.zst'],
  ['cat', 'rootfs.tar.gz'],
]
for (const [program, name] of byProgram) {
  const has = spawnSync(program, ['--version']).status === 0
  test(`unpackArchive() takes what ${program} wrote as ${name}`, {
    skip: has ? false : `needs the program ${program}`,
  }, async (t) => {
    const flags = program === 'cat' ? [] : ['-c']
    const bytes = execFileSync(program, flags, { input: archive })
    const { rootfs } = await readBundle(makeBundle(t, bytes, name))
    assert.ok(readFileSync(join(rootfs, 'text')).equals(text))
  })
}

test('unpackArchive() names the package of a program that is not there', async (t) => {
  const path = process.env.PATH
  t.after(() => (process.env.PATH = path))
  process.env.PATH = '/nowhere'
  const bundle = makeBundle(t, Buffer.from('fd377a585a000004', 'hex'))
  await assert.rejects(readBundle(bundle), {
    message: /needs the program "xz"/,
    hint: 'apt-get install xz-utils',
  })
  assert.deepEqual(leftovers(bundle), [])
})

const goodZstd: typeof good = [
  ['zstd with a long window', 'rootfs.tar.zst', () => zstd(archive, '--long=30')],
  ['zstd', 'rootfs.tar.zst', () => zstd(archive)],
  ['zstd without checksum', 'rootfs.tar.zst', () => zstd(archive, '--no-check')],
  ['zstd at its best', 'rootfs.tar.zst', () => zstd(archive, '-19')],
  [
    'zstd in several frames, one to skip',
    'rootfs.tar.zst',
    () =>
      Buffer.concat([
        Buffer.from('532a4d1803000000616263', 'hex'),
        zstd(archive.subarray(0, 999)),
        zstd(archive.subarray(999)),
      ]),
  ],
]
for (const [why, name, make] of [...good, ...goodZstd]) {
  test(`unpackArchive() takes ${why}`, { skip: why.startsWith('zstd') && skip }, async (t) => {
    const { rootfs } = await readBundle(makeBundle(t, make(), name))
    assert.ok(readFileSync(join(rootfs, 'text')).equals(text))
    assert.ok(readFileSync(join(rootfs, 'noise')).equals(noise))
  })
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  const index = at < 0 ? bytes.length + at : at
  copy[index] = copy[index]! ^ 1
  return copy
}

type Change = [why: string, change: (bytes: Buffer) => Buffer]
const damages: Change[] = [
  ['is cut in its head', (bytes) => bytes.subarray(0, 3)],
  ['is cut in the middle', (bytes) => bytes.subarray(0, bytes.length >> 1)],
  ['is cut in its checksum', (bytes) => bytes.subarray(0, -1)],
  ['has a wrong bit in the middle', (bytes) => flip(bytes, bytes.length >> 1)],
  ['has a wrong bit in its checksum', (bytes) => flip(bytes, -6)],
  ['goes on with text', (bytes) => Buffer.concat([bytes, Buffer.from('more')])],
  ['goes on after zeros', (b) => Buffer.concat([b, Buffer.alloc(9), Buffer.from('more')])],
  ['has a whole archive twice', (bytes) => Buffer.concat([bytes, bytes])],
]
for (const [kind, name, make] of [good[0]!, goodZstd[0]!]) {
  for (const [why, change] of damages) {
    test(`unpackArchive() refuses ${kind} that ${why}`, {
      skip: kind === 'zstd' && skip,
    }, async (t) => {
      const bundle = makeBundle(t, change(make()), name)
      await assert.rejects(readBundle(bundle), { code: 'BAD_BUNDLE' })
      assert.deepEqual(leftovers(bundle), [])
    })
  }
}

test('describeProgress() says how far it is', () => {
  assert.equal(
    describeProgress('unpack rootfs.tar', 50, 100),
    'unpack rootfs.tar [###############---------------]  50 %',
  )
})
