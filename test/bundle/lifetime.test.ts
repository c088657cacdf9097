import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { on, once } from 'node:events'
import { chownSync, mkdirSync, readdirSync, readFileSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { leftovers, type Made, makeBundle, makeTar, needsRoot, readBundle } from './tar-maker.ts'

const child = join(import.meta.dirname, 'unpack-child.ts')
const project = join(import.meta.dirname, '..', '..')

function unpackInChild(bundle: string, ...more: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', child, bundle, ...more], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function output(process: ChildProcess): Promise<string> {
  const pieces: Buffer[] = []
  process.stdout!.on('data', (piece) => pieces.push(piece))
  await once(process, 'close')
  return Buffer.concat(pieces).toString()
}

// Many files and much data, so that a kill finds it at work.
const FILES = 1000
const large = makeTar(
  ...Array.from({ length: FILES }, (_, i) => ({
    name: `d${i % 10}/f${i}`,
    data: Buffer.alloc(20_000, i),
  })),
)

function countFiles(rootfs: string): number {
  const directories = readdirSync(rootfs)
  return directories.reduce((sum, name) => sum + readdirSync(join(rootfs, name)).length, 0)
}

const isStaging = (name: string) => name.startsWith('.tsoci-unpack-')

test('readBundle() unpacks anew after it was killed in the middle', {
  timeout: 60_000,
}, async (t) => {
  const bundle = makeBundle(t, large)
  const watcher = watch(bundle)
  const unpacking = unpackInChild(bundle)
  const exit = once(unpacking, 'exit')
  for await (const [, name] of on(watcher, 'change')) if (isStaging(name)) break
  unpacking.kill('SIGKILL')
  await exit
  watcher.close()
  assert.equal(readdirSync(bundle).filter(isStaging).length, 1, 'it was killed too late')
  assert.ok(!readdirSync(bundle).includes('rootfs'))

  const { rootfs } = await readBundle(bundle)
  assert.equal(countFiles(rootfs), FILES)
  assert.deepEqual(leftovers(bundle), ['rootfs'])
})

test('readBundle() leaves alone what a living process unpacks', async (t) => {
  const bundle = makeBundle(t, makeTar({ name: 'd/f' }))
  const start = readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ')[19]
  const namespace = statSync('/proc/self/ns/pid').ino
  const ours = `.tsoci-unpack-${namespace}-${process.pid}-${start}-abcdef`
  const reused = `.tsoci-unpack-${namespace}-${process.pid}-1-abcdef`
  const elsewhere = `.tsoci-unpack-1-${process.pid}-1-abcdef`
  const shared = `.tsoci-unpack-${namespace}-999999999-1-shared`
  for (const name of [ours, reused, elsewhere]) mkdirSync(join(bundle, name), { mode: 0o700 })
  // Not made by us, or not like this: nothing for root to remove.
  mkdirSync(join(bundle, shared), { mode: 0o755 })
  await readBundle(bundle)
  assert.deepEqual(leftovers(bundle).sort(), [ours, elsewhere, shared, 'rootfs'].sort())
})

test('readBundle() ends well in several processes at once', { timeout: 60_000 }, async (t) => {
  const bundle = makeBundle(t, large)
  const children = [1, 2, 3].map(() => unpackInChild(bundle))
  const codes = await Promise.all(children.map((each) => once(each, 'exit')))
  assert.deepEqual(codes, [
    [0, null],
    [0, null],
    [0, null],
  ])
  assert.equal(countFiles(join(bundle, 'rootfs')), FILES)
  assert.deepEqual(leftovers(bundle), ['rootfs'])
})

test('readBundle() ends well several times in one process', async (t) => {
  const bundle = makeBundle(t, large)
  await Promise.all([readBundle(bundle), readBundle(bundle), readBundle(bundle)])
  assert.equal(countFiles(join(bundle, 'rootfs')), FILES)
  assert.deepEqual(leftovers(bundle), ['rootfs'])
})

test('readBundle() leaves nothing when its signal fires', async (t) => {
  const bundle = makeBundle(t, large)
  const abort = new AbortController()
  setImmediate(() => abort.abort())
  await assert.rejects(readBundle(bundle, { unpack: { signal: abort.signal } }), {
    code: 'ABORTED',
  })
  assert.deepEqual(leftovers(bundle), [])
})

test('readBundle() says that the disk is full, and leaves nothing', {
  skip: needsRoot,
}, async (t) => {
  const bundle = makeBundle(t, large)
  const small = join(bundle, '..', 'small')
  mkdirSync(small)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small])
  try {
    await assert.rejects(readBundle(bundle, { rootfsDir: join(small, 'rootfs') }), {
      code: 'BAD_BUNDLE',
      message: /write entry "d[0-9]\/f[0-9]+": no space is left on the disk/,
    })
    assert.deepEqual(readdirSync(small), [])
  } finally {
    execFileSync('umount', [small])
  }
})

test('readBundle() as an ordinary user gives it all files and skips devices', {
  skip: needsRoot,
}, async (t) => {
  const archive = makeTar(
    { name: '.', type: '5', mode: 0o555 },
    { name: 'd', type: '5', mode: 0o555, uid: 12 },
    { name: 'd/f', data: 'text', mode: 0o4755, uid: 0 },
    { name: 'null', type: '3', device: [1, 3] },
    { name: 'null-too', type: '1', linkname: 'null' },
    { name: 'fifo', type: '6' },
    { name: 'l', type: '2', linkname: 'd' },
  )
  const bundle = makeBundle(t, archive)
  chownSync(bundle, 65534, 65534)
  const words = await output(unpackInChild(bundle, '65534'))
  assert.equal(
    words,
    'left 2 device nodes out of the rootfs, first "null": it is not allowed (EPERM)\n',
  )
  const list = execFileSync('find', [join(bundle, 'rootfs'), '-printf', '%P %y %m %U\n'], {
    encoding: 'utf8',
  })
  assert.deepEqual(list.split('\n').sort().slice(1), [
    ' d 555 65534',
    'd d 555 65534',
    'd/f f 4755 65534',
    'fifo p 644 65534',
    'l l 777 65534',
  ])
})

test('readBundle() as an ordinary user leaves nothing of read-only directories', {
  skip: needsRoot,
}, async (t) => {
  const archive = makeTar({ name: 'd/e', type: '5', mode: 0 }, { name: 'd/e/../f' })
  const bundle = makeBundle(t, archive)
  chownSync(bundle, 65534, 65534)
  assert.match(await output(unpackInChild(bundle, '65534')), /has "\.\."/)
  assert.deepEqual(leftovers(bundle), [])
})

const userNamespace = ['--user', '--map-root-user']
const needsUserNamespace =
  spawnSync('unshare', [...userNamespace, 'true']).status === 0 ? false : 'needs a user namespace'

const mapped: [why: string, entry: Made, words: RegExp][] = [
  ['skips devices', { name: 'n', type: '3', device: [1, 3] }, /first "n": it is not allowed/],
  ['refuses an owner without a map', { name: 'f', uid: 7 }, /entry "f" belongs to 7:0, which has/],
]
for (const [why, entry, words] of mapped) {
  test(`readBundle() as root of a user namespace ${why}`, { skip: needsUserNamespace }, (t) => {
    const bundle = makeBundle(t, makeTar(entry))
    const node = [process.execPath, '--import', 'tsx', child, bundle]
    const { stdout } = spawnSync('unshare', [...userNamespace, ...node], {
      cwd: project,
      encoding: 'utf8',
    })
    assert.match(stdout, words)
  })
}
