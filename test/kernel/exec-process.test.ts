// The process file of exec: every property that a process may have, seen from inside.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Process } from '../../src/spec/config.ts'
import { openSite, type Result, type Site, whyNot } from './container.ts'

const skip = whyNot()
const PLAIN: Process = { cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }

/** Executes a shell script in the container with a process file. */
function execFile(site: Site, id: string, script: string, more: unknown, flags: string[] = []) {
  const file = join(site.dir, 'process.json')
  writeFileSync(
    file,
    JSON.stringify({ ...PLAIN, args: ['sh', '-c', script], ...(more as Process) }),
  )
  return site.tsoci(['exec', ...flags, '--process', file, id])
}

const status = (name: string) => `sed -n 's/^${name}:\\s*//p' /proc/self/status`
const stat = (field: number) => `cut -d' ' -f${field} /proc/self/stat`
const SCHED_BATCH = '3'
const SCHED_IDLE = '5'
const KILL = 'CAP_KILL' as const // 5

// What a process has that nobody limits: as many as this one.
const [, ownFiles = ''] = /^Max open files\s+(\d+)/m.exec(
  readFileSync('/proc/self/limits', 'utf8'),
)!

const properties: [what: string, more: Partial<Process>, script: string, seen: string][] = [
  ['cwd', { cwd: '/tmp' }, 'pwd', '/tmp'],
  ['env', { env: ['PATH=/bin', 'A=1', 'A=2'] }, 'echo $A', '2'],
  ['HOME of the user', { user: { uid: 1000, gid: 1000 } }, 'echo $HOME', '/home/web'],
  ['user', { user: { uid: 5, gid: 6 } }, 'id -u; id -g', '5 6'],
  ['additionalGids', { user: { uid: 5, gid: 6, additionalGids: [7, 8] } }, 'id -G', '6 7 8'],
  ['umask', { user: { uid: 0, gid: 0, umask: 0o27 } }, 'umask', '0027'],
  ['noNewPrivileges', { noNewPrivileges: true }, status('NoNewPrivs'), '1'],
  ['noNewPrivileges: false', { noNewPrivileges: false }, status('NoNewPrivs'), '0'],
  ['oomScoreAdj', { oomScoreAdj: 500 }, 'cat /proc/self/oom_score_adj', '500'],
  [
    'rlimits',
    { rlimits: [{ type: 'RLIMIT_NOFILE', soft: 64, hard: 128 }] },
    'ulimit -Sn; ulimit -Hn',
    '64 128',
  ],
  ['no rlimits for an empty list', { rlimits: [] }, 'ulimit -Sn', ownFiles],
  ['scheduler', { scheduler: { policy: 'SCHED_BATCH', nice: 5 } }, stat(41), SCHED_BATCH],
  ['nice', { scheduler: { policy: 'SCHED_BATCH', nice: 5 } }, stat(19), '5'],
  ['an idle scheduler', { scheduler: { policy: 'SCHED_IDLE' } }, stat(41), SCHED_IDLE],
  [
    'execCPUAffinity',
    { execCPUAffinity: { initial: '0', final: '0' } },
    status('Cpus_allowed_list'),
    '0',
  ],
  [
    'ambient capabilities',
    {
      user: { uid: 1000, gid: 1000 },
      capabilities: {
        bounding: [KILL],
        permitted: [KILL],
        effective: [KILL],
        inheritable: [KILL],
        ambient: [KILL],
      },
    },
    `${status('CapEff')}; ${status('CapAmb')}; ${status('CapBnd')}`,
    Array(3).fill('0000000000000020').join(' '),
  ],
  ['no capabilities', { capabilities: {} }, status('CapBnd'), '0000000000000000'],
]

test('a process file decides of every property', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.noNewPrivileges = true
    config.process.rlimits = [{ type: 'RLIMIT_NOFILE', soft: 100, hard: 200 }]
    config.process.oomScoreAdj = 100
  })
  for (const [what, more, script, seen] of properties) {
    await t.test(what, (t) => {
      if (what === 'execCPUAffinity' && cpus().length < 2) return t.skip('one CPU only')
      // Once made by the engine, once of what it has left.
      for (let i = 0; i < 2; i++) {
        const { stdout, stderr } = execFile(site, id, script, more)
        assert.equal(`${stdout.trim().replaceAll('\n', ' ')}${stderr}`, seen)
      }
    })
  }
})

