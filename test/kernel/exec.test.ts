// Another process in a container: what it shares, what it inherits, what the caller may change.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSite, until, whyNot } from './container.ts'

const skip = whyNot()
const words = (text: string) => text.trim().split('\n')

test('exec enters every namespace of the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const script = 'for ns in mnt uts ipc net pid cgroup; do readlink /proc/self/ns/$ns; done'
  const inside = words(site.ok(['exec', id, 'sh', '-c', script]))
  const init = words(site.ok(['exec', id, 'sh', '-c', script.replaceAll('self', '1')]))
  assert.deepEqual(inside, init)
  assert.equal(new Set(inside).size, 6)
})

test('exec joins every cgroup of the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['exec', '--detach', id, 'sleep', '1000'])
  for (const dir of site.stored(id).cgroups) {
    assert.equal(words(readFileSync(join(dir, 'cgroup.procs'), 'utf8')).length, 2, dir)
  }
  assert.equal(JSON.parse(site.ok(['ps', '--format', 'json', id])).length, 2)
})

test('exec joins an existing cgroup below that of the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  for (const dir of site.stored(id).cgroups) {
    mkdirSync(join(dir, 'sub'))
    // A cpuset has to be filled before anything may join it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      const from = join(dir, file)
      if (existsSync(from)) writeFileSync(join(dir, 'sub', file), readFileSync(from, 'utf8'))
    }
  }
  site.ok(['exec', '--detach', '--cgroup', 'sub', id, 'sleep', '1000'])
  for (const dir of site.stored(id).cgroups) {
    const file = join(dir, 'sub/cgroup.procs')
    assert.equal(words(readFileSync(file, 'utf8')).length, 1, dir)
  }
  const { code, stderr } = site.tsoci(['exec', '--cgroup', 'nosuch', id, 'true'])
  assert.equal(code, 255)
  assert.match(stderr, / adding pid .* to cgroups: .*nosuch: no such file or directory \(ENOENT\)/)
  assert.match(stderr, /\nhint: exec makes no cgroup/)
})

test('exec confines its process as the container is', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.user = { uid: 1000, gid: 1000, umask: 0o077, additionalGids: [5] }
    config.process.noNewPrivileges = true
    config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }]
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
  })
  const script =
    'id; umask; ulimit -n; grep -E "^(CapEff|CapInh|CapAmb|NoNewPrivs|Seccomp):" /proc/self/status'
  assert.deepEqual(words(site.ok(['exec', id, 'sh', '-c', script])), [
    'uid=1000(web) gid=1000(web) groups=5,1000(web)'.replace('5,1000(web)', '5'),
    '0077',
    '100',
    'CapInh:\t0000000000000000',
    'CapEff:\t0000000000000000',
    'CapAmb:\t0000000000000000',
    'NoNewPrivs:\t1',
    'Seccomp:\t2',
  ])
})

test('exec changes what the caller names, and nothing else', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const script = 'id -u; id -g; pwd; echo $COLOR $TERM; grep CapEff /proc/self/status'
  const flags = ['--user', '0:7', '--cwd', '/tmp', '--env', 'COLOR=red', '--cap', 'CAP_SYS_TIME']
  const [uid, gid, cwd, env, caps] = words(site.ok(['exec', ...flags, id, 'sh', '-c', script]))
  assert.deepEqual([uid, gid, cwd, env], ['0', '7', '/tmp', 'red xterm'])
  const bits = BigInt(`0x${caps!.split('\t')[1]}`)
  assert.equal((bits >> 25n) & 1n, 1n) // CAP_SYS_TIME
  assert.equal((bits >> 21n) & 1n, 0n) // CAP_SYS_ADMIN
})

test('exec refuses a directory that is not there, and makes none', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { code, stderr } = site.tsoci(['exec', '--cwd', '/nowhere/at/all', id, 'true'])
  assert.equal(code, 255)
  assert.match(stderr, /\/nowhere\/at\/all: no such file or directory/)
  assert.equal(site.tsoci(['exec', id, 'test', '-e', '/nowhere']).code, 1)
})

test('exec takes a whole process from a file', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.dir, 'process.json')
  const process = {
    cwd: '/tmp',
    args: ['/bin/sh', '-c', 'pwd; id -u; env'],
    user: { uid: 9, gid: 9 },
  }
  writeFileSync(file, JSON.stringify({ ...process, env: ['A=b'] }))
  assert.deepEqual(words(site.ok(['exec', '--process', file, id])).slice(0, 2), ['/tmp', '9'])
})

