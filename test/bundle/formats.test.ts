import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  leftovers,
  type Made,
  makeBundle,
  makeDirectory,
  makeTar,
  needsRoot,
  readBundle,
} from './tar-maker.ts'

// Everything that a rootfs may hold. $1 is the directory.
const TREE = `set -eu
cd "$1"
umask 022
mkdir -p d/e sub
echo hi >d/file; chmod 4755 d/file; ln d/file d/hard
ln -s ../d/file d/e/sym; ln -s /etc/passwd absolute; ln -s nowhere dangling
printf latin1 >"$(printf 'caf\\351')"; printf utf8 >"$(printf 'caf\\303\\251')"
: >empty; mkfifo fifo; echo private >private; chmod 600 private
truncate -s 4M hole; truncate -s 3M sparse
printf A | dd of=sparse bs=1 seek=1000000 conv=notrunc status=none
printf B | dd of=sparse bs=1 seek=2999999 conv=notrunc status=none
i=0; while [ $i -lt 40 ]; do
  printf x | dd of=many bs=1 seek=$((i * 100000)) conv=notrunc status=none; i=$((i + 1))
done
if [ "$(id -u)" = 0 ]; then
  mknod null c 1 3; mknod loop b 7 200
  chown 1234:234567 d/e d/file; chown -h 99:98 absolute
fi
touch -d '1970-01-02 03:04:05 UTC' d/file
touch -h -d '2002-02-03 04:05:06 UTC' dangling
chmod 1777 d; chmod 500 sub
touch -d '2001-02-03 04:05:06.789 UTC' d/e d .
`
const LONG = `set -eu
cd "$1"
long=$(printf 'n%.0s' $(seq 120)); mkdir -p "$long/$long"
echo text >"$long/$long/file"; ln "$long/$long/file" "$long/link"; ln -s "$long/$long" to-long
touch -d '1950-01-02 03:04:05 UTC' "$long/link"
`

/** Names, types, modes, owners, times to the second, link targets and counts, sizes, contents. */
function describeTree(directory: string): string {
  const format = '%P %y %m %U %G %Ts %l %n %s\\n'
  const find = ['-printf', format.replace('%Ts', '%T@')]
  const list = execFileSync('find', [directory, '!', '-type', 'd', ...find], {
    encoding: 'latin1',
  })
  const directories = execFileSync(
    'find',
    [directory, '-type', 'd', '-printf', '%P %m %U %G %T@\\n'],
    {
      encoding: 'latin1',
    },
  )
  const sums = execFileSync('find', ['.', '-type', 'f', '-exec', 'sha256sum', '{}', '+'], {
    cwd: directory,
    encoding: 'latin1',
  })
  // Formats without fractions keep whole seconds, rounded down.
  const whole = `${list}${directories}`.replace(
    / (-?[0-9]+\.[0-9]+)/g,
    (_, time) => ` ${Math.floor(time)}`,
  )
  return `${whole}${sums}`.split('\n').sort().join('\n')
}

function makeTree(t: TestContext, ...scripts: string[]): string {
  const tree = makeDirectory(t)
  for (const script of scripts) execFileSync('sh', ['-c', script, 'sh', tree])
  return tree
}

const formats: [flags: string, scripts: string[]][] = [
  ['--format=v7', []],
  ['--format=ustar', [TREE]],
  ['--format=oldgnu', [TREE, LONG]],
  ['--format=oldgnu --sparse', [TREE, LONG]],
  ['--format=gnu', [TREE, LONG]],
  ['--format=gnu --sparse', [TREE, LONG]],
  ['--format=gnu --sparse --label=rootfs', [TREE, LONG]],
  ['--format=pax', [TREE, LONG]],
  ['--format=pax --sparse', [TREE, LONG]],
  ['--format=pax --sparse --sparse-version=0.0', [TREE, LONG]],
  ['--format=pax --sparse --sparse-version=0.1', [TREE, LONG]],
  ['--format=pax --gzip', [TREE, LONG]],
  ['--format=pax --zstd', [TREE, LONG]],
  ['--format=pax --sparse --zstd', [TREE, LONG]],
]
for (const [flags, scripts] of formats) {
  test(`unpackArchive() makes what tar ${flags} packed`, (t) => roundTrip(t, flags, scripts))
}

