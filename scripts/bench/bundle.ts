// The bundles that are measured: the default config, with busybox in the rootfs.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Config, Mount, Seccomp } from '../../src/spec/config.ts'

type Mutable = Config & { mounts: Mount[]; linux: NonNullable<Config['linux']> }

/** Makes the bundles below DIR; all share one rootfs. */
export function makeBundles(tsoci: string, dir: string, busybox: string) {
  chmodSync(dir, 0o755) // root of a user namespace has to get in
  const bin = join(dir, 'rootfs/bin')
  mkdirSync(bin, { recursive: true })
  for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(dir, 'rootfs', name))
  copyFileSync(busybox, join(bin, 'busybox'))
  for (const name of ['sh', 'true', 'sleep']) symlinkSync('busybox', join(bin, name))
  const make = (
    name: string,
    args: readonly string[],
    change: (config: Mutable) => void = () => {},
  ) => makeBundle(tsoci, join(dir, name), args, change)
  const addProfile = (config: Mutable) => {
    config.linux.seccomp = makeProfile()
  }
  return {
    rootfs: join(dir, 'rootfs'),
    true: make('true', ['/bin/true']),
    sleep: make('sleep', ['/bin/sleep', '1000']),
    announce: make('announce', ['sh', '-c', 'echo up; exec sleep 1000']),
    seccomp: make('seccomp', ['/bin/true'], addProfile),
    mounts: make('mounts', ['/bin/true'], (config) => config.mounts.push(...makeMounts(dir))),
    user: make('user', ['/bin/true'], ({ linux }) => {
      const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
      const namespaces = [...(linux.namespaces ?? []), { type: 'user' as const }]
      Object.assign(linux, { uidMappings: map, gidMappings: map, namespaces })
    }),
  }
}

export type Bundles = ReturnType<typeof makeBundles>

function makeBundle(
  tsoci: string,
  dir: string,
  args: readonly string[],
  change: (config: Mutable) => void,
): string {
  mkdirSync(dir)
  const made = spawnSync(tsoci, ['spec', '--bundle', dir], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`tsoci spec: ${made.stderr}`)
  const file = join(dir, 'config.json')
  const config = JSON.parse(readFileSync(file, 'utf8'))
  config.ociVersion = '1.0.2' // crun 1.8 refuses later ones
  config.root.path = join(dir, '../rootfs')
  config.process.args = args
  config.process.terminal = false
  change(config)
  writeFileSync(file, JSON.stringify(config, null, 2))
  return dir
}

const BIND_MOUNTS = 50

function makeMounts(dir: string): Mount[] {
  return Array.from({ length: BIND_MOUNTS }, (_, i) => {
    const source = join(dir, 'volumes', String(i))
    mkdirSync(source, { recursive: true })
    return { destination: `/volumes/${i}`, type: 'bind', source, options: ['rbind', 'ro'] }
  })
}

const SYSTEM_CALLS = 400

/** What no container has a use for. */
const REFUSED =
  /^(_sysctl|acct|bpf|create_module|delete_module|finit_module|get_kernel_syms|init_module|iop(erm|l)|kexec_\w+|lookup_dcookie|nfsservctl|perf_event_open|pivot_root|query_module|quotactl|reboot|sethostname|setdomainname|settimeofday|swapo(n|ff)|sysfs|uselib|userfaultfd|vm86)$/

const SPECIAL = ['personality', 'clone', 'clone3', 'socket']

/** A profile of the shape of Docker's default: some 400 calls allowed, three by their arguments. */
export function makeProfile(): Seccomp {
  const header = ['/usr/include/asm/unistd_64.h', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h']
    .concat('/usr/include/asm-generic/unistd.h')
    .find((file) => existsSync(file))
  const text = header === undefined ? '' : readFileSync(header, 'utf8')
  const names = [...text.matchAll(/^#define __NR_(\w+)\s+\d+$/gm)]
    .map(([, name]) => name!)
    .filter((name) => !REFUSED.test(name) && !SPECIAL.includes(name))
  if (names.length < 200) throw new Error("the kernel's headers have no list of system calls")
  const allow = 'SCMP_ACT_ALLOW' as const
  const personality = [0, 8, 0x20000, 0x20008, 0xffffffff].map((value) => ({
    names: ['personality'],
    action: allow,
    args: [{ index: 0, value, op: 'SCMP_CMP_EQ' as const }],
  }))
  const masked = { index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' as const }
  const noVsock = { index: 0, value: 40, op: 'SCMP_CMP_NE' as const }
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    ...(process.arch === 'x64' && {
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] as const,
    }),
    syscalls: [
      { names: names.slice(0, SYSTEM_CALLS), action: allow },
      ...personality,
      { names: ['clone'], action: allow, args: [masked] },
      { names: ['socket'], action: allow, args: [noVsock] },
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    ],
  }
}
