// Flags that stand with several verbs, and those that are taken only for the sake of callers.

import assert from 'node:assert/strict'
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSite, whyNot } from './container.ts'

const skip = whyNot('tar')

test('--config takes another file than config.json of the bundle', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['echo', 'from the other']
  })
  const other = join(site.dir, 'other.json')
  renameSync(join(bundle, 'config.json'), other)
  for (const flag of ['--config', '-f', '-config']) {
    const words = ['run', flag, other, '--bundle', bundle, site.id()]
    assert.equal(site.ok(words), 'from the other\n')
  }
  const id = site.id()
  site.ok(['create', '-f', other, '-b', bundle, id], { stdio: 'ignore' })
  assert.equal(site.state(id).status, 'created')
})

test('--rootfs-dir takes another rootfs than that of the bundle', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['cat', '/etc/which']
  })
  const other = join(site.dir, 'rootfs-2')
  cpSync(join(bundle, 'rootfs'), other, { recursive: true, verbatimSymlinks: true })
  writeFileSync(join(other, 'etc/which'), 'the other\n')
  const words = ['run', '--rootfs-dir', other, '--bundle', bundle, site.id()]
  assert.equal(site.ok(words), 'the other\n')
  const plan = site.ok(['plan', '--rootfs-dir', other, bundle])
  assert.match(plan, new RegExp(`bind rootfs ${other}`))
})

// As buildkit, containerd and go-runc send them.
const ignored: string[][] = [
  ['run', '--no-subreaper'],
  ['run', '-no-subreaper'],
  ['--rootless', 'run'],
  ['--rootless=auto', 'run'],
  ['-rootless=false', 'run'],
  ['run', '--no-new-keyring'],
]
for (const words of ignored) {
  test(`${words.join(' ')} runs as without the flag`, { skip }, (t) => {
    const site = openSite(t)
    const bundle = site.bundle((config) => {
      config.process.args = ['echo', 'ran']
    })
    assert.equal(site.ok([...words, '--bundle', bundle, site.id()]), 'ran\n')
  })
}

test('create takes what is of run only: --detach, --keep, --no-subreaper', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const flags = ['--detach', '--keep', '--no-subreaper']
  site.ok(['create', ...flags, '--bundle', site.bundle(), id], { stdio: 'ignore' })
  assert.equal(site.state(id).status, 'created')
})

test('--log-level error leaves warnings out, debug tells the steps', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.mounts.push({ destination: 'relative', type: 'tmpfs', source: 'tmpfs' })
  })
  const run = (level: string) => {
    const { code, stderr } = site.tsoci(['--log-level', level, 'run', '-b', bundle, site.id()])
    assert.equal(code, 0)
    return stderr
  }
  assert.match(run('warning'), /^warning: /)
  assert.equal(run('error'), '')
  assert.match(run('debug'), /level=debug msg="child process in init\(\)"/)
})

// Under conmon and containerd the standard error of create is the container's.
for (const format of ['json', 'text']) {
  test(`warnings go to a log in ${format} alone, errors to both`, { skip }, (t) => {
    const site = openSite(t)
    const file = join(site.dir, 'log')
    const log = () => readFileSync(file, 'utf8').trim().split('\n')
    const call = (...words: string[]) =>
      site.tsoci(['--log', file, '--log-format', format, ...words])
    const bundle = site.bundle((config) => {
      config.mounts.push({ destination: 'relative', type: 'tmpfs', source: 'tmpfs' })
      config.hooks = {
        poststop: [{ path: '/bin/sh', args: ['sh', '-c', 'echo "a \\"reason"; false'] }],
      }
    })
    const ran = call('run', '--bundle', bundle, site.id())
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' })
    const messages = log().map((line) =>
      format === 'json'
        ? JSON.parse(line)
        : /level=(?<level>\w+) msg="(?<msg>.*)"$/.exec(line)!.groups,
    )
    assert.deepEqual(
      messages.map(({ level }) => level),
      ['warning', 'warning'],
    )
    assert.match(messages[0].msg, /\/mounts\//)
    assert.match(messages[1].msg, /poststop hook .*exit status 1: a \\?"reason/)
    assert.match(call('start', 'none').stderr, /^error: container does not exist/)
    assert.match(log()[2]!, /error.*container does not exist/)
  })
}

test('--log takes a path as crun does, and no other kind of log', { skip }, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'log')
  // By the front door alone, and by the engine.
  for (const verb of ['start', 'ps']) {
    assert.equal(site.tsoci(['--log', `file:${file}`, verb, 'none']).code, 1)
    assert.match(readFileSync(file, 'utf8'), /level=error msg="container does not exist/)
    rmSync(file)
    const { code, stderr } = site.tsoci(['--log', 'journald:tsoci', verb, 'none'])
    assert.equal(code, 1)
    assert.match(stderr, /cannot log to "journald:tsoci": no log but a file/)
  }
  site.ok(['--debug', '--log', `file:${file}`, 'run', '--bundle', site.bundle(), site.id()])
  assert.match(readFileSync(file, 'utf8'), /level=debug/)
})

test('--cgroup-manager disabled leaves nothing to pause by', { skip }, (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
    config.linux.resources = {}
  })
  const words = ['--cgroup-manager', 'disabled', 'run', '--detach', '--bundle', bundle, id]
  site.ok(words, { stdio: 'ignore' })
  const { code, stderr } = site.tsoci(['pause', id])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^error: cannot pause the container: it has no cgroup with a freezer\nhint: /,
  )
  assert.equal(site.state(id).status, 'running')
})

test('plan --diff tells what differs between two bundles', { skip }, (t) => {
  const site = openSite(t)
  const one = site.bundle()
  const two = site.bundle((config) => {
    config.hostname = 'other'
  })
  assert.match(site.ok(['plan', '--diff', two, one]), /^\+ .*sethostname other/m)
})

test('enter --time enters the time namespace', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.linux.namespaces.push({ type: 'time' })
    config.linux.timeOffsets = { boottime: { secs: 1_000_000 } }
  })
  const uptime = (...flags: string[]) =>
    Number(site.ok(['enter', id, ...flags, '--', 'cat', '/proc/uptime']).split(' ')[0])
  assert.ok(uptime('--time') - uptime('--net') > 900_000)
})