test('exec of a process file is confined as the container where the file is silent', {
  skip,
}, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.noNewPrivileges = true
    config.process.oomScoreAdj = 345
    config.process.user = { uid: 0, gid: 0, umask: 0o077 }
    config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }]
    config.process.scheduler = { policy: 'SCHED_OTHER', nice: 3 }
    config.process.capabilities = { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'] }
  })
  const file = join(site.dir, 'process.json')
  const script =
    'umask; ulimit -n; cat /proc/self/oom_score_adj; cut -d" " -f19 /proc/self/stat; sed -n "s/^\\(NoNewPrivs\\|CapBnd\\):\\s*//p" /proc/self/status'
  writeFileSync(file, JSON.stringify({ cwd: '/', env: ['PATH=/bin'], args: ['sh', '-c', script] }))
  const found = words(site.ok(['exec', '--process', file, id]))
  assert.deepEqual(found, ['0077', '100', '345', '3', '0000000000000020', '1'])
})

test('exec makes no session keyring in a container without one of its own', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['sleep', '1000']
    config.linux.maskedPaths = []
  })
  const id = site.id()
  const stdio = ['ignore', 'ignore', 'ignore'] as const
  site.ok(['run', '--detach', '--no-new-keyring', '--bundle', bundle, id], { stdio: [...stdio] })
  assert.doesNotMatch(site.ok(['exec', id, 'cat', '/proc/keys']), new RegExp(`_ses\\.${id}`))
  const other = site.start((config) => {
    config.linux.maskedPaths = []
  })
  assert.match(site.ok(['exec', other, 'cat', '/proc/keys']), new RegExp(`_ses\\.${other}`))
})

const codes: [script: string, code: number][] = [
  ['exit 0', 0],
  ['exit 7', 7],
  ['kill -KILL $$', 137],
]
for (const [script, code] of codes) {
  test(`exec ends with ${code} after: ${script}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    assert.equal(site.tsoci(['exec', id, 'sh', '-c', script]).code, code)
  })
}

const refusals: [why: string, words: string[], message: RegExp][] = [
  ['a missing program', ['nosuch'], /exec: "nosuch": executable file not found in \$PATH/],
  ['an empty program', [''], /exec: "": executable file not found in \$PATH/],
  [
    'a missing file',
    ['/no/such'],
    /exec: "\/no\/such": stat \/no\/such: no such file or directory/,
  ],
  ['a file that is no program', ['/etc/passwd'], /exec: "\/etc\/passwd": permission denied/],
]
for (const [why, args, message] of refusals) {
  test(`exec ends with 255 for ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { code, stderr } = site.tsoci(['exec', id, ...args])
    assert.equal(code, 255)
    assert.match(stderr, message)
    assert.equal(JSON.parse(site.ok(['ps', '-f', 'json', id])).length, 1)
  })
}

// Trailing text would be lost by a lenient parser, and the process be another user's.
for (const user of ['web', '1000web', '1000:', '1:2:3', '-1', '4294967295', '']) {
  test(`exec refuses the user ${JSON.stringify(user)} (CVE-2026-30892)`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { code } = site.tsoci(['exec', `--user=${user}`, id, 'id', '-u'])
    assert.equal(code, user === '' ? 0 : 255)
  })
}

test('exec fails in a container that is paused, unless told to wait', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['pause', id])
  assert.equal(site.state(id).status, 'paused')
  assert.match(site.tsoci(['exec', id, 'true']).stderr, /cannot exec in a paused container/)
  site.ok(['resume', id])
  assert.equal(site.state(id).status, 'running')
  site.ok(['exec', id, 'true'])
})

test('exec waits in a paused container no longer than its deadline', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['pause', id])
  const { code, stderr } = site.tsoci(['--deadline', '1', 'exec', '--ignore-paused', id, 'true'])
  assert.equal(code, 255)
  assert.match(stderr, /\(ETIMEDOUT\)\nhint: gave up after 1 s/)
  assert.equal(site.state(id).status, 'paused')
  assert.equal(JSON.parse(site.ok(['ps', '-f', 'json', id])).length, 1)
  site.ok(['resume', id])
  site.ok(['exec', id, 'true'])
})

test('exec fails in a container that has stopped', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['kill', id, 'KILL'])
  await until('the end', () => site.state(id).status === 'stopped')
  const { code, stderr } = site.tsoci(['exec', id, 'true'])
  assert.equal(code, 255)
  assert.match(stderr, /cannot exec in a stopped container/)
})

test('exec leaves no descriptor of the host to its process', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const listed = words(site.ok(['exec', id, 'sh', '-c', 'echo /proc/self/fd/*']))[0]!
  // The shell itself has the directory open while it expands the pattern.
  assert.match(
    listed,
    /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/3)?$/,
  )
})

for (const [how, flags] of [
  ['by the plan that create stored', []],
  ['compiled', ['--no-new-privs']],
] as const) {
  test(`exec ${how} takes as many arguments as the kernel does`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const many = Array.from({ length: 50_000 }, () => 'x')
    const count = ['exec', ...flags, id, 'sh', '-c', 'echo $#', 'sh', ...many]
    assert.equal(site.ok(count), '50000\n')
    const { code, stderr } = site.tsoci(['exec', ...flags, id, '/nowhere', ...many])
    assert.equal(code, 255, stderr)
  })
}
