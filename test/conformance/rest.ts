// Rows: the rest of linux: what is covered, labels, filters.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { readHostFacts } from '../../src/host/facts.ts'
import { compileSeccomp } from '../../src/launch/seccomp.ts'
import type { Seccomp } from '../../src/spec/config.ts'
import { type Change, hasProgram } from '../kernel/container.ts'
import { set, userNamespace } from './linux.ts'
import { inMachine, prints, type Row, refuses, row, tries, triesIf } from './row.ts'

const sysctl = (name: string, value: string): Change => set({ sysctl: { [name]: value } })

/** A filter on two calls that a shell can make. */
const onMkdir = (rule: object, more: Partial<Seccomp> = {}): Change =>
  set({
    seccomp: {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], ...rule }],
      ...more,
    },
  })
const ERRNO = { action: 'SCMP_ACT_ERRNO', errnoRet: 5 }
const mkdir = 'mkdir /dev/shm/x 2>&1; echo $?'
const failed = [/Input\/output error/, '1']

/** Every word of a list loads a filter that still lets the container end well. */
const loads = (words: readonly string[], change: (word: string) => Change) =>
  tries((site) => {
    for (const word of words) {
      const { code, stderr } = site.run('true', change(word))
      assert.equal(code, 0, `${word}: ${stderr}`)
    }
  })

const noNuma = !existsSync('/proc/self/numa_maps') && 'this kernel has no NUMA'