test('a process file decides of the I/O priority', { skip: whyNot('ionice') }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const { code } = execFile(
    site,
    id,
    'sleep 1000',
    {
      ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 6 },
    },
    ['--detach'],
  )
  assert.equal(code, 0)
  const pids = JSON.parse(site.ok(['ps', '-f', 'json', id])) as number[]
  const pid = pids.find((it) => it !== site.state(id).pid)
  const { stdout } = spawnSync('ionice', ['-p', String(pid)], { encoding: 'utf8' })
  assert.equal(stdout.trim(), 'best-effort: prio 6')
})

const refusals: [why: string, more: unknown, words: RegExp][] = [
  ['no program', { args: [] }, /\/process\/args: no program to run/],
  [
    'a program without a name',
    { args: [''] },
    /\/process\/args\/0: exec: "": executable file not found in \$PATH/,
  ],
  ['a relative directory', { cwd: 'tmp' }, /\/process\/cwd: found "tmp", expected an absolute/],
  [
    'a variable without a value',
    { env: ['A'] },
    /\/process\/env\/0: sets no variable, expected NAME=value/,
  ],
  ['a user that is none', { user: { uid: -1, gid: 0 } }, /\/process\/user\/uid: found -1/],
  ['a policy that is none', { scheduler: { policy: 'SCHED_X' } }, /\/process\/scheduler\/policy/],
  ['CPUs that are no list', { execCPUAffinity: { final: 'x' } }, /\/execCPUAffinity\/final: found/],
  [
    'a limit that is given twice',
    { rlimits: Array(2).fill({ type: 'RLIMIT_CORE', soft: 0, hard: 0 }) },
    /\/process\/rlimits\/1\/type: RLIMIT_CORE is limited twice/,
  ],
  ['arguments that are no list', { args: 'sh' }, /\/process\/args: found a string/],
]
for (const [why, more, words] of refusals) {
  test(`exec refuses a process file with ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { code, stderr } = execFile(site, id, 'true', more)
    assert.equal(code, 255)
    assert.match(stderr, words)
  })
}

test('exec warns of what means nothing in a process file, and of flags beside it', {
  skip,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const told = ({ code, stdout, stderr }: Result) => {
    assert.equal(`${code} ${stdout}`, '0 0\n')
    return stderr
  }
  // Twice: what is warned of is not kept.
  for (let i = 0; i < 2; i++) {
    const misspelled = execFile(site, id, 'id -u', { noNewPrivilege: true })
    assert.match(told(misspelled), /^warning: .*"noNewPrivilege" is ignored .*"noNewPrivileges"/)
  }
  assert.equal(told(execFile(site, id, 'id -u', {})), '')
  for (let i = 0; i < 2; i++) {
    const flags = ['--user', '1000', '--env', 'A=b', '--cap', 'CAP_KILL']
    const said = told(execFile(site, id, 'id -u', {}, flags))
    assert.equal(said, 'warning: --env, --user, --cap: ignored, as --process says it all\n')
  }
})

const words: [flags: string[], message: RegExp][] = [
  [['--env', 'A'], /env 0: sets no variable\nhint: give NAME=VALUE/],
  [['--env', '=b'], /env 0: sets no variable/],
  [['--cwd', 'tmp'], /cwd "tmp": not an absolute path/],
  [['--additional-gids', '7,8'], /group "7,8": not a number\nhint: give a number from 0/],
]
for (const [flags, message] of words) {
  test(`exec refuses ${flags.join(' ')}`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const { code, stderr } = site.tsoci(['exec', ...flags, id, 'true'])
    assert.equal(code, 255)
    assert.match(stderr, message)
  })
}

test('exec hands on what --preserve-fds counts, as far as it is open', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const files = ['one', 'two'].map((name) => {
    writeFileSync(join(site.dir, name), name)
    return openSync(join(site.dir, name), 'r')
  })
  t.after(() => {
    for (const fd of files) closeSync(fd)
  })
  const exec = (count: number, script: string) =>
    site.tsoci(['exec', '--preserve-fds', String(count), id, 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe', ...files],
    })
  assert.equal(exec(2, 'cat <&3; cat <&4').stdout, 'onetwo')
  assert.match(exec(1, 'true <&4').stderr, /4: Bad file descriptor/)
  const { stdout, stderr } = exec(4, 'ls /proc/self/fd; true <&5')
  assert.equal(stdout, '0\n1\n2\n3\n4\n5\n') // the last is the directory that ls reads
  assert.match(stderr, /5: Bad file descriptor/)
})
