import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TsociError } from '../../src/errors.ts'
import { CONFIG, leftovers, makeBundle, makeTar, readBundle } from './tar-maker.ts'

const bad: [why: string, prepare: (bundle: string) => void, code: string, part: string][] = [
  ['no bundle', (bundle) => rmSync(bundle, { recursive: true }), 'BAD_BUNDLE', 'does not exist'],
  [
    'a bundle that is a file',
    (bundle) => {
      rmSync(bundle, { recursive: true })
      writeFileSync(bundle, '')
    },
    'BAD_BUNDLE',
    'not a directory',
  ],
  [
    'no config.json',
    (bundle) => rmSync(join(bundle, 'config.json')),
    'BAD_BUNDLE',
    'config.json" does not exist',
  ],
  [
    'a config.json that is a directory',
    (bundle) => {
      rmSync(join(bundle, 'config.json'))
      mkdirSync(join(bundle, 'config.json'))
    },
    'BAD_BUNDLE',
    'is not a file',
  ],
  [
    'a config.json that is a fifo',
    (bundle) => {
      rmSync(join(bundle, 'config.json'))
      execFileSync('mkfifo', [join(bundle, 'config.json')])
    },
    'BAD_BUNDLE',
    'is not a file',
  ],
  [
    'a config.json that is not JSON',
    (bundle) => writeFileSync(join(bundle, 'config.json'), '{'),
    'BAD_CONFIG',
    'config.json',
  ],
  [
    'a config.json that is not UTF-8',
    (bundle) => writeFileSync(join(bundle, 'config.json'), Buffer.from([0x7b, 0xff, 0x7d])),
    'BAD_CONFIG',
    'UTF-8',
  ],
  [
    'a config.json without root',
    (bundle) => {
      const { root: _, ...rest } = JSON.parse(CONFIG)
      writeFileSync(join(bundle, 'config.json'), JSON.stringify(rest))
    },
    'BAD_CONFIG',
    'root',
  ],
  ['neither rootfs nor archive', () => {}, 'BAD_BUNDLE', 'rootfs" does not exist'],
  [
    'a rootfs that is a file',
    (bundle) => writeFileSync(join(bundle, 'rootfs'), ''),
    'BAD_BUNDLE',
    'is not a directory',
  ],
  [
    'a rootfs that is a symlink',
    (bundle) => symlinkSync('/', join(bundle, 'rootfs')),
    'BAD_BUNDLE',
    'is a symlink',
  ],
  [
    'a rootfs that is a dangling symlink',
    (bundle) => symlinkSync('nowhere', join(bundle, 'rootfs')),
    'BAD_BUNDLE',
    'is a symlink',
  ],
  [
    'an archive that is a directory',
    (bundle) => mkdirSync(join(bundle, 'rootfs.tar')),
    'BAD_BUNDLE',
    'is not a file',
  ],
]
for (const [why, prepare, code, part] of bad) {
  test(`readBundle() refuses ${why}`, async (t) => {
    const bundle = makeBundle(t)
    prepare(bundle)
    await assert.rejects(readBundle(bundle), (error: TsociError) => {
      assert.equal(error.code, code)
      assert.ok(error.message.includes(part), error.message)
      // Engines take these for the container's program.
      assert.doesNotMatch(error.message, /(no such file or directory|permission denied)$/i)
      return true
    })
  })
}

test('readBundle() gives the config, its text, and absolute paths', async (t) => {
  const path = makeBundle(t)
  mkdirSync(join(path, 'rootfs'))
  const bundle = await readBundle(path)
  assert.equal(bundle.path, path)
  assert.equal(bundle.rootfs, join(path, 'rootfs'))
  assert.equal(bundle.configText, CONFIG)
  assert.deepEqual(bundle.config.process?.args, ['true'])
})

test('readBundle() keeps a symlink in the path of the bundle', async (t) => {
  const path = makeBundle(t)
  mkdirSync(join(path, 'rootfs'))
  symlinkSync(path, `${path}-link`)
  assert.equal((await readBundle(`${path}-link`)).path, `${path}-link`)
})

test('readBundle() takes another configuration file, from the bundle', async (t) => {
  const path = makeBundle(t)
  mkdirSync(join(path, 'rootfs'))
  writeFileSync(join(path, 'other.json'), CONFIG.replace('"true"', '"other"'))
  const { config } = await readBundle(path, { config: 'other.json' })
  assert.deepEqual(config.process?.args, ['other'])
})

test('readBundle() tells of an unknown property as a warning', async (t) => {
  const path = makeBundle(t)
  mkdirSync(join(path, 'rootfs'))
  writeFileSync(join(path, 'config.json'), CONFIG.replace('{', '{"hostnam":"web",'))
  const pointers: string[] = []
  await readBundle(path, { onWarning: ({ pointer }) => pointers.push(pointer) })
  assert.deepEqual(pointers, ['/hostnam'])
})

test('readBundle() unpacks to rootfsDir when it is absent or empty', async (t) => {
  for (const prepare of [() => {}, mkdirSync]) {
    const path = makeBundle(t, makeTar({ name: 'file', data: 'text' }))
    const rootfsDir = join(path, '..', 'elsewhere')
    prepare(rootfsDir)
    const { rootfs } = await readBundle(path, { rootfsDir })
    assert.equal(rootfs, rootfsDir)
    assert.equal(execFileSync('cat', [join(rootfs, 'file')], { encoding: 'utf8' }), 'text')
    assert.deepEqual(leftovers(path), [])
  }
})

test('readBundle() leaves a rootfs alone that has files already, and warns of a newer archive', async (t) => {
  const path = makeBundle(t, makeTar({ name: 'file' }))
  mkdirSync(join(path, 'rootfs'))
  writeFileSync(join(path, 'rootfs/mine'), '')
  const read = async () => {
    const warnings: string[] = []
    await readBundle(path, { onWarning: ({ message }) => warnings.push(message) })
    return warnings
  }
  assert.deepEqual(await read(), [])
  const later = new Date(Date.now() + 60_000)
  utimesSync(join(path, 'rootfs.tar'), later, later)
  assert.match((await read()).join(), /^".*rootfs" is taken, and ".*rootfs\.tar" is not unpacked$/)
  assert.deepEqual(readdirSync(join(path, 'rootfs')), ['mine'])
})

test('readBundle() unpacks the archive into a rootfs that is empty', async (t) => {
  const path = makeBundle(t, makeTar({ name: 'file' }))
  mkdirSync(join(path, 'rootfs'))
  await readBundle(path)
  assert.deepEqual(readdirSync(join(path, 'rootfs')), ['file'])
})

test('readBundle() with configOnly makes nothing', async (t) => {
  const path = makeBundle(t, makeTar({ name: 'file' }))
  const { rootfs } = await readBundle(path, { configOnly: true })
  assert.equal(rootfs, join(path, 'rootfs'))
  assert.deepEqual(readdirSync(path).sort(), ['config.json', 'rootfs.tar'])
})
