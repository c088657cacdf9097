import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { unpack } from '../../src/runtime/unpack.ts'
import { type Made, makeDirectory, needsRoot } from '../bundle/tar-maker.ts'
import { type Blob, INDEX, LAYER, Layout, tagged } from './image-maker.ts'

const passwd: Made = { name: 'etc/passwd', data: 'app:x:7:8::/home:/bin/sh\n' }
const group: Made = { name: 'etc/group', data: 'app:x:8:\nmore:x:9:app\nweb:x:10:\n' }

function makeLayout(t: TestContext): { dir: string; layout: Layout; bundle: string } {
  const dir = makeDirectory(t)
  return { dir, layout: new Layout(join(dir, 'layout')), bundle: join(dir, 'bundle') }
}

// biome-ignore lint/suspicious/noExplicitAny: what a test looks at, it knows
function readConfig(bundle: string): any {
  return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
}

function listFiles(bundle: string): string[] {
  const find = [join(bundle, 'rootfs'), '!', '-type', 'd', '-printf', '%P\\n']
  return execFileSync('find', find, { encoding: 'utf8' }).split('\n').slice(0, -1).sort()
}

const stacks: [why: string, layers: Made[][], files: string[]][] = [
  ['a whiteout', [[{ name: 'd/a' }, { name: 'd/b' }], [{ name: 'd/.wh.a' }]], ['d/b']],
  ['a whiteout of a directory', [[{ name: 'd/a/b' }, { name: 'f' }], [{ name: '.wh.d' }]], ['f']],
  [
    'a whiteout behind what its own layer has of that name',
    [[{ name: 'a/old' }], [{ name: 'a/new' }, { name: '.wh.a' }]],
    ['a/new'],
  ],
  [
    'an opaque whiteout behind what its own layer has',
    [
      [{ name: 'd/a' }, { name: 'd/b/c' }],
      [{ name: 'd/new' }, { name: 'd/.wh..wh..opq' }],
    ],
    ['d/new'],
  ],
  ['a whiteout of nothing', [[{ name: 'a' }], [{ name: 'x/.wh.b' }]], ['a']],
  ['a file in place of a directory', [[{ name: 'd/a' }], [{ name: 'd' }]], ['d']],
  [
    'a directory in place of a file',
    [[{ name: 'd' }], [{ name: 'd/', type: '5' }, { name: 'd/a' }]],
    ['d/a'],
  ],
  [
    'a hard link to a lower layer',
    [[{ name: 'a', data: 'x' }], [{ name: 'b', type: '1', linkname: 'a' }]],
    ['a', 'b'],
  ],
]
for (const [why, layers, files] of stacks) {
  test(`unpack() applies ${why}`, async (t) => {
    const { layout, bundle } = makeLayout(t)
    layout.write(layout.addImage(layers))
    await unpack(layout.path, bundle)
    assert.deepEqual(listFiles(bundle), files)
    assert.deepEqual(readdirSync(bundle).sort(), ['config.json', 'rootfs'])
  })
}

test('unpack() makes the config.json of the image-spec, and merges another', async (t) => {
  const { dir, layout, bundle } = makeLayout(t)
  const config = {
    User: 'app',
    Env: ['A=1'],
    Entrypoint: ['/bin/app'],
    Cmd: ['-v'],
    WorkingDir: '/srv',
    Volumes: { '/data': {} },
    StopSignal: 'SIGINT',
    Labels: { mine: 'yes', 'org.opencontainers.image.author': 'label' },
    ExposedPorts: { '80/tcp': {}, '53/udp': {} },
  }
  layout.write(layout.addImage([[passwd, group]], config))
  writeFileSync(join(dir, 'patch.json'), '{"hostname":"web","process":{"env":["B=2"]}}')
  await unpack(layout.path, bundle, { config: join(dir, 'patch.json') })
  const { process, hostname, annotations, mounts, root } = readConfig(bundle)
  assert.deepEqual(process.user, { uid: 7, gid: 8, additionalGids: [9] })
  assert.deepEqual(process.args, ['/bin/app', '-v'])
  assert.deepEqual([process.cwd, process.env, hostname], ['/srv', ['B=2'], 'web'])
  assert.deepEqual(root, { path: 'rootfs' })
  assert.equal(mounts.at(-1).destination, '/data')
  assert.equal(annotations.mine, 'yes')
  assert.equal(annotations['org.opencontainers.image.author'], 'label')
  assert.equal(annotations['org.opencontainers.image.stopSignal'], 'SIGINT')
  assert.equal(annotations['org.opencontainers.image.exposedPorts'], '80/tcp,53/udp')
})

const users: [user: string, expected: object][] = [
  ['', { uid: 0, gid: 0 }],
  ['7', { uid: 7, gid: 8, additionalGids: [9] }],
  ['1234', { uid: 1234, gid: 0 }],
  ['app:web', { uid: 7, gid: 10 }],
  ['1234:77', { uid: 1234, gid: 77 }],
]
for (const [User, expected] of users) {
  test(`unpack() finds the user "${User}"`, async (t) => {
    const { layout, bundle } = makeLayout(t)
    layout.write(layout.addImage([[passwd, group]], { User }))
    await unpack(layout.path, bundle)
    assert.deepEqual(readConfig(bundle).process.user, expected)
  })
}

