// Rows: process.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readHostFacts } from '../../src/host/facts.ts'
import {
  atTerminal,
  type Change,
  FRONT,
  hasProgram,
  type Site,
  until,
} from '../kernel/container.ts'
import { inMachine, prints, type Row, refuses, row, tries, triesIf, warns } from './row.ts'
import { put } from './top.ts'

const set =
  (values: object): Change =>
  (config) =>
    put(config.process, values)
const status = (name: string) => `exec sed -n 's/^${name}:\\s*//p' /proc/self/status`

/** Output of a program with a terminal of the host around it. */
function onTerminal(site: Site, script: string, change: Change): string[] {
  const bundle = site.bundle((config) => {
    put(config.process, { terminal: true, args: ['sh', '-c', script] })
    change(config)
  })
  const command = `stty rows 21 cols 65; ${FRONT} --root ${site.root} run --bundle ${bundle} ${site.id()}`
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { timeout: 20_000 })
  // script(1) shows the end of its input as ^@, anywhere.
  const lines = String(stdout).replaceAll('\r', '').replaceAll('^@', '').split('\n')
  return lines.filter((line) => line !== '')
}
const noScript = !hasProgram('script') && 'script is not installed'

function whyNotRun(program: string, ...args: string[]): string | false {
  const { status: code, stderr } = spawnSync(program, [...args, 'true'], { encoding: 'utf8' })
  return code === 0 ? false : `${program} ${args.join(' ')}: ${stderr?.trim() ?? 'not installed'}`
}

/** Policy, nice value, priority of the init, as proc(5) has them. */
function scheduled(scheduler: object, wanted: string) {
  return tries((site) => {
    const id = site.start(set({ scheduler }))
    const out = site.ok(['exec', id, 'cut', '-d', ' ', '-f', '41,19,40', '/proc/1/stat'])
    assert.equal(out, `${wanted}\n`)
  })
}

const CPUS = /Cpus_allowed_list:\s*(.*)/
const { lsm } = readHostFacts()