export const rest: readonly Row[] = [
  row(
    '`sysctl` of the namespaces of the container; of the host: refused',
    'ypy',
    tries((site) => {
      const show = 'cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ip_forward'
      const all = { sysctl: { 'kernel.shmmax': '4096', 'net.ipv4.ip_forward': '1' } }
      assert.deepEqual(site.lines(show, set(all)), ['4096', '1'])
      assert.match(site.run('true', sysctl('kernel.panic', '1')).stderr, /kernel\.panic/)
    }),
  ),
  row(
    '`sysctl` of `user.` with a user namespace, and with `/` for the dots',
    'yny',
    prints(
      'cat /proc/sys/user/max_pid_namespaces /proc/sys/net/ipv4/conf/lo/forwarding',
      (config) => {
        userNamespace(config)
        set({
          sysctl: { 'user.max_pid_namespaces': '77', 'net/ipv4/conf/lo/forwarding': '1' },
        })(config)
      },
      ['77', '1'],
    ),
  ),
  row(
    '`rootfsPropagation`: shared, slave, private, unbindable, and with an r',
    'yyp',
    tries((site) => {
      for (const [word, shown] of [
        ['shared', /^shared:\d+$/],
        ['rshared', /^shared:\d+$/],
        ['private', /^$/],
        ['rprivate', /^$/],
        ['unbindable', /^unbindable$/],
        ['runbindable', /^unbindable$/],
        ['slave', /^(master:\d+)?$/],
        ['rslave', /^(master:\d+)?$/],
      ] as const) {
        const lines = site.lines(
          'grep " / / " /proc/self/mountinfo || cat /proc/self/mountinfo',
          set({ rootfsPropagation: word }),
        )
        const root = lines.map((line) => line.split(' ')).find((it) => it[4] === '/')!
        assert.match(root.slice(6, root.indexOf('-')).join(' '), shown, word)
      }
    }),
  ),
  row(
    '`maskedPaths`: files, directories, and what is not there',
    'yyy',
    prints(
      'wc -c < /etc/passwd; ls -A /root | wc -l; touch /root/x 2>&1 | grep -c Read-only',
      set({ maskedPaths: ['/etc/passwd', '/root', '/no/where', '/root'] }),
      ['0', '0', '1'],
    ),
  ),
  row(
    '`readonlyPaths`',
    'yyy',
    prints(
      'echo x 2>&1 > /proc/sys/kernel/domainname | grep -c Read-only; cat /etc/passwd | wc -l',
      set({ readonlyPaths: ['/proc/sys', '/etc'] }),
      ['1', '2'],
    ),
  ),
  row(
    '`mountLabel`',
    'yyp',
    inMachine(
      'labels.test.ts',
      'under a policy the mounts have their label, and the process its own',
    ),
  ),
  row(
    '`mountLabel` where the kernel has no SELinux: a warning',
    'nn-',
    triesIf(readHostFacts().lsm.selinux && 'this kernel has SELinux', (site) => {
      const { code, stderr } = site.run('true', set({ mountLabel: 'u:object_r:t:s0' }))
      assert.equal(code, 0, stderr)
      assert.match(stderr, /warning: .*\/linux\/mountLabel/)
    }),
  ),
  row(
    '`personality/domain`: `LINUX`, `LINUX32`',
    'yyy',
    triesIf(process.arch !== 'x64' && 'the name is of another machine', (site) => {
      const change = (domain: string) => set({ personality: { domain } })
      assert.deepEqual(site.lines('busybox uname -m', change('LINUX32')), ['i686'])
      assert.deepEqual(site.lines('busybox uname -m', change('LINUX')), ['x86_64'])
    }),
  ),
  row(
    '`personality/flags`: the specification has none; refused',
    'nny',
    refuses(set({ personality: { domain: 'LINUX', flags: ['X'] } }), /\/personality\/flags\/0/),
  ),
  row(
    '`memoryPolicy`',
    'yyy',
    triesIf(noNuma, (site) => {
      const policy = { mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }
      const id = site.start(set({ memoryPolicy: policy }))
      const line = readFileSync(`/proc/${site.state(id).pid}/numa_maps`, 'utf8').split('\n')[0]!
      assert.equal(line.split(' ')[1], 'interleave=static:0')
    }),
  ),
  row(
    '`memoryPolicy/nodes` that is empty: an error where the mode needs one',
    'ypy',
    refuses(set({ memoryPolicy: { mode: 'MPOL_BIND', nodes: '' } }), /\/memoryPolicy/),
  ),
  row(
    '`intelRdt`: `closID` `l3CacheSchema` `memBwSchema` `schemata` `enableMonitoring`',
    'yyy',
    readHostFacts().resctrl === undefined
      ? {
          skip: false,
          proof: (t) =>
            t.skip('resctrl is not mounted; with its files only: test/kernel/intel-rdt.test.ts'),
        }
      : tries((site) => void site.lines('true', set({ intelRdt: { enableMonitoring: true } }))),
  ),
  row(
    '`seccomp/defaultAction` and `/defaultErrnoRet`; the latter refused where it means nothing',
    'yyp',
    tries((site) => {
      const syscalls = [{ names: readAllCalls(), action: 'SCMP_ACT_ALLOW' }]
      const profile = { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 5, syscalls }
      assert.match(site.run('mkdir /dev/shm/x', set({ seccomp: profile })).stderr, /Input\/output/)
      const wrong = { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 5 }
      assert.match(site.run('true', set({ seccomp: wrong })).stderr, /\/seccomp\/defaultErrnoRet/)
    }),
  ),
  row(
    '`seccomp/architectures`, the native one always',
    'yyy',
    prints(mkdir, onMkdir(ERRNO, { architectures: ['SCMP_ARCH_ARM'] }), failed),
  ),
  row(
    '`seccomp/flags`',
    'yyy',
    loads(
      ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
      (flag) => onMkdir(ERRNO, { flags: [flag as 'SECCOMP_FILTER_FLAG_LOG'] }),
    ),
  ),
  row(
    '`seccomp/listenerPath` without an agent there: an error',
    'yyy',
    refuses(
      onMkdir({ action: 'SCMP_ACT_NOTIFY' }, { listenerPath: '/run/no-agent.sock' }),
      /\/linux\/seccomp\/listenerPath/,
    ),
  ),
  row(
    '`SCMP_ACT_NOTIFY` on `write`, or as default: refused',
    'yyy',
    refuses(
      set({
        seccomp: {
          defaultAction: 'SCMP_ACT_ALLOW',
          listenerPath: '/x',
          syscalls: [{ names: ['write'], action: 'SCMP_ACT_NOTIFY' }],
        },
      }),
      /\/syscalls\/0\/names\/0/,
    ),
  ),
  row(
    '`seccomp/syscalls`: `names`, `action`, `errnoRet`; an unknown name is skipped',
    'yyy',
    prints(mkdir, onMkdir({ ...ERRNO, names: ['mkdir', 'mkdirat', 'no_such_call'] }), failed),
  ),
  row(
    'all nine actions',
    'yyy',
    loads(
      ['KILL', 'KILL_THREAD', 'KILL_PROCESS', 'TRAP', 'ERRNO', 'TRACE', 'ALLOW', 'LOG'],
      (name) => onMkdir({ action: `SCMP_ACT_${name}` }),
    ),
  ),
  row(
    '`seccomp/syscalls/args`: `index` `value` `valueTwo` `op`',
    'yyy',
    prints(
      'kill -0 $$ && echo asked; kill -CONT $$ || echo no',
      onMkdir({ names: ['kill'], ...ERRNO, args: [{ index: 1, value: 18, op: 'SCMP_CMP_EQ' }] }),
      ['asked', 'no'],
    ),
  ),
  row(
    'ENOSYS for a call that is newer than the profile',
    'ynn',
    triesIf(!hasProgram('perl') && 'perl is not installed', (site) => {
      // The whole profile of a day when statx was the newest: what came after is not there at all.
      const script = 'my $path = "/"; syscall(439, -100, $path, 0, 0) == -1 and print int($!)'
      const { stdout, stderr } = site.run('true', (config) => {
        config.process.args = ['/perl/perl', '-e', script]
        config.mounts.push(
          ...['/usr', '/lib', '/lib64']
            .filter((path) => existsSync(path))
            .map((path) => ({
              destination: path,
              source: path,
              options: ['rbind', 'ro'],
            })),
        )
        config.process.args[0] = '/usr/bin/perl'
        const allow = readAllCalls()
        set({
          seccomp: {
            defaultAction: 'SCMP_ACT_ERRNO',
            syscalls: [{ names: allow, action: 'SCMP_ACT_ALLOW' }],
          },
        })(config)
      })
      assert.equal(stdout, '38', stderr)
    }),
  ),
  row(
    'the filter is a tree when it has many rules',
    'ynn',
    tries(() => {
      const syscalls = [{ names: readAllCalls(), action: 'SCMP_ACT_ALLOW' as const }]
      const { program } = compileSeccomp({ defaultAction: 'SCMP_ACT_ERRNO', syscalls })
      const steps = Array.from({ length: 512 }, (_, call) => countSteps(program, call))
      // One by one the last would take a step for each of some ninety names.
      assert.ok(Math.max(...steps) < 30, steps.join())
    }),
  ),
]