test('unpack() reads the passwd file of the image, wherever its links lead', async (t) => {
  const { layout, bundle } = makeLayout(t)
  const files: Made[] = [
    { name: 'etc/passwd', type: '2', linkname: '/../../usr/lib/passwd' },
    { name: 'usr/lib/passwd', data: 'root:x:0:0::/:\nonly:x:5:6::/:\n' },
  ]
  layout.write(layout.addImage([files], { User: 'only' }))
  await unpack(layout.path, bundle)
  assert.deepEqual(readConfig(bundle).process.user, { uid: 5, gid: 6 })
})

test('unpack() chooses by tag, by digest and by platform', async (t) => {
  const { dir, layout } = makeLayout(t)
  const [a, b, c] = ['a', 'b', 'c'].map((name) => layout.addImage([[{ name }]])) as [
    Blob,
    Blob,
    Blob,
  ]
  const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' }
  const index = layout.add(INDEX, {
    manifests: [
      { ...b, platform: { os: 'linux', architecture: 'amd64' } },
      { ...c, platform: arm },
    ],
  })
  layout.write(tagged(a, 'one'), tagged(index, 'name:two'))
  const cases: [image: string, platform: string | undefined, file: string][] = [
    [':one', undefined, 'a'],
    [`@${a.digest}`, undefined, 'a'],
    [':two', 'linux/amd64', 'b'],
    [':name:two', 'linux/arm64', 'c'],
    [':two', 'linux/arm64/v8', 'c'],
  ]
  for (const [image, platform, file] of cases) {
    const bundle = join(dir, 'chosen')
    await unpack(`${layout.path}${image}`, bundle, { platform })
    assert.deepEqual(listFiles(bundle), [file], image)
    rmSync(bundle, { recursive: true })
  }
  const bad: [image: string, platform: string | undefined, message: RegExp][] = [
    ['', undefined, /has more than one image/],
    [':three', undefined, /has no image "three"/],
    [':two', 'linux/s390x', /has no image for linux\/s390x/],
    [':two', 'plan9', /"plan9" is no platform/],
  ]
  for (const [image, platform, message] of bad) {
    await assert.rejects(unpack(`${layout.path}${image}`, join(dir, 'chosen'), { platform }), {
      message,
    })
    assert.ok(!existsSync(join(dir, 'chosen')))
  }
})

type Change = (layout: Layout, image: Blob) => Blob
const hostile: [why: string, layers: Made[][], message: RegExp, change?: Change][] = [
  ['a name with ..', [[{ name: '../evil' }]], /layer 1 of 1 \(sha256:.*"\.\.\/evil" has "\.\."/],
  [
    'a path through a link that leads up',
    [[{ name: 'x', type: '2', linkname: '../../../outside' }], [{ name: 'x/evil' }]],
    /layer 2 of 2 .*passes through the symlink "x"/,
  ],
  [
    'a hard link to outside',
    [[{ name: 'l', type: '1', linkname: '../outside/file' }]],
    /hard link/,
  ],
  [
    'a whiteout of ..',
    [[{ name: 'a' }], [{ name: '.wh...' }]],
    /layer 2 .*"\.wh\.\.\." is a whiteout/,
  ],
  ['a whiteout of no name', [[{ name: 'd/.wh.' }]], /is a whiteout of no name/],
  [
    'a user who is not there',
    [[passwd]],
    /names "ghost", who is not in/,
    (layout) => layout.addImage([[passwd]], { User: 'ghost' }),
  ],
  [
    'a wrong size',
    [],
    /layer 1 of 1 .* has \d+ bytes where 7 are named/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        layers[0]!.size = 7
      }),
  ],
  [
    'a layer whose bytes are others',
    [],
    /layer 1 of 1 .* is damaged/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        const file = join(layout.path, 'blobs', layers[0]!.digest.replace(':', '/'))
        const bytes = readFileSync(file)
        bytes[600] = 1
        writeFileSync(file, bytes)
      }),
  ],
  [
    'a digest that is a path',
    [],
    /"sha256:\.\.\/\.\.\/x" is no digest/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        layers[0]!.digest = 'sha256:../../x'
      }),
  ],
  [
    'a layer that the config does not know',
    [],
    /unpacked it has the digest sha256:.*, and the config names/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        layers[0] = layout.add(LAYER, Buffer.alloc(10240))
      }),
  ],
  [
    'more layers than the config names',
    [],
    /has 2 layers, and its config names 1/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        layers.push(layers[0]!)
      }),
  ],
  [
    'a layer of an unknown type',
    [],
    /is of the unknown type "text\/plain"/,
    (layout) =>
      layout.addImage([[{ name: 'a' }]], {}, ({ layers }) => {
        layers[0]!.mediaType = 'text/plain'
      }),
  ],
  [
    'indexes that are nested without end',
    [],
    /nested too deep/,
    (layout, image) =>
      Array.from({ length: 8 }).reduce<Blob>(
        (inner) => layout.add(INDEX, { manifests: [inner] }),
        image,
      ),
  ],
  [
    'a blob that is missing',
    [],
    /manifest \(sha256:0+\).*does not exist/,
    (_, image) => ({ ...image, digest: `sha256:${'0'.repeat(64)}` }),
  ],
]
for (const [why, layers, message, change] of hostile) {
  test(`unpack() refuses ${why}`, async (t) => {
    const { dir, layout, bundle } = makeLayout(t)
    mkdirSync(join(dir, 'outside'))
    writeFileSync(join(dir, 'outside/file'), 'untouched')
    const image = layout.addImage(layers)
    layout.write(change === undefined ? image : change(layout, image))
    await assert.rejects(unpack(layout.path, bundle), { code: 'BAD_BUNDLE', message })
    assert.deepEqual(readdirSync(dir).sort(), ['layout', 'outside'])
    assert.equal(readFileSync(join(dir, 'outside/file'), 'utf8'), 'untouched')
    assert.deepEqual(readdirSync(join(dir, 'outside')), ['file'])
  })
}