async function roundTrip(t: TestContext, flags: string, scripts: string[]): Promise<void> {
  const plain = `set -eu
cd "$1"; mkdir d; echo text >d/file; ln d/file hard; ln -s d/file sym; chmod 700 d`
  const tree = makeTree(t, ...(scripts.length === 0 ? [plain] : scripts))
  const name = flags.includes('gzip')
    ? 'rootfs.tar.gz'
    : flags.includes('zstd')
      ? 'rootfs.tar.zst'
      : 'rootfs.tar'
  const bundle = makeBundle(t)
  const { status, stderr } = spawnSync(
    'tar',
    [...flags.split(' '), '-C', tree, '-cf', join(bundle, name), '.'],
    { encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  const { rootfs } = await readBundle(bundle)
  assert.equal(describeTree(rootfs), describeTree(tree))
  assert.deepEqual(leftovers(bundle), ['rootfs'])
  if (flags.includes('--sparse')) {
    for (const file of ['hole', 'sparse', 'many']) {
      assert.equal(statSync(join(rootfs, file)).blocks, statSync(join(tree, file)).blocks, file)
    }
  }
}

test('unpackArchive() keeps fractions of seconds from pax headers', async (t) => {
  const tar = makeTar(
    { name: 'f', pax: [['mtime', '1000000000.1234567891']] },
    { name: 'b', pax: [['mtime', '-1.5000000001']] },
    { name: 'd', type: '5', pax: [['mtime', '981173106.5']] },
    { name: 'd/f' },
  )
  const { rootfs } = await readBundle(makeBundle(t, tar))
  const mtime = (name: string) => lstatSync(join(rootfs, name), { bigint: true }).mtimeNs
  assert.equal(mtime('f'), 1000000000123456789n)
  assert.equal(mtime('d'), 981173106500000000n)
  assert.equal(mtime('b'), -1_500_000_001n)
})

test('unpackArchive() makes missing parents as root would', { skip: needsRoot }, async (t) => {
  const { rootfs } = await readBundle(makeBundle(t, makeTar({ name: 'a//b/./c', uid: 7 })))
  for (const name of ['', 'a', 'a/b']) {
    const { mode, uid } = lstatSync(join(rootfs, name))
    assert.deepEqual([mode & 0o7777, uid], [0o755, 0])
  }
  assert.equal(lstatSync(join(rootfs, 'a/b/c')).uid, 7)
})

test('unpackArchive() lets the last entry of a name win', async (t) => {
  const bundle = makeBundle(
    t,
    makeTar(
      { name: 'd', type: '5', mode: 0o700 },
      { name: 'f', data: 'first' },
      { name: 'l', type: '1', linkname: 'f' },
      { name: 'f', data: 'second' },
      { name: 's', type: '2', linkname: '../canary' },
      { name: 's', data: 'mine' },
      { name: 'd/', type: '5', mode: 0o711 },
    ),
  )
  writeFileSync(join(bundle, 'rootfs.tar.canary'), '')
  const { rootfs } = await readBundle(bundle)
  const read = (name: string) => readFileSync(join(rootfs, name), 'utf8')
  assert.deepEqual(['f', 'l', 's'].map(read), ['second', 'first', 'mine'])
  assert.equal(lstatSync(join(rootfs, 'd')).mode & 0o777, 0o711)
  assert.deepEqual(leftovers(bundle), ['rootfs'])
})

test('unpackArchive() gives a symlink a second name', async (t) => {
  const bundle = makeBundle(
    t,
    makeTar(
      { name: 's', type: '2', linkname: '/etc/passwd' },
      { name: 'h', type: '1', linkname: 's' },
    ),
  )
  const { rootfs } = await readBundle(bundle)
  assert.equal(readlinkSync(join(rootfs, 'h')), '/etc/passwd')
})

const CAPABILITY = '0100000200200000000000000000000000000000'

test('unpackArchive() sets extended attributes, byte by byte', { skip: needsRoot }, async (t) => {
  const capability = Buffer.from(CAPABILITY, 'hex').toString('latin1')
  const bundle = makeBundle(
    t,
    makeTar(
      {
        name: 'f',
        mode: 0o4755,
        uid: 7,
        pax: [
          ['SCHILY.xattr.security.capability', capability],
          ['LIBARCHIVE.xattr.trusted.a%3db', 'AP8='],
        ],
      },
      { name: 'd', type: '5', pax: [['SCHILY.xattr.trusted.d', 'dir']] },
      { name: 'l', type: '2', linkname: 'd', pax: [['SCHILY.xattr.trusted.l', 'link']] },
    ),
  )
  const { rootfs } = await readBundle(bundle)
  const read = (name: string, key: string) =>
    execFileSync('getfattr', ['-h', '--only-values', '-n', key, join(rootfs, name)]).toString('hex')
  assert.equal(read('f', 'security.capability'), CAPABILITY)
  assert.equal(read('f', 'trusted.a=b'), '00ff')
  assert.equal(read('d', 'trusted.d'), Buffer.from('dir').toString('hex'))
  assert.equal(read('l', 'trusted.l'), Buffer.from('link').toString('hex'))
  const { mode, uid } = statSync(join(rootfs, 'f'))
  assert.deepEqual([mode & 0o7777, uid], [0o4755, 7])
})

test('unpackArchive() sets ACLs of star and GNU tar, and tells of names without a number', async (t) => {
  const entry = 'user::rw-,user:games:r--:5,group::r--,mask::rw-,other::---'
  const nameless = entry.replace(':5', '')
  const bundle = makeBundle(
    t,
    makeTar(
      { name: 'd', type: '5', pax: [['SCHILY.acl.default', entry]] },
      { name: 'd/f', mode: 0o604 },
      { name: 'g', pax: [['SCHILY.acl.access', entry]] },
      { name: 'h', pax: [['SCHILY.acl.access', nameless]] },
    ),
  )
  const warnings: string[] = []
  const { rootfs } = await readBundle(bundle, {
    onWarning: ({ message }) => warnings.push(message),
  })
  assert.deepEqual(warnings, [
    'left 1 ACLs that name a user or group without a number out of the rootfs, first "h": not supported here',
  ])
  const acl = (name: string) =>
    execFileSync('getfacl', ['-cnsp', join(rootfs, name)], { encoding: 'utf8' }).trim()
  assert.match(acl('g'), /^user:5:r--$/m)
  assert.match(acl('d'), /^default:user:5:r--$/m)
  // A default is for what its container makes.
  assert.equal(acl('d/f'), '')
  assert.equal(statSync(join(rootfs, 'd/f')).mode & 0o777, 0o604)
})

test('unpackArchive() warns once of attributes that it can not set', async (t) => {
  const pax = [['SCHILY.xattr.nowhere.a', '1']] as const
  const bundle = makeBundle(t, makeTar({ name: 'f', pax }, { name: 'g', pax }))
  const warnings: string[] = []
  await readBundle(bundle, { onWarning: ({ message }) => warnings.push(message) })
  assert.equal(warnings.length, 1)
  assert.match(warnings[0]!, /left 2 extended attributes .* "nowhere\.a of f"/)
})

test('unpackArchive() applies a global pax header to what follows', async (t) => {
  const global = { name: 'g', type: 'g', data: '16 comment=text\n22 mtime=1234567890.0\n' }
  const { rootfs } = await readBundle(makeBundle(t, makeTar(global, { name: 'f' })))
  assert.equal(lstatSync(join(rootfs, 'f')).mtimeMs, 1234567890000)
})

const sizes: [why: string, field: string][] = [
  ['spaces in front', '          4\0'],
  ['no zero at the end', '000000000004'],
  ['few digits', '4 '],
  ['base 256', '\x80\0\0\0\0\0\0\0\0\0\0\x04'],
]
for (const [why, field] of sizes) {
  test(`unpackArchive() takes a size with ${why}`, async (t) => {
    const over = [124, field.padEnd(12, '\0')] as const
    const tar = makeTar({ name: 'f', data: 'text', over }, { name: 'g', data: 'more' })
    const { rootfs } = await readBundle(makeBundle(t, tar))
    assert.equal(readFileSync(join(rootfs, 'f'), 'utf8'), 'text')
    assert.equal(readFileSync(join(rootfs, 'g'), 'utf8'), 'more')
  })
}

// As GNU tar and bsdtar take them; the rootfs afterwards.
const odd: [why: string, entries: Made[], rootfs: Record<string, string>][] = [
  ['a name with a slash in front', [{ name: '/d/f', data: 'x' }], { 'd/f': 'x' }],
  ['a pax name with a slash in front', [{ name: 'a', pax: [['path', '//f']] }], { f: '' }],
  [
    'a hard link to a name with a slash in front',
    [
      { name: '/f', data: 'x' },
      { name: 'l', type: '1', linkname: '/f' },
    ],
    { f: 'x', l: 'x' },
  ],
  [
    'a hard link to itself',
    [
      { name: 'l', data: 'x' },
      { name: 'l', type: '1', linkname: './l' },
    ],
    { l: 'x' },
  ],
  [
    'what is below a symlink that stays inside',
    [
      { name: 'usr/lib', type: '5' },
      { name: 'lib', type: '2', linkname: 'usr/lib' },
      { name: 'lib/f', data: 'x' },
      { name: 'h', type: '1', linkname: 'lib/f' },
    ],
    { lib: '-> usr/lib', 'usr/lib/f': 'x', h: 'x' },
  ],
  [
    'a file turned directory',
    [{ name: 'x' }, { name: 'x', type: '5' }, { name: 'x/f' }],
    { 'x/f': '' },
  ],
  [
    'a symlink turned directory',
    [
      { name: 'x', type: '2', linkname: '/tmp' },
      { name: 'x/', type: '5' },
      { name: 'x/f', data: 'x' },
    ],
    { 'x/f': 'x' },
  ],
  [
    'a directory turned file',
    [
      { name: 'x', type: '5' },
      { name: 'x', data: 'f' },
    ],
    { x: 'f' },
  ],
  [
    'a directory with a list of GNU',
    [
      { name: 'd/', type: 'D', data: 'Yf\0\0' },
      { name: 'd/f', data: 'x' },
    ],
    { 'd/f': 'x' },
  ],
  [
    'types of vendors',
    [
      { name: 'x', type: 'X', data: '14 path=other\n' },
      { name: 'f', data: 'x' },
      { name: 'i', type: 'I' },
      { name: 'n', type: 'N' },
    ],
    { other: 'x', i: '', n: '' },
  ],
]

function readTree(rootfs: string): Record<string, string> {
  const found: Record<string, string> = {}
  const find = [rootfs, '!', '-type', 'd', '-printf', '%P\\n']
  const names = execFileSync('find', find, { encoding: 'utf8' })
  for (const name of names.split('\n').slice(0, -1)) {
    const stat = lstatSync(join(rootfs, name))
    if (stat.isSymbolicLink()) found[name] = `-> ${readlinkSync(join(rootfs, name))}`
    else if (stat.isFile()) found[name] = readFileSync(join(rootfs, name), 'utf8')
  }
  return found
}

for (const [why, entries, expected] of odd) {
  test(`unpackArchive() takes ${why}, as tar does`, async (t) => {
    const bundle = makeBundle(t, makeTar(...entries))
    const { rootfs } = await readBundle(bundle)
    assert.deepEqual(readTree(rootfs), expected)
    // bsdtar removes a file to make a link to it, and goes through no symlink.
    for (const tar of /itself|below a symlink/.test(why) ? ['tar'] : ['tar', 'bsdtar']) {
      const theirs = makeDirectory(t)
      const { error } = spawnSync(tar, ['-C', theirs, '-xf', join(bundle, 'rootfs.tar')])
      if (error === undefined) assert.deepEqual(readTree(theirs), expected, tar)
    }
  })
}

test('unpackArchive() takes an archive of zeros alone, as tar does', async (t) => {
  const { rootfs } = await readBundle(makeBundle(t, Buffer.alloc(10240)))
  assert.deepEqual(readdirSync(rootfs), [])
})

const ends: [why: string, change: (archive: Buffer) => Buffer][] = [
  ['without an end', (archive) => archive.subarray(0, -1024)],
  ['with one zero block', (archive) => archive.subarray(0, -512)],
  ['padded to a record', (archive) => Buffer.concat([archive, Buffer.alloc(10240)])],
  ['with a cut last block', (archive) => archive.subarray(0, -100)],
]
for (const [why, change] of ends) {
  test(`unpackArchive() takes an archive ${why}`, async (t) => {
    const bundle = makeBundle(t, change(makeTar({ name: 'f', data: 'text' })))
    const { rootfs } = await readBundle(bundle)
    assert.equal(readFileSync(join(rootfs, 'f'), 'utf8'), 'text')
  })
}

const samples = ['hello', 'shell', 'pids-limit', 'userns', 'namespaces']
for (const sample of samples) {
  test(`make-rootfs.sh makes an archive for bundles/${sample}`, async (t) => {
    const source = join(import.meta.dirname, '..', '..', 'bundles', sample)
    const bundle = join(makeDirectory(t), 'bundle')
    mkdirSync(bundle)
    copyFileSync(join(source, 'config.json'), join(bundle, 'config.json'))
    const archive = join(bundle, 'rootfs.tar')
    const made = spawnSync('sh', [join(source, 'make-rootfs.sh'), archive], { encoding: 'utf8' })
    if (made.status !== 0) return t.skip(made.stderr.trim())
    const warnings: string[] = []
    const { config, rootfs } = await readBundle(bundle, {
      onWarning: ({ message }) => warnings.push(message),
    })
    assert.deepEqual(warnings, [])
    const program = config.process!.args![0]!
    const path = program.startsWith('/') ? program : `/bin/${program}`
    assert.ok(lstatSync(join(rootfs, path)), path)
  })
}
