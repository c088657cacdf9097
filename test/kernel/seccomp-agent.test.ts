// Filters that ask an agent (SCMP_ACT_NOTIFY).

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Seccomp } from '../../src/spec/config.ts'
import { buildProgram, openSite, type Site, until, whyNot } from './container.ts'

const skip = whyNot('make', 'cc')
const AGENT = skip === false ? buildProgram('seccomp_agent') : ''

/** Starts an agent; resolves with what it was told when it ends. */
async function startAgent(t: TestContext, socket: string): Promise<{ told: Promise<string> }> {
  const agent = spawn(AGENT, [socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => agent.kill('SIGKILL'))
  const told = new Promise<string>((resolve) => {
    let output = ''
    agent.stdout.on('data', (bytes) => (output += String(bytes)))
    agent.on('close', () => resolve(output))
  })
  await until('the agent', () => existsSync(socket))
  return { told }
}

const asks = (listenerPath: string, names: [string, ...string[]]): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  listenerPath,
  listenerMetadata: 'for "the" agent',
  syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
})

const socketOf = (site: Site) => join(site.dir, 'agent.sock')

for (const noNewPrivileges of [true, false]) {
  const when = `no_new_privs ${noNewPrivileges}`

  test(`an agent answers for the kernel, ${when}`, { skip }, async (t) => {
    const site = openSite(t)
    const { told } = await startAgent(t, socketOf(site))
    const { stdout, stderr } = site.run('mkdir /dev/shm/x; echo $?', (config) => {
      config.process.noNewPrivileges = noNewPrivileges
      config.annotations = { key: 'value' }
      config.linux.seccomp = asks(socketOf(site), ['mkdir', 'mkdirat'])
    })
    assert.equal(stdout, '1\n', stderr)
    assert.match(stderr, /No medium found/)
    const { pid, state, fds, metadata } = JSON.parse(await told)
    assert.deepEqual(fds, ['seccompFd'])
    assert.equal(metadata, 'for "the" agent')
    assert.equal(state.status, 'creating')
    assert.equal(state.pid, pid)
    assert.deepEqual(state.annotations, { key: 'value' })
  })

  test(`the runtime's own calls may ask as well, ${when}`, { skip }, async (t) => {
    const site = openSite(t)
    const { told } = await startAgent(t, socketOf(site))
    const { code, stderr } = site.run('exit 7', (config) => {
      config.process.noNewPrivileges = noNewPrivileges
      config.linux.seccomp = asks(socketOf(site), ['mkdirat', 'getcwd'])
    })
    assert.equal(code, 7, stderr)
    await told
  })
}

test('another process has a listener of its own', { skip }, async (t) => {
  const site = openSite(t)
  await startAgent(t, socketOf(site))
  const id = site.start((config) => {
    config.linux.seccomp = asks(socketOf(site), ['mkdir', 'mkdirat'])
  })
  const { pid } = site.state(id)
  const second = `${socketOf(site)}.2`
  // The path stays; another agent listens there now.
  const { told } = await startAgent(t, second)
  spawnSync('mv', [second, socketOf(site)])
  const { stderr } = site.tsoci(['exec', id, 'mkdir', '/dev/shm/x'])
  assert.match(stderr, /No medium found/)
  const state = JSON.parse(await told)
  assert.equal(state.state.status, 'running')
  assert.equal(state.state.pid, pid)
  assert.notEqual(state.pid, pid)
})

for (const [what, path] of [
  ['a path', '/run/no-agent.sock'],
  ['an abstract name', '@no-agent'],
] as const) {
  test(`without an agent at ${what} nothing is left behind`, { skip }, (t) => {
    const site = openSite(t)
    const { code, stderr } = site.run('true', (config) => {
      config.linux.seccomp = asks(path, ['mkdir'])
    })
    assert.equal(code, 1)
    assert.match(stderr, /failed to connect with seccomp agent/)
    assert.match(stderr, /\/linux\/seccomp\/listenerPath/)
    assert.match(stderr, path[0] === '@' ? /ECONNREFUSED/ : /ENOENT/)
    assert.deepEqual(site.ids(), [])
  })
}

test('without SCMP_ACT_NOTIFY the path is not looked at', { skip }, (t) => {
  const { code, stderr } = openSite(t).run('true', (config) => {
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/run/no-agent.sock' }
  })
  assert.equal(code, 0, stderr)
})