test('unpack() leaves a directory alone that is not empty', async (t) => {
  const { layout, bundle } = makeLayout(t)
  layout.write(layout.addImage([[{ name: 'a' }]]))
  mkdirSync(bundle)
  writeFileSync(join(bundle, 'mine'), '')
  await assert.rejects(unpack(layout.path, bundle), /is not empty/)
  assert.deepEqual(readdirSync(bundle), ['mine'])
})

// Everything that a second layer may do to a first; $1 is the rootfs.
const FIRST = `cd "$1"; mkdir -p d/e etc gone; echo a >d/a; echo b >d/e/b; ln d/a hard; ln -s d link
: >gone/x; echo app:x:7:8::/: >etc/passwd; chown 7:8 d/a; chmod 4755 d/e/b; mkfifo fifo; chmod 1777 d
mknod null c 1 3; setcap cap_net_raw+ep d/e/b; setfattr -n trusted.t -v 1 d; touch -d '1999-01-02 03:04:05.678901234' d/a d/e`
const SECOND = `cd "$1"; rm -r gone d/a; mkdir d/a; echo n >d/a/n; rm -r d/e; mkdir d/e; echo c >d/e/c
ln d/e/c d/e/d; chmod 700 etc; setfattr -n trusted.t -v 2 d; rm link; mkdir link; echo l >link/l`
const tools = ['umoci', 'skopeo', 'setcap', 'setfattr'].filter(
  (tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0,
)

function describe(rootfs: string): string {
  const find = ['-printf', '%P %y %m %U %G %T@ %l %n %s\n']
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: rootfs, encoding: 'latin1' }).split('\n').sort().join('\n')
  return [
    run('find', ['.', ...find]),
    run('find', ['.', '-type', 'f', '-exec', 'sha256sum', '{}', '+']),
    run('getfattr', ['-Rhd', '-m', '-', '--', '.']),
  ].join('\n')
}

test('unpack() makes what umoci makes, of a layout and of archives', {
  skip: needsRoot || (tools.length > 0 && `needs ${tools.join(', ')}`),
}, async (t) => {
  const { dir, bundle } = makeLayout(t)
  rmSync(join(dir, 'layout'), { recursive: true })
  const umoci = (...args: string[]) => execFileSync('umoci', args, { cwd: dir, stdio: 'pipe' })
  umoci('init', '--layout', 'oci')
  umoci('new', '--image', 'oci:t')
  for (const script of [FIRST, SECOND]) {
    umoci('unpack', '--image', 'oci:t', 'theirs')
    execFileSync('sh', ['-ec', script, 'sh', join(dir, 'theirs/rootfs')])
    umoci('repack', '--image', 'oci:t', 'theirs')
    rmSync(join(dir, 'theirs'), { recursive: true })
  }
  umoci('unpack', '--image', 'oci:t', 'theirs')
  const copy = (...args: string[]) =>
    execFileSync('skopeo', ['copy', '-q', 'oci:oci:t', ...args], { cwd: dir })
  copy('docker-archive:docker.tar:me/app:1')
  copy('--dest-compress', '--dest-compress-format', 'zstd', 'oci-archive:oci.tar:t')
  execFileSync('gzip', ['-k', join(dir, 'docker.tar')])
  const expected = describe(join(dir, 'theirs/rootfs'))
  for (const image of [
    'oci:t',
    'docker.tar',
    'docker.tar:me/app:1',
    'docker.tar.gz',
    'oci.tar:t',
  ]) {
    await unpack(image, bundle, { cwd: dir })
    assert.equal(describe(join(bundle, 'rootfs')), expected, image)
    rmSync(bundle, { recursive: true })
  }
})
