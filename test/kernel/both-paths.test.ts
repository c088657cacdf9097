// What the front door does by itself, it does as the JavaScript engine would: same output, same
// exit code, same effect; and the same plan of an exec.

import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { decodeRequest } from '../../src/plan/encode.ts'
import {
  type Change,
  FRONT,
  openSite,
  type Site,
  setNamespaces,
  until,
  whyNot,
} from './container.ts'
import { buildFaulty, FAULTY } from './faults.ts'

const skip = whyNot('make', 'cc')
const ENGINE = join(dirname(FRONT), 'main.js')

before(() => {
  if (skip === false) buildFaulty()
})

/** Calls the engine as the front door would: the whole verb, or the plan of an exec alone. */
function callEngine(site: Site, words: readonly string[], planFile?: string) {
  const plan = planFile === undefined ? 'ignore' : openSync(planFile, 'w')
  try {
    return spawnSync(process.execPath, [ENGINE, '--root', site.root, ...words], {
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'pipe', plan],
      cwd: '/',
      env: {
        PATH: process.env.PATH,
        TSOCI_CWD: site.dir,
        TSOCI_FRONT: FRONT,
        ...(planFile === undefined ? {} : { TSOCI_PLAN_FD: '3' }),
      },
    })
  } finally {
    if (plan !== 'ignore') closeSync(plan)
  }
}

/** The request that the front door makes for an exec, and whether it needed the engine. */
function frontRequest(site: Site, words: readonly string[]): { bytes: Buffer; native: boolean } {
  const file = join(site.dir, 'native.plan')
  const call = (engine: string) =>
    spawnSync(FAULTY, ['--root', site.root, ...words], {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: site.dir,
      env: { PATH: process.env.PATH, TSOCI_PLAN_TO: file, TSOCI_ENGINE: engine },
    })
  const native = call('none').status === 0
  const { status, stderr } = call('')
  assert.equal(status, 0, stderr)
  const bytes = readFileSync(file)
  rmSync(file)
  return { bytes, native }
}

const confined: Change = (config) => {
  config.process.user = { uid: 1000, gid: 1000, umask: 0o077, additionalGids: [5, 6] }
  config.process.noNewPrivileges = true
  config.process.oomScoreAdj = 300
  config.process.env.push('HOME=/tmp', 'EMPTY=')
  config.process.cwd = '/tmp'
  config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
}
const privileged: Change = (config) => {
  config.process.noNewPrivileges = false
  config.process.rlimits = []
  config.linux.seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['swapon'], action: 'SCMP_ACT_ERRNO' }],
  }
  config.process.consoleSize = { width: 10, height: 5 }
}
const inUserNamespace: Change = (config) => {
  const map = [{ containerID: 0, hostID: 100000, size: 65536 }]
  config.linux.uidMappings = map
  config.linux.gidMappings = map
  setNamespaces(config, { type: 'user' })
}
const configs: [what: string, change: Change][] = [
  ['the default config', () => {}],
  ['a confined process', confined],
  ['a privileged process', privileged],
  ['a user namespace', inUserNamespace],
]

