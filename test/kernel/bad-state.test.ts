// What is in the place of a container and is none: told by every verb, waited for by none, and
// nothing of it is lost.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ORDINARY_USER, openSite, type Site, whyNot, whyNotRootless } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

const makeFifo = (path: string) => assert.equal(spawnSync('mkfifo', [path]).status, 0)

const verbs = [
  'state ID',
  'start ID',
  'kill ID',
  'delete ID',
  'pause ID',
  'resume ID',
  'exec ID true',
  'ps ID',
  'events --stats ID',
  'update --pids-limit 10 ID',
  'ns ID',
  'enter ID --net -- true',
  'checkpoint ID',
]

/** Each verb fails with these words, at once. */
function expectRefused(site: Site, id: string, lines: readonly string[], message: RegExp): void {
  for (const line of lines) {
    const words = line.split(' ').map((word) => (word === 'ID' ? id : word))
    const { code, stderr } = site.tsoci(words, { cwd: site.dir })
    assert.equal(code, line.startsWith('exec') ? 255 : 1, `${line}: ${stderr}`)
    assert.match(stderr, message, line)
    assert.match(stderr, /^error: [^\n]+\nhint: [^\n]+\n$/, line)
  }
}

const others: [why: string, make: (path: string, site: Site) => void, message: RegExp][] = [
  [
    'a link',
    (path, site) => {
      const elsewhere = join(site.dir, 'elsewhere')
      mkdirSync(elsewhere)
      writeFileSync(join(elsewhere, 'plan'), 'precious')
      symlinkSync(elsewhere, path)
    },
    /cannot read the state of container .*\(ENOTDIR\)\nhint: something else has this name/,
  ],
  ['a fifo', makeFifo, /\(ENOTDIR\)\nhint: something else has this name/],
  [
    'a file',
    (path) => writeFileSync(path, 'precious'),
    /\(ENOTDIR\)\nhint: something else has this name/,
  ],
  [
    'a directory of somebody else',
    (path) => {
      mkdirSync(path)
      spawnSync('chown', ['54321', path])
    },
    /\(EPERM\)\nhint: it is the container of another user/,
  ],
]

for (const [why, make, message] of others) {
  test(`${why} in the place of a container is told from one`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.id()
    mkdirSync(site.root)
    make(join(site.root, id), site)
    t.after(() => rmSync(join(site.root, id), { recursive: true, force: true }))
    const files = () => spawnSync('ls', ['-lRi', site.dir], { encoding: 'utf8' }).stdout
    const before = files()
    expectRefused(site, id, [...verbs, 'delete --force ID'], message)
    assert.equal(files(), before)
  })
}

test('delete --force removes no directory that holds what no container has', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const dir = join(site.root, id)
  mkdirSync(dir, { recursive: true })
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  for (const name of ['plan', '.plan.12', 'letter']) writeFileSync(join(dir, name), name)
  const message = /"letter" in its directory is no file of a container \(ENOTEMPTY\)/
  expectRefused(site, id, ['delete --force ID'], message)
  for (const name of ['plan', '.plan.12', 'letter']) {
    assert.equal(readFileSync(join(dir, name), 'utf8'), name)
  }
  rmSync(join(dir, 'letter'))
  site.ok(['delete', '--force', id])
  assert.deepEqual(site.ids(), [])
})

const FAST = ['state ID', 'start ID', 'kill ID', 'delete ID', 'pause ID']
const damages: [file: string, lines: readonly string[]][] = [
  ['state.json', verbs],
  ['plan', FAST], // the others need none
]

for (const [file, lines] of damages) {
  test(`a fifo in the place of ${file} keeps nobody waiting`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.create()
    rmSync(join(site.root, id, file))
    makeFifo(join(site.root, id, file))
    expectRefused(site, id, lines, /cannot read the state of container .*\(EBADMSG\)/)
    assert.equal(site.tsoci(['list']).code, 0)
    site.ok(['delete', '--force', id])
    assert.deepEqual(viewHost(site).state, before.state)
    assert.deepEqual(viewHost(site).cgroups, before.cgroups)
  })
}

const configs: [why: string, damage: (file: string) => void][] = [
  ['missing', () => {}],
  ['a fifo', makeFifo],
  ['cut off', (file) => writeFileSync(file, '{ "ociVersion": "1.3.0", "process": { "cw')],
  ['of another form', (file) => writeFileSync(file, '{ "ociVersion": "1.3.0", "linux": 3 }')],
]

for (const [why, damage] of configs) {
  test(`a stored config.json that is ${why} is told by those who need it`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.start()
    const file = join(site.root, id, 'config.json')
    const limit = join(site.cgroup(id, 'pids'), 'pids.max')
    const unlimited = readFileSync(limit, 'utf8')
    rmSync(file)
    damage(file)
    writeFileSync(join(site.dir, 'mounts.json'), '[{ "destination": "/tmp" }]')
    const needing = [
      'exec --cap CAP_SYS_ADMIN ID true',
      'update --pids-limit 10 ID',
      'checkpoint ID',
      'mounts remove ID mounts.json',
    ]
    const message = /cannot read the state of container .*config\.json.*\nhint: it is damaged/
    expectRefused(site, id, needing, message)
    assert.equal(readFileSync(limit, 'utf8'), unlimited)
    site.ok(['pause', id])
    site.ok(['resume', id])
    site.ok(['kill', id, 'KILL'])
    site.ok(['delete', '--force', id])
    assert.deepEqual(viewHost(site), before)
  })
}

test("root's containers are not an ordinary user's", { skip: skip || whyNotRootless() }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const line of [...FAST, 'list', 'ns', `delete --force ${id}`]) {
    const words = line.split(' ').map((word) => (word === 'ID' ? id : word))
    const { code, stderr } = site.tsoci(words, { user: ORDINARY_USER })
    assert.equal(code, 1, line)
    assert.match(stderr, /\(EACCES\)\nhint: it is the container of another user/, line)
  }
  assert.equal(site.state(id).status, 'running')
})