/** How many instructions of a filter (classic BPF) a system call of this machine runs through. */
function countSteps(program: Uint8Array, call: number): number {
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength)
  const data = new DataView(new ArrayBuffer(64)) // struct seccomp_data
  data.setUint32(0, call, true)
  data.setUint32(4, process.arch === 'x64' ? 0xc000003e : 0xc00000b7, true) // AUDIT_ARCH_*
  let value = 0
  for (let at = 0, steps = 1; ; at++, steps++) {
    const code = view.getUint16(at * 8, true)
    const operand = view.getUint32(at * 8 + 4, true)
    const jump = (holds: boolean) => view.getUint8(at * 8 + (holds ? 2 : 3))
    if (code === 0x06) return steps // BPF_RET
    if (code === 0x20)
      value = data.getUint32(operand, true) // BPF_LD
    else if (code === 0x05)
      at += operand // BPF_JA
    else if (code === 0x15)
      at += jump(value === operand) // BPF_JEQ
    else if (code === 0x25)
      at += jump(value > operand) // BPF_JGT
    else if (code === 0x35)
      at += jump(value >= operand) // BPF_JGE
    else assert.fail(`instruction 0x${code.toString(16)}`)
  }
}

/** Names of calls that were there before faccessat2. */
function readAllCalls(): string[] {
  return 'read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select dup dup2 getpid clone fork vfork execve exit wait4 kill uname fcntl getdents getcwd chdir readlink umask gettimeofday getrlimit sysinfo getuid getgid setuid setgid geteuid getegid getppid setsid getgroups setgroups setresuid setresgid capget capset prctl arch_prctl gettid futex set_tid_address exit_group openat newfstatat readlinkat faccessat dup3 pipe2 prlimit64 getrandom execveat statx sigaltstack getdents64 set_robust_list'.split(
    ' ',
  )
}
