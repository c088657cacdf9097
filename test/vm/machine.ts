// A virtual machine for tests of what this host's kernel can't show, as cgroup v2 with everything.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CpioEntry, S_IFCHR, S_IFLNK, S_IFREG, writeCpio } from './cpio.ts'
import { BLOCK_MODULES, findKernel, findModule, type Kernel } from './kernel.ts'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))
const QEMU = 'qemu-system-x86_64'

/** What a machine is made of. */
export interface Machine {
  readonly kernel: Kernel
  readonly busybox: string
  /** More words for the kernel's command line. */
  readonly kernelLine?: string
  /** More modules to load, as kernel.ts lists them. */
  readonly modules?: readonly string[]
}

export interface Boot {
  /** Everything that the script wrote. */
  readonly output: string
  /** What the kernel said, for when the script said too little. */
  readonly kernelLog: string
  readonly timedOut: boolean
}

/** The machine, or the reason why this host can't have it. */
export function findMachine(): Machine | string {
  if (process.arch !== 'x64') return `the virtual machine is x86-64, and this is ${process.arch}`
  if (spawnSync(QEMU, ['--version']).status !== 0) {
    return `no ${QEMU}: apt-get install qemu-system-x86`
  }
  const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(isStatic)
  if (busybox === undefined) return 'no static busybox: apt-get install busybox-static'
  if (!existsSync(join(dist, 'tsoci'))) return 'no dist/tsoci: npm run build'
  const kernel = findKernel()
  if (typeof kernel === 'string') return kernel
  try {
    accessSync(kernel.image, constants.R_OK)
  } catch {
    return `may not read ${kernel.image}: run as root`
  }
  return { kernel, busybox }
}

// A dynamic program names its interpreter, a static one names none.
function isStatic(file: string): boolean {
  return existsSync(file) && !/\/ld-[a-z0-9_-]*\.so/.test(readFileSync(file, 'latin1'))
}

/*
 * What the kernel unpacked can't be the old root of a pivot_root: a second mount of it can. The
 * second serial port is the script's, so that no message of the kernel gets between its lines.
 */
const init = `#!/bin/busybox sh
export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root
/bin/busybox mkdir -p /mnt /proc /sys /dev /run /tmp /root
/bin/busybox mount --bind / /mnt
cd /mnt
/bin/busybox mount --move . /
exec /bin/busybox chroot . /bin/busybox sh /init-machine
`

const initMachine = `cd /
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /tmp
chmod 1777 /tmp
ip link set lo up
for module in /modules/*; do insmod $module; done
stty -F /dev/ttyS1 raw
setsid sh /script </dev/null >/dev/ttyS1 2>&1
poweroff -f
`

/**
 * Boots, runs `script` as root with cgroup v2, and powers off. The machine has busybox, Node and
 * \`tsoci\`; /tmp, /run are empty, and `files` lie where their names say.
 */
