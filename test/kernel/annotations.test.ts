// Annotations that mean something.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Draft, FRONT, openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

/** A static program of the host, outside of every rootfs. */
function makeHandler(site: Site): string {
  const file = join(site.dir, 'busybox')
  copyFileSync('/bin/busybox', file)
  return file
}

const handled =
  (handler: string, ...args: string[]) =>
  (config: Draft) => {
    config.process.args = args
    config.annotations = { 'org.tsoci.handler': handler }
  }

test('a handler runs in place of the process, with its arguments', { skip }, (t) => {
  const site = openSite(t)
  // argv[0] is the handler, and busybox takes the applet from argv[1].
  const { code, stdout, stderr } = site.run('', handled(makeHandler(site), 'echo', 'module', 'x'))
  assert.equal(stdout, 'module x\n', stderr)
  assert.equal(code, 0)
})

test('a handler is confined as the process would be', { skip }, (t) => {
  const site = openSite(t)
  const { stdout, stderr } = site.run('', (config) => {
    handled(
      makeHandler(site),
      'sh',
      '-c',
      'id -u; grep ^Cap[EP] /proc/self/status; pwd; ls /',
    )(config)
    config.process.user = { uid: 1000, gid: 1000 }
    config.process.capabilities = { bounding: [], effective: [], permitted: [] }
  })
  assert.match(stdout, /^1000\nCapPrm:\t0{16}\nCapEff:\t0{16}\n\//, stderr)
  assert.ok(!stdout.includes('home'), stdout)
})

test('a container can not write to its handler', { skip }, (t) => {
  const site = openSite(t)
  const handler = makeHandler(site)
  const before = statSync(handler)
  const script = '(echo evil > /proc/$$/exe) 2>&1; readlink /proc/$$/exe'
  const { stdout, stderr } = site.run('', handled(handler, 'sh', '-c', script))
  assert.match(stdout, /memfd:handler/, stderr)
  assert.ok(!stdout.includes(site.dir))
  assert.equal(statSync(handler).mtimeMs, before.mtimeMs)
  assert.ok(!readFileSync(handler).subarray(0, 8).includes('evil'))
})

test('another process of a container with a handler runs by itself', { skip }, (t) => {
  const site = openSite(t)
  const handler = makeHandler(site)
  const id = site.start(handled(handler, 'sleep', '100'))
  assert.equal(site.ok(['exec', id, 'echo', 'plain']), 'plain\n')
})

for (const [what, make, message] of [
  ['is missing', () => '/no/such/handler', /ENOENT.*\/annotations\/org\.tsoci\.handler/],
  ['is not executable', () => '/etc/passwd', /EACCES/],
] as const) {
  test(`a handler that ${what} is an error of create`, { skip }, (t) => {
    const site = openSite(t)
    const { code, stderr } = site.run('', handled(make(), 'x'))
    assert.equal(code, 1)
    assert.match(stderr, message)
    assert.deepEqual(site.ids(), [])
  })
}

test('hooks write where run.oci.hooks.stdout and stderr say', { skip }, (t) => {
  const site = openSite(t)
  const [out, errors] = [join(site.dir, 'out'), join(site.dir, 'errors')]
  writeFileSync(out, 'before\n')
  const { code, stderr } = site.run('true', (config) => {
    config.annotations = { 'run.oci.hooks.stdout': out, 'run.oci.hooks.stderr': errors }
    const args = ['sh', '-c', 'echo said; echo complained >&2']
    config.hooks = { prestart: [{ path: '/bin/sh', args }], poststop: [{ path: '/bin/sh', args }] }
  })
  assert.equal(code, 0, stderr)
  assert.equal(readFileSync(out, 'utf8'), 'before\nsaid\nsaid\n')
  assert.equal(readFileSync(errors, 'utf8'), 'complained\ncomplained\n')
})

test('a file for hooks that can not be opened fails the hook', { skip }, (t) => {
  const { code, stderr } = openSite(t).run('true', (config) => {
    config.annotations = { 'run.oci.hooks.stdout': '/no/such/dir/out' }
    config.hooks = { prestart: [{ path: '/bin/true' }] }
  })
  assert.equal(code, 1)
  assert.match(stderr, /\/no\/such\/dir\/out: ENOENT/)
})

function groupsOf(t: TestContext, value: string): string {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['sh', '-c', 'grep ^Groups: /proc/self/status']
    // As podman does with --group-add keep-groups.
    config.process.user = { uid: 0, gid: 0, additionalGids: [7] }
    config.annotations = { 'run.oci.keep_original_groups': value }
  })
  const words = ['--root', site.root, 'run', '--bundle', bundle, site.id()]
  const caller = spawnSync('setpriv', ['--groups', '4,20', FRONT, ...words], { encoding: 'utf8' })
  return caller.stdout.trim()
}

test('run.oci.keep_original_groups keeps the groups of the caller', { skip }, (t) => {
  assert.equal(groupsOf(t, '1').replace(/\s+/g, ' '), 'Groups: 4 20')
  assert.equal(groupsOf(t, '0').replace(/\s+/g, ' '), 'Groups: 7')
})

test('run.oci.seccomp_fail_unknown_syscall refuses a name that means nothing', { skip }, (t) => {
  const site = openSite(t)
  const change = (value: string) => (config: Draft) => {
    config.annotations = { 'run.oci.seccomp_fail_unknown_syscall': value }
    config.linux.seccomp = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['no_such_call'], action: 'SCMP_ACT_ERRNO' }],
    }
  }
  assert.equal(site.run('true', change('0')).code, 0)
  const { code, stderr } = site.run('true', change('1'))
  assert.equal(code, 1)
  assert.match(stderr, /no system call no_such_call .*\[\/linux\/seccomp\/syscalls\/0\]/)
})

for (const [name, value] of [
  ['org.tsoci.handler', 'relative'],
  ['run.oci.keep_original_groups', 'perhaps'],
  ['run.oci.hooks.stdout', 'out'],
] as const) {
  test(`${name} "${value}" is refused with its place`, { skip }, (t) => {
    const { code, stderr } = openSite(t).run('true', (config) => {
      config.annotations = { [name]: value }
    })
    assert.equal(code, 1)
    assert.ok(stderr.includes(`/annotations/${name}`), stderr)
  })
}
