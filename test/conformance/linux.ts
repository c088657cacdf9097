// Rows: linux, but for resources: namespaces, ids, devices, network, filters and the rest.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Seccomp } from '../../src/spec/config.ts'
import {
  type Change,
  dropNamespace,
  hasProgram,
  setNamespaces,
  whyNotRootless,
} from '../kernel/container.ts'
import { inMachine, prints, type Row, refuses, row, tries, triesIf } from './row.ts'
import { put } from './top.ts'

const NAMESPACES = {
  pid: 'pid',
  network: 'net',
  mount: 'mnt',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
} as const

const ids = (hostID: number) => [{ containerID: 0, hostID, size: 65_536 }]
const userNamespace: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  put(config.linux, { uidMappings: ids(200_000), gidMappings: ids(200_000) })
}
const set =
  (values: object): Change =>
  (config) =>
    put(config.linux, values)

const link = (of: number | string, file: string) => readlinkSync(`/proc/${of}/ns/${file}`)
const dir = '/sys/class/net'
const noVeth =
  spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'tv0', 'type', 'veth']).status !== 0 &&
  'no veth devices can be made here'

export const linux: readonly Row[] = [
  ...Object.entries(NAMESPACES).map(([type, file]) =>
    row(
      `\`namespaces\` of type \`${type}\``,
      'yyy',
      tries((site) => {
        const id = site.create((config) => {
          if (type === 'user') userNamespace(config)
          else setNamespaces(config, { type: type as 'pid' })
        })
        assert.notEqual(link(site.state(id).pid, file), link('self', file))
      }),
    ),
  ),
  row(
    '`namespaces/path`: joins the one that is there',
    'yyy',
    tries((site) => {
      const { pid } = site.state(site.start())
      const path = `/proc/${pid}/ns/ipc`
      const id = site.create((config) => setNamespaces(config, { type: 'ipc', path }))
      assert.equal(link(site.state(id).pid, 'ipc'), link(pid, 'ipc'))
    }),
  ),
  row(
    'a namespace that comes twice is an error',
    'ynn',
    refuses((config) => void config.linux.namespaces.push({ type: 'pid' }), /"pid" comes twice/),
  ),
  row(
    'id mappings beside the path of a user namespace: a warning',
    'ynp',
    tries((site) => {
      const first = site.state(site.start(userNamespace)).pid
      const { code, stderr } = site.run('true', (config) => {
        userNamespace(config)
        setNamespaces(config, { type: 'user', path: `/proc/${first}/ns/user` })
      })
      assert.equal(code, 0, stderr)
      assert.match(stderr, /\/linux\/uidMappings/)
    }),
  ),
  row(
    'no mount namespace: chroot, and no masked or read-only paths',
    'yyy',
    tries((site) => {
      const bare: Change = (config) => {
        dropNamespace(config, 'mount')
        config.mounts = []
        put(config.linux, { maskedPaths: [], readonlyPaths: [] })
        config.root.readonly = false
      }
      assert.deepEqual(site.lines('ls -d /bin', bare), ['/bin'])
      const { code } = site.run('true', (config) => {
        bare(config)
        put(config.linux, { maskedPaths: ['/etc'] })
      })
      assert.equal(code, 1)
    }),
  ),
  row(
    '`uidMappings` `gidMappings`',
    'yyy',
    prints("cat /proc/self/uid_map | tr -s ' '", userNamespace, [' 0 200000 65536']),
  ),
  row(
    'a container of an ordinary user',
    'yyy',
    triesIf(whyNotRootless(), (site) => {
      spawnSync('chmod', ['777', site.dir])
      const dir = join(site.dir, 'user')
      assert.equal(spawnSync('install', ['-d', '-o', '54321', '-g', '54321', dir]).status, 0)
      const words = ['spec', '--rootless', '--bundle', dir]
      site.ok(words, { user: 54321 })
      assert.ok(existsSync(join(dir, 'config.json')))
      const config = JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'))
      assert.equal(config.linux.uidMappings[0].hostID, 54321)
      const bundle = site.bundle((it) => {
        const process = { ...config.process, terminal: false, args: ['id', '-u'] }
        put(it, { ...config, process })
      })
      spawnSync('chown', ['-hR', '54321:54321', bundle])
      const root = ['--root', join(dir, 'state')]
      const out = site.ok([...root, 'run', '--bundle', bundle, site.id()], {
        user: 54321,
        cwd: dir,
      })
      assert.equal(out, '0\n')
    }),
  ),
  row(
    '`timeOffsets/monotonic` and `/boottime`',
    'yyy',
    tries((site) => {
      const [line] = site.lines('cat /proc/uptime', (config) => {
        setNamespaces(config, { type: 'time' })
        put(config.linux, {
          timeOffsets: { boottime: { secs: 1_000_000, nanosecs: 5 }, monotonic: { secs: 5 } },
        })
      })
      const host = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
      assert.ok(Math.abs(Number(line!.split(' ')[0]) - host - 1_000_000) < 60, line)
    }),
  ),
  row(
    '`devices`: `c` `u` `b` `p`, number, mode and owner',
    'yyy',
    prints(
      "stat -c '%F %a %u %g %t:%T' /dev/a /dev/b /dev/c /dev/d",
      set({
        devices: [
          { type: 'c', path: '/dev/a', major: 1, minor: 3, fileMode: 0o640, uid: 5, gid: 6 },
          { type: 'b', path: '/dev/b', major: 7, minor: 9, fileMode: 0o600, uid: 0, gid: 0 },
          { type: 'p', path: '/dev/c', fileMode: 0o622, uid: 0, gid: 0 },
          { type: 'u', path: '/dev/d', major: 1, minor: 5, fileMode: 0o666, uid: 0, gid: 0 },
        ],
      }),
      [
        'character special file 640 5 6 1:3',
        'block special file 600 0 0 7:9',
        /^fifo 622 0 0/,
        'character special file 666 0 0 1:5',
      ],
    ),
  ),
  row(
    'the default devices and links of /dev',
    'yyy',
    prints('for it in null zero full random urandom tty; do test -c /dev/$it && echo $it; done; ' +
      'for it in fd stdin stdout stderr ptmx; do readlink /dev/$it; done', () => {}, [
      ...['null', 'zero', 'full', 'random', 'urandom', 'tty'],
      ...['/proc/self/fd', '/proc/self/fd/0', '/proc/self/fd/1', '/proc/self/fd/2'],
      /pts\/ptmx$/,
    ]),
  ),
  row(
    'devices in a user namespace: those of the host are bound',
    'yyy',
    prints('echo x > /dev/null; head -c 2 /dev/zero | wc -c', userNamespace, ['2']),
  ),
  row(
    '`netDevices`, with another `name`',
    'yyy',
    triesIf(noVeth, (site) => {
      const name = `tc${process.pid % 100_000}`
      const words = ['link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`]
      assert.equal(spawnSync('ip', words).status, 0)
      site.atClose(() => spawnSync('ip', ['link', 'del', 'dev', `${name}p`]))
      const lines = site.lines(`ls ${dir}`, set({ netDevices: { [name]: { name: 'inner' } } }))
      assert.ok(lines.includes('inner'), lines.join())
    }),
  ),
  row(
    'the loopback device is up in a new network namespace',
    'yyn',
    prints('ip -o link show lo | grep -c "[<,]UP[,>]"', () => {}, ['1']),
  ),
  row(
    '`cgroupsPath`: from the top, or from our own; never out of the hierarchy',
    'yyy',
    tries((site) => {
      for (const path of ['/', '']) {
        const name = site.id()
        const cgroupsPath = `${path}../${name}`
        const id = site.create(set({ cgroupsPath }))
        for (const dir of site.stored(id).cgroups) assert.ok(dir.endsWith(`/${name}`), dir)
        site.ok(['delete', '--force', id])
      }
    }),
  ),
  row(
    '`cgroupsPath` of systemd, `slice:prefix:name`',
    'yyp',
    inMachine(
      'systemd-cases.ts',
      'the init is in a scope of system.slice, named after the container',
    ),
  ),
]

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
      'the label of mounts reaches the kernel, which has no policy for it yet',
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
    tries((site) => {
      const names = readAllCalls()
      const syscalls = names.map((name) => ({ names: [name], action: 'SCMP_ACT_ALLOW' }))
      const seccomp = { defaultAction: 'SCMP_ACT_LOG', syscalls }
      assert.equal(site.run('true', set({ seccomp })).code, 0)
    }),
  ),
]

/** Names of calls that were there before faccessat2. */
function readAllCalls(): string[] {
  return 'read write open close stat fstat lstat poll lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn ioctl pread64 pwrite64 readv writev access pipe select dup dup2 getpid clone fork vfork execve exit wait4 kill uname fcntl getdents getcwd chdir readlink umask gettimeofday getrlimit sysinfo getuid getgid setuid setgid geteuid getegid getppid setsid getgroups setgroups setresuid setresgid capget capset prctl arch_prctl gettid futex set_tid_address exit_group openat newfstatat readlinkat faccessat dup3 pipe2 prlimit64 getrandom execveat statx sigaltstack getdents64 set_robust_list'.split(
    ' ',
  )
}