export async function bootAndRun(
  machine: Machine,
  script: string,
  { timeoutMs, files = [] }: { timeoutMs: number; files?: readonly CpioEntry[] },
): Promise<Boot> {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-vm-'))
  try {
    const initrd = join(dir, 'initrd')
    const outputFile = join(dir, 'output')
    writeInitrd(initrd, [
      ...listSystem(machine),
      ...files,
      { path: '/init', mode: S_IFREG | 0o755, content: init },
      { path: '/init-machine', mode: S_IFREG | 0o755, content: initMachine },
      { path: '/script', mode: S_IFREG | 0o755, content: script },
    ])
    return await runQemu(machine, initrd, outputFile, timeoutMs)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** Runs a machine until it powers off. What it writes to its second serial port is the output. */
export async function runQemu(
  { kernel, kernelLine = '' }: Pick<Machine, 'kernel' | 'kernelLine'>,
  initrd: string,
  outputFile: string,
  timeoutMs: number,
): Promise<Boot> {
  // timeout(1): the machine ends even when this process is killed.
  const child = spawn(
    'timeout',
    [
      ...['--kill-after=5', String(timeoutMs / 1000), QEMU],
      ...['-machine', 'pc,accel=tcg', '-cpu', 'max', '-smp', '2', '-m', '2G'],
      ...['-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none'],
      ...['-serial', 'stdio', '-serial', `file:${outputFile}`],
      ...['-kernel', kernel.image, '-initrd', initrd],
      ...['-append', `console=ttyS0 panic=-1 quiet loglevel=4 mitigations=off ${kernelLine}`],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let kernelLog = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (kernelLog += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (kernelLog += text))
  const [code] = await once(child, 'close')
  const output = existsSync(outputFile) ? readFileSync(outputFile, 'utf8') : ''
  return { output, kernelLog, timedOut: code === 124 || code === 137 }
}

/** Appends an archive to a file: the kernel unpacks one after the other. */
export function writeInitrd(file: string, entries: Iterable<CpioEntry>): void {
  const fd = openSync(file, 'a')
  for (const bytes of writeCpio(entries)) writeSync(fd, bytes)
  closeSync(fd)
}

function* listSystem({ kernel, busybox, modules = [] }: Machine): Generator<CpioEntry> {
  // The kernel opens it for init before anything is mounted.
  yield { path: '/dev/console', mode: S_IFCHR | 0o600, device: [5, 1] }
  yield copyOf(busybox, '/bin/busybox')
  yield* listTsoci()
  yield* listModules(kernel, [...BLOCK_MODULES, ...modules])
}

/** Node, its libraries, and tsoci with what it loads when it is asked for more than a plan. */
export function* listTsoci(): Generator<CpioEntry> {
  yield copyOf(process.execPath)
  yield* listLibraries(process.execPath)
  for (const name of readdirSync(dist)) {
    if (/^(main\.js|tsoci|tsoci-seccomp|libtsoci\.so)$/.test(name)) {
      yield copyOf(join(dist, name), `/tsoci/dist/${name}`)
    }
  }
  yield { path: '/tsoci/dist/node', mode: S_IFLNK | 0o777, content: process.execPath }
  yield* listTree(join(dist, 'js'), '/tsoci/dist/js')
  for (const name of ['koffi', '@koromix']) {
    yield* listTree(join(dist, '../node_modules', name), `/tsoci/node_modules/${name}`)
  }
  yield { path: '/usr/bin/tsoci', mode: S_IFLNK | 0o777, content: '/tsoci/dist/tsoci' }
}

function* listTree(dir: string, path: string): Generator<CpioEntry> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = join(dir, entry.name)
    if (entry.isFile()) yield copyOf(file, `${path}/${entry.name}`)
    else if (!/^(doc|vendor)$/.test(entry.name)) yield* listTree(file, `${path}/${entry.name}`)
  }
}

export function* listLibraries(program: string): Generator<CpioEntry> {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' })
  for (const [path] of (stdout ?? '').matchAll(/\/\S+/g)) yield copyOf(path)
}

/** In the order of their names they are loaded. One that is not there is left out. */
function* listModules({ modules }: Kernel, wanted: readonly string[]): Generator<CpioEntry> {
  for (const [i, name] of wanted.entries()) {
    const file = findModule(modules, name)
    if (file === undefined) continue
    const path = `/modules/${String(i).padStart(2, '0')}.ko`
    yield { path, mode: S_IFREG | 0o644, content: unpackModule(file) }
  }
}

function unpackModule(file: string): Uint8Array {
  const program = { '.xz': 'xz', '.zst': 'zstd' }[extname(file)]
  if (program === undefined) return readFileSync(file)
  return spawnSync(program, ['-dc', file], { maxBuffer: 16 << 20 }).stdout
}

export const copyOf = (file: string, path = file): CpioEntry => ({
  path,
  mode: S_IFREG | (statSync(file).mode & 0o777),
  content: readFileSync(file),
})