const execs: (readonly string[])[] = [
  ['exec', 'ID', 'true'],
  ['exec', 'ID', 'sh', '-c', 'echo "$1"', '--', 'ä \u0001 b'],
  ['exec', 'ID', '--', 'true'],
  ['exec', '--user', '7', 'ID', 'id'],
  ['exec', '-u', '7:8', 'ID', 'id'],
  ['exec', '-u', '007:0', 'ID', 'id'],
  ['exec', '-g', '9', '--additional-gids=0010', 'ID', 'id'],
  ['exec', '--cwd', '/bin', 'ID', 'pwd'],
  ['exec', '--cwd=', '--user=', '--pid-file=', 'ID', 'pwd'],
  ['exec', '-e', 'A=b', '--env', 'C=', 'ID', 'env'],
  ['exec', '-e', 'TERM=dumb', '-e', 'A=b', '-e', 'PATH=/bin', '-e', 'A=c', 'ID', 'env'],
  ['exec', '-e', 'HOME=', '-e', 'A=\u0001', 'ID', 'env'],
  ['exec', '-e', 'HOME=/root', '-e', 'HOMER=x', 'ID', 'env'],
  ['exec', '--detach', '--pid-file', '/tmp/pid', 'ID', 'true'],
  ['exec', '-d', '--pid-file', 'pid', 'ID', 'true'],
  ['exec', '--tty', 'ID', 'true'],
  ['exec', '-t', '-d', '--console-socket', '/tmp/socket', 'ID', 'true'],
  ['exec', '--preserve-fds', '3', 'ID', 'true'],
  ['exec', '--ignore-paused', 'ID', 'true'],
  ['--systemd-cgroup', '--log', '/dev/null', '--log-format', 'json', 'exec', 'ID', 'true'],
]
for (const [what, change] of configs) {
  test(`exec makes the engine's plan without it: ${what}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start(change)
    for (const line of execs) {
      const words = line.map((word) => (word === 'ID' ? id : word))
      const file = join(site.dir, 'engine.plan')
      const { status, stderr } = callEngine(site, words, file)
      assert.equal(status, 0, stderr)
      const { bytes, native } = frontRequest(site, words)
      assert.ok(native, `left to the engine: ${line.join(' ')}`)
      assert.deepEqual(decodeRequest(bytes), decodeRequest(readFileSync(file)), line.join(' '))
    }
  })
}

const left: (readonly string[])[] = [
  ['exec', '--cap', 'CAP_CHOWN', 'ID', 'true'],
  ['exec', '--no-new-privs', 'ID', 'true'],
  ['exec', '-dt', '--console-socket', '/tmp/socket', 'ID', 'true'],
  ['exec', '--detach=true', 'ID', 'true'],
]
test('exec leaves to the engine what only the engine knows', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start(privileged)
  const makesPlan = (line: readonly string[]) => {
    const file = join(site.dir, 'plan')
    const words = line.map((word) => (word === 'ID' ? id : word))
    spawnSync(FAULTY, ['--root', site.root, ...words], {
      timeout: 20_000,
      env: { TSOCI_ENGINE: 'none', PATH: '/nowhere', TSOCI_PLAN_TO: file },
    })
    const made = existsSync(file)
    rmSync(file, { force: true })
    return made
  }
  assert.ok(makesPlan(['exec', 'ID', 'true']))
  for (const line of left) assert.ok(!makesPlan(line), line.join(' '))
})

test('list --quiet prints the same ids by both paths', { skip }, (t) => {
  const site = openSite(t)
  const before = site.tsoci(['list', '-q'])
  assert.equal(before.code, 1)
  assert.match(before.stderr, /does not exist/)
  const ids = [site.create(), site.start(), site.create()].sort()
  // What no create has completed is one as well, and what holds no plan is none.
  mkdirSync(join(site.root, '.hidden'))
  writeFileSync(join(site.root, '.hidden/plan'), '')
  mkdirSync(join(site.root, 'other'))
  t.after(() => rmSync(join(site.root, '.hidden'), { recursive: true, force: true }))
  for (const words of [
    ['list', '-q'],
    ['list', '--quiet', '--format', 'json'],
  ]) {
    const printed = site.ok(words)
    assert.equal(printed, ['.hidden', ...ids, ''].join('\n'))
    assert.equal(callEngine(site, words).stdout, printed)
  }
})

const states = ['none', 'created', 'running', 'paused', 'stopped'] as const
type State = (typeof states)[number]

async function make(site: Site, state: State): Promise<string> {
  if (state === 'none') return site.id()
  const id = site.create()
  if (state === 'created') return id
  site.ok(['start', id])
  if (state === 'paused') site.ok(['pause', id])
  if (state === 'stopped') {
    site.ok(['kill', id, 'KILL'])
    await until('the end', () => site.state(id).status === 'stopped')
  }
  return id
}

const lines: (readonly string[])[] = [
  ['state', 'ID'],
  ['start', 'ID'],
  ['kill', 'ID'],
  ['kill', 'ID', 'WINCH'],
  ['kill', '--all', 'ID', 'KILL'],
  ['pause', 'ID'],
  ['resume', 'ID'],
  ['delete', 'ID'],
  ['delete', '--force', 'ID'],
  ['exec', 'ID', 'sh', '-c', 'echo out; echo err >&2; exit 3'],
  ['exec', '--user', '7', '--cwd', '/tmp', 'ID', 'sh', '-c', 'id -u; pwd'],
  ['exec', 'ID', 'nosuch'],
  ['exec', 'ID', '/etc/passwd'],
  ['exec', '--detach', 'ID', 'sh', '-c', 'exec sleep 1000 >/dev/null 2>&1'],
  ['exec', '--preserve-fds=', 'ID', 'true'],
  ['exec', '--tty', '--detach', 'ID', 'true'],
  ['exec', 'ID'],
]
for (const state of states) {
  test(`each verb does the same by both paths: ${state}`, { skip }, async (t) => {
    const site = openSite(t)
    for (const line of lines) {
      const seen = []
      for (const call of [callFront, callEngine]) {
        const id = await make(site, state)
        const words = line.map((word) => (word === 'ID' ? id : word))
        const result = call(site, words)
        seen.push({ ...describe(result, id, site), after: await describeAfter(site, id, line) })
        site.ok(['delete', '--force', id])
      }
      assert.deepEqual(seen[0], seen[1], line.join(' '))
    }
  })
}

function callFront(site: Site, words: readonly string[]) {
  const output = ['ignore', 'pipe', 'pipe'] as const
  return spawnSync(FRONT, ['--root', site.root, ...words], {
    encoding: 'utf8',
    timeout: 20_000,
    stdio: [...output],
    cwd: site.dir,
  })
}

/** Without what differs between two containers. */
function describe({ status, stdout, stderr }: SpawnSyncReturns<string>, id: string, site: Site) {
  const clean = (text: string) =>
    text
      .replaceAll(id, 'ID')
      .replaceAll(site.dir, 'SITE')
      .replaceAll(/bundle-\d+/g, 'BUNDLE')
      .replaceAll(/"pid": ?[1-9]\d*/g, '"pid": N')
      .replaceAll(/"created": ?"[^"]*"/g, '"created": T')
  // The front door prints the text that create stored, the engine an object: the same JSON.
  const output = clean(stdout)
  return {
    status,
    stdout: output.startsWith('{') ? JSON.parse(output.replaceAll(/: (N|T)\b/g, ': 0')) : output,
    stderr: clean(stderr),
  }
}

/** What is left of the container: its status, and how many processes it has. */
async function describeAfter(site: Site, id: string, line: readonly string[]) {
  const { code, stdout } = site.tsoci(['state', id])
  if (code !== 0) return 'none'
  const { status } = JSON.parse(stdout)
  if (status === 'stopped') return status
  // One that waits for start ends by the signal that asks for it, a moment later.
  const asked = status === 'created' && line[0] === 'kill' && !line.includes('WINCH')
  if (line.includes('KILL') || asked) {
    return await until('the end', () => site.state(id).status === 'stopped' && 'stopped')
  }
  return `${status} ${JSON.parse(site.ok(['ps', '-f', 'json', id])).length}`
}