export const processes: readonly Row[] = [
  row(
    '`/process` absent: create without it, and an error at start',
    'rp-',
    tries((site) => {
      const none: Change = (config) => put(config, { process: undefined })
      const id = site.create(none)
      assert.equal(site.state(id).status, 'created')
      const { code, stderr } = site.tsoci(['start', id])
      assert.equal(code, 1)
      assert.match(stderr, /no process \[\/process\]/)
      assert.equal(site.state(id).status, 'created')
      assert.equal(site.ok(['exec', id, '/bin/echo', 'here']), 'here\n')
      site.ok(['delete', '--force', id])
      assert.match(site.run('true', none).stderr, /no process to run/)
    }),
  ),
  row(
    '`terminal`, by a console socket or in the foreground',
    'yyp',
    triesIf(noScript, (site) => {
      const lines = onTerminal(site, 'echo $(tty) $(readlink /proc/self/fd/2)', () => {})
      assert.deepEqual(lines, ['/dev/pts/0 /dev/pts/0'])
    }),
  ),
  row(
    '`consoleSize`',
    'yyn',
    triesIf(!hasProgram('python3') && 'python3 is not installed', (site) => {
      const consoleSize = { height: 33, width: 77 }
      // A caller whose terminal has a size has the last word about it.
      const bundle = site.bundle(set({ terminal: true, consoleSize, args: ['stty', 'size'] }))
      const words = ['--root', site.root, 'run', '--bundle', bundle, site.id()]
      const [python, ...more] = atTerminal(FRONT, ...words)
      assert.equal(String(spawnSync(python!, more).stdout).trim(), '33 77')
    }),
  ),
  row(
    'the terminal of a foreground container changes its size with that of the caller',
    'yyn',
    triesIf(noScript, async (site) => {
      const bundle = site.bundle(
        set({ terminal: true, args: ['sh', '-c', 'while sleep 0.1; do stty size; done'] }),
      )
      const run = `${FRONT} --root ${site.root} run --bundle ${bundle} ${site.id()}`
      const command = `T=$(tty); stty rows 21 cols 65; (sleep 1; stty -F $T rows 30 cols 90) & exec ${run}`
      const child = spawn('script', ['-qec', command, '/dev/null'], {
        stdio: ['ignore', 'pipe', 'ignore'],
        detached: true,
      })
      site.atClose(() => process.kill(-child.pid!, 'SIGKILL'))
      let text = ''
      child.stdout.on('data', (bytes) => (text += String(bytes)))
      await until('the first size', () => /\b21 65\b/.test(text))
      await until('the second size', () => /\b30 90\b/.test(text))
    }),
  ),
  row(
    '`cwd`: made when missing, and always inside the rootfs',
    'yyy',
    tries((site) => {
      const cwd = '/srv/new'
      const change: Change = (config) => {
        put(config.process, { cwd })
        config.root.readonly = false
      }
      assert.deepEqual(site.lines('pwd', change), [cwd])
      const { code, stdout } = site.run('pwd', set({ cwd: '/proc/self/fd/7' }))
      assert.notEqual(code, 0)
      assert.equal(stdout, '')
    }),
  ),
  row(
    '`env`: the last of a name counts, HOME comes from the passwd file',
    'yyy',
    prints(
      'echo $A $HOME',
      set({ env: ['PATH=/bin', 'A=1', 'A=2'], user: { uid: 1000, gid: 0 } }),
      ['2 /home/web'],
    ),
  ),
  row(
    '`args`, found by the PATH of the container',
    'yyy',
    refuses(set({ args: ['no-such'] }), /executable file not found in \$PATH/),
  ),
  row(
    '`commandLine`: only Windows has it',
    '---',
    warns(set({ commandLine: 'x' }), /\/process\/commandLine.*another/),
    '-',
  ),
  row(
    '`rlimits`; a type that comes twice is an error',
    'ypp',
    tries((site) => {
      const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 99 }]
      assert.deepEqual(site.lines('ulimit -Sn; ulimit -Hn', set({ rlimits })), ['77', '99'])
      const { code, stderr } = site.run('true', set({ rlimits: [...rlimits, ...rlimits] }))
      assert.equal(code, 1)
      assert.match(stderr, /\/process\/rlimits\/1\/type/)
    }),
  ),
  row(
    '`apparmorProfile`',
    'yyy',
    inMachine('labels.test.ts', 'a profile that is loaded is the one of the process'),
  ),
  row(
    '`apparmorProfile`, `selinuxLabel` where the kernel has none: refused',
    'yyn',
    triesIf((lsm.apparmor || lsm.selinux) && 'this kernel has one of them', (site) => {
      for (const key of ['apparmorProfile', 'selinuxLabel']) {
        const { code, stderr } = site.run('true', set({ [key]: 'web' }))
        assert.equal(code, 1)
        assert.match(stderr, new RegExp(`/process/${key}`))
      }
    }),
  ),
  ...(['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const).map((name) =>
    row(
      `\`capabilities/${name}\``,
      'yyy',
      tries((site) => {
        const line = { bounding: 'Bnd', effective: 'Eff', permitted: 'Prm' } as const
        const short = name === 'inheritable' ? 'Inh' : name === 'ambient' ? 'Amb' : line[name]
        // No set may have what is not bounding.
        const all = name === 'bounding' ? ['CAP_KILL'] : ['CAP_NET_RAW', 'CAP_KILL']
        const capabilities = {
          bounding: all,
          permitted: all,
          inheritable: all,
          effective: [],
          ambient: all,
          [name]: ['CAP_KILL'],
        }
        const user = { uid: 1000, gid: 1000 }
        const [bits] = site.lines(status(`Cap${short}`), set({ capabilities, user }))
        const kill = 1n << 5n
        // What execve makes of them: an ambient set is effective and permitted, too.
        const raised = name === 'effective' || name === 'permitted'
        const got = BigInt(`0x${bits}`)
        assert.ok(raised ? (got & kill) === kill : got === kill, `${name}: ${bits}`)
      }),
    ),
  ),
  row(
    '`capabilities` with a name that nobody knows: a warning',
    'yrr',
    warns(
      (config) => void (config.process.capabilities!.bounding as string[]).push('CAP_NO_SUCH'),
      /CAP_NO_SUCH/,
    ),
  ),
  row(
    '`noNewPrivileges`',
    'yyy',
    prints(status('NoNewPrivs'), set({ noNewPrivileges: true }), ['1']),
  ),
  row(
    '`oomScoreAdj`; absent it is left alone',
    'yyy',
    prints('cat /proc/self/oom_score_adj', set({ oomScoreAdj: 321 }), ['321']),
  ),
  row(
    '`scheduler/policy`: OTHER, BATCH, IDLE, FIFO, RR, DEADLINE, ISO',
    'ypy',
    scheduled({ policy: 'SCHED_BATCH' }, '0 0 3'),
  ),
  row('`scheduler/nice`', 'yyy', scheduled({ policy: 'SCHED_OTHER', nice: 7 }, '7 0 0')),
  row(
    '`scheduler/priority` and `/flags`',
    'yyy',
    triesIf(whyNotRun('chrt', '--fifo', '5'), (site) => {
      const scheduler = { policy: 'SCHED_FIFO', priority: 5, flags: ['SCHED_FLAG_RESET_ON_FORK'] }
      const args = ['cut', '-d', ' ', '-f', '40,41', '/proc/self/stat']
      const bundle = site.bundle(set({ scheduler, args }))
      const words = ['--cgroup-manager', 'disabled', 'run', '--bundle', bundle, site.id()]
      assert.equal(site.ok(words), '5 1\n')
    }),
  ),
  row(
    '`scheduler/runtime`, `/deadline`, `/period`',
    'yyy',
    refuses(
      set({ scheduler: { policy: 'SCHED_DEADLINE', runtime: 9, deadline: 5, period: 10 } }),
      /\/process\/scheduler\/deadline/,
    ),
  ),
  row(
    '`ioPriority`',
    'yyy',
    triesIf(whyNotRun('ionice', '-c', '3'), (site) => {
      const id = site.start(set({ ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 2 } }))
      const { stdout } = spawnSync('ionice', ['-p', `${site.state(id).pid}`], { encoding: 'utf8' })
      assert.equal(stdout, 'best-effort: prio 2\n')
    }),
  ),
  row(
    '`execCPUAffinity/initial` and `/final`',
    'yyy',
    tries((site) => {
      const id = site.start(set({ execCPUAffinity: { initial: '0', final: '0' } }))
      const out = site.ok(['exec', id, 'grep', 'Cpus_allowed_list', '/proc/self/status'])
      assert.equal(CPUS.exec(out)?.[1], '0')
    }),
  ),
  row(
    'the CPUs of a caller that is bound to one are not handed on',
    'yyn',
    triesIf(whyNotRun('taskset', '-c', '0'), (site) => {
      const args = ['grep', 'Cpus_allowed_list', '/proc/self/status']
      const all = CPUS.exec(site.run(args.join(' ')).stdout)?.[1]
      const bundle = site.bundle(set({ args }))
      const words = ['-c', '0', FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
      const { stdout } = spawnSync('taskset', words, { encoding: 'utf8' })
      assert.equal(CPUS.exec(stdout)?.[1], all)
    }),
  ),
  row('`selinuxLabel`', 'yyn', inMachine('labels.test.ts', 'the label is the one of the process')),
  row(
    '`user/uid` and `/gid`',
    'yyy',
    prints('id -u; id -g', set({ user: { uid: 7, gid: 8 } }), ['7', '8']),
  ),
  row(
    '`user/umask`, 0022 when absent',
    'yyp',
    tries((site) => {
      const user = { uid: 0, gid: 0 }
      assert.deepEqual(site.lines('umask', set({ user: { ...user, umask: 0o27 } })), ['0027'])
      assert.deepEqual(site.lines('umask', set({ user })), ['0022'])
    }),
  ),
  row(
    '`user/additionalGids`',
    'yyy',
    prints(status('Groups'), set({ user: { uid: 7, gid: 8, additionalGids: [20, 30] } }), [
      '20 30 ',
    ]),
  ),
  row(
    '`user/username`: only Windows has it',
    '---',
    warns(set({ user: { uid: 0, gid: 0, username: 'x' } }), /\/process\/user\/username.*another/),
    '-',
  ),
  row(
    'a process of exec has the filter, the limits, the umask and the user of the container',
    'yyp',
    tries((site) => {
      const id = site.start((config) => {
        set({
          user: { uid: 7, gid: 8, umask: 0o27 },
          rlimits: [{ type: 'RLIMIT_NOFILE', soft: 77, hard: 99 }],
        })(config)
        put(config.linux, {
          seccomp: {
            defaultAction: 'SCMP_ACT_ALLOW',
            syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
          },
        })
      })
      const script = 'id -u; umask; ulimit -n; mkdir /dev/shm/x 2>&1 | grep -c permitted'
      assert.equal(site.ok(['exec', id, 'sh', '-c', script]), '7\n0027\n77\n1\n')
    }),
  ),
]
