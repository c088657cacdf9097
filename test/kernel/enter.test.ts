// A host program in namespaces of a container, and what is told about these.

import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NamespaceReport } from '../../src/runtime/namespaces.ts'
import { openSite, setNamespaces, until, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const LINKS = 'for ns in mnt uts ipc net pid; do readlink /proc/self/ns/$ns; done'
const FILES = ['mnt', 'uts', 'ipc', 'net', 'pid']

for (const [flags, entered] of [
  [['--net'], ['net']],
  [
    ['--uts', '--ipc'],
    ['uts', 'ipc'],
  ],
] as const) {
  test(`enter ${flags.join(' ')} joins these namespaces alone`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { pid } = site.state(id)
    const links = site
      .ok(['enter', id, ...flags, '--', 'sh', '-c', LINKS])
      .trim()
      .split('\n')
    FILES.forEach((file, i) => {
      const of = (entered as readonly string[]).includes(file) ? pid : 'self'
      assert.equal(links[i], readlinkSync(`/proc/${of}/ns/${file}`), file)
    })
  })
}

test('enter without flags joins all that the container has of its own, but the mounts', {
  skip,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { pid } = site.state(id)
  const links = site.ok(['enter', id, 'sh', '-c', LINKS]).trim().split('\n')
  assert.deepEqual(
    links,
    FILES.map((file) => readlinkSync(`/proc/${file === 'mnt' ? 'self' : pid}/ns/${file}`)),
  )
})

test('enter --user is root of the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    setNamespaces(config, { type: 'user' })
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 1000 }]
  })
  assert.equal(site.ok(['enter', id, '--user', '--', 'id', '-u']), '0\n')
})

test('enter keeps directory, files and cgroups of the caller, no other descriptor, no secrets', {
  skip,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const script =
    'pwd; echo "$TERM $SECRET"; readlink /proc/$$/fd/3 || echo none; cat /proc/self/cgroup'
  const env = { ...process.env, TERM: 'vt100', SECRET: 'secret' }
  const fd = openSync('/', 'r')
  t.after(() => closeSync(fd))
  const stdio = ['ignore', 'pipe', 'pipe', fd] as const
  const words = ['enter', id, '--net', '--', 'sh', '-c', script]
  const out = site.ok(words, { cwd: site.dir, env, stdio: [...stdio] }).split('\n')
  const [cwd, term, descriptor, ...cgroups] = out
  assert.deepEqual([cwd, term, descriptor], [site.dir, 'vt100 ', 'none'])
  assert.equal(cgroups.join('\n'), readFileSync('/proc/self/cgroup', 'utf8'))
})

test('enter --mount runs a program of the image, confined as the container is', { skip }, (t) => {
  const site = openSite(t)
  const script = 'grep -E "^(Uid|Cap|NoNew|Seccomp:)" /proc/self/status; env; echo /proc/self/fd/*'
  const id = site.start((config) => {
    config.process.user = { uid: 1000, gid: 1000 }
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
  })
  const env = { ...process.env, SECRET: 'secret' }
  const words = [id, ...['--mount', '--', 'sh', '-c', script]]
  const entered = site.ok(['enter', ...words], { env })
  assert.equal(entered, site.ok(['exec', id, 'sh', '-c', script]))
  assert.match(entered, /^NoNewPrivs:\t1$/m)
  assert.doesNotMatch(entered, /secret/)
})

test('enter refuses a container that could trace the program', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    for (const set of Object.values(config.process.capabilities!)) set.push('CAP_SYS_PTRACE')
  })
  const { code, stderr } = site.tsoci(['enter', id, '--pid', '--net', '--', 'true'])
  assert.equal(code, 1)
  assert.match(stderr, /CAP_SYS_PTRACE/)
  assert.equal(site.ok(['enter', id, '--net', '--', 'echo', 'there']), 'there\n')
})

test('enter ends as its program does, and leaves nothing', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const before = viewHost(site)
  assert.equal(site.tsoci(['enter', id, '--pid', '--', 'sh', '-c', 'exit 9']).code, 9)
  assert.equal(site.tsoci(['enter', id, '--net', '--', 'sh', '-c', 'kill -9 $$']).code, 137)
  assert.equal(site.tsoci(['enter', id, '--net', '--', 'no-such-program']).code, 1)
  assert.deepEqual(viewHost(site), before)
})

test('enter refuses a container that has stopped, or is not there', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['kill', id, 'KILL'])
  await until('its end', () => site.state(id).status === 'stopped')
  assert.match(site.tsoci(['enter', id, 'true']).stderr, /cannot enter a stopped container/)
  assert.match(site.tsoci(['enter', 'no-such', 'true']).stderr, /container does not exist/)
})

test('ns tells owner, parent, members, and who shares', { skip }, (t) => {
  const site = openSite(t)
  const one = site.start()
  const { pid } = site.state(one)
  const two = site.start((config) => {
    setNamespaces(config, { type: 'network', path: `/proc/${pid}/ns/net` })
  })
  const report: NamespaceReport = JSON.parse(site.ok(['ns', '--format', 'json', one]))
  const find = (type: string, container = one) =>
    report.namespaces.find((it) => it.type === type && it.containers.includes(container))!
  assert.deepEqual(find('network').containers.toSorted(), [one, two].sort())
  assert.equal(find('network').inode, statSync(`/proc/${pid}/ns/net`).ino)
  assert.deepEqual(find('pid').containers, [one])
  assert.deepEqual(find('pid').members, [pid])
  assert.equal(find('pid').parent, statSync('/proc/self/ns/pid').ino)
  assert.equal(find('pid').owner, statSync('/proc/self/ns/user').ino)
  assert.equal(find('user').host, true)
  assert.equal(find('mount').host, false)
  for (const { type, limit, seen } of report.limits) {
    const file = { network: 'net', mount: 'mnt' }[type as string] ?? type
    assert.equal(`${limit}\n`, readFileSync(`/proc/sys/user/max_${file}_namespaces`, 'utf8'))
    assert.ok(seen > 0, type)
  }
  const tree = site.ok(['ns'])
  assert.match(tree, new RegExp(`^[├└]─ network \\d+: .*${one}`, 'm'))
  assert.match(tree, new RegExp(two))
})

test('ns of a container that is not there is an error', { skip }, (t) => {
  const site = openSite(t)
  assert.match(site.tsoci(['ns', 'no-such']).stderr, /container does not exist/)
  assert.match(site.tsoci(['--root', join(site.dir, 'none'), 'ns']).stdout, /^no container runs/)
})
