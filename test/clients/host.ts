// A small host of its own for a client and its containers: its own mounts, processes, network and
// cgroups, with /run, /etc and the clients' storage in memory. All of it goes when it is closed.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'

import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { TestContext } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { makeRootfs, type Result, until, whyNot } from '../kernel/container.ts'

/** Why clients can't be tried here; false when they can. For the `skip` of a test. */
export function whyNoClient(...programs: string[]): string | false {
  return whyNot('unshare', 'nsenter', 'ip', 'tar', ...programs)
}

export interface CallOptions {
  /** Fed to the script. */
  readonly input?: string
  /** Milliseconds until it is killed, with the code null. */
  readonly limit?: number
}

/** What containers and clients can leave behind. */
export interface HostView {
  readonly processes: readonly string[]
  readonly mounts: readonly string[]
  readonly cgroups: readonly string[]
}

// The first process sets the host up, says so, and reaps orphans until its standard input closes.
// /run/join is for those who come in later: they start in the cgroups outside.
const FIRST = `
set -e
mount --make-rprivate /
umount -R /sys 2>/dev/null || umount -l /sys
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/tmp /run/lock /run/etc /run/etc-work
chmod 1777 /run/tmp /run/lock
mount -t overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc-work overlay /etc
for dir in containers containerd docker cni; do
  mkdir -p /var/lib/$dir
  mount -t tmpfs -o mode=755 tmpfs /var/lib/$dir
done
case $HIERARCHIES in .:*) ;; *) mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup ;; esac
for hierarchy in $HIERARCHIES; do
  dir=\${hierarchy%%:*} options=\${hierarchy#*:}
  if [ $dir = . ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir /sys/fs/cgroup/init
    echo 'echo 0 >/sys/fs/cgroup/init/cgroup.procs' >>/run/join
    . /run/join
    for name in $(cat /sys/fs/cgroup/cgroup.controllers); do
      echo +$name >/sys/fs/cgroup/cgroup.subtree_control
    done
    continue
  fi
  mkdir /sys/fs/cgroup/$dir
  case $options in
    v2) mount -t cgroup2 cgroup2 /sys/fs/cgroup/$dir ;;
    *) mount -t cgroup -o $options cgroup /sys/fs/cgroup/$dir ;;
  esac
  echo "echo 0 >/sys/fs/cgroup/$dir/cgroup.procs" >>/run/join
done
mount --make-rshared /
ip link set lo up
echo ready
exec 3<&0 </dev/null >/dev/null 2>&1
cat <&3 &
wait $!
`

// What a client is to see of our environment.
const ENV = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin',
  HOME: '/root',
  TMPDIR: '/run/tmp',
  LANG: 'C',
}

const NAMESPACES = ['mount', 'pid', 'net', 'ipc', 'uts', 'cgroup']

/** One host. */
export class Host {
  /** For files, on the machine and inside of the host alike. */
  readonly dir: string
  readonly #cgroups: readonly string[]
  readonly #outer: ChildProcess
  /** The first process, as the machine numbers it. */
  readonly #pid: number

  private constructor(dir: string, cgroups: readonly string[], outer: ChildProcess, pid: number) {
    this.dir = dir
    this.#cgroups = cgroups
    this.#outer = outer
    this.#pid = pid
  }

  /** Sets a host up. It closes with the test. */
  static async open(t: TestContext): Promise<Host> {
    const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-host-'))
    const { cgroups, hierarchies } = makeCgroups(basename(dir))
    const flags = NAMESPACES.map((name) => `--${name}`).join(' ')
    const enter = cgroups.map((cgroup) => `echo 0 >${cgroup}/cgroup.procs`)
    const start = `exec unshare ${flags} --fork --kill-child --mount-proc sh -c "$FIRST"`
    const outer = spawn('sh', ['-ec', [...enter, start].join('\n')], {
      env: { ...ENV, FIRST, HIERARCHIES: hierarchies.join(' ') },
    })
    let errors = ''
    outer.stderr.on('data', (data: Buffer) => {
      errors += data
    })
    await new Promise<void>((resolve, reject) => {
      outer.stdout.once('data', () => resolve())
      outer.once('close', () => reject(new Error(`no host was set up: ${errors}`)))
    })
    const children = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8')
    const host = new Host(dir, cgroups, outer, Number(children))
    t.after(() => host.close())
    return host
  }

  /** Runs a shell script on the host, as root. */
  call(script: string, options: CallOptions = {}): Promise<Result> {
    const into = NAMESPACES.map((name) => `--${name}`)
    const words = ['-t', String(this.#pid), ...into, 'sh', '-c', `. /run/join\n${script}`]
    const child = spawn('nsenter', words, { env: ENV, detached: true })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (data: Buffer) => out.push(data))
    child.stderr.on('data', (data: Buffer) => err.push(data))
    child.stdin.on('error', () => {}) // a script need not read
    child.stdin.end(options.input ?? '')
    let resolve!: (result: Result) => void
    const promise = new Promise<Result>((it) => {
      resolve = it
    })
    const timer = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), options.limit ?? 30_000)
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({
        code,
        stdout: Buffer.concat(out).toString(),
        stderr: Buffer.concat(err).toString(),
      })
    })
    return promise
  }

  /** Runs a shell script that must succeed; its output without the last newline. */
  async ok(script: string, options: CallOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.call(script, options)
    if (code !== 0) throw new Error(`${script}\nexit code ${code}\n${stdout}${stderr}`)
    return stdout.replace(/\n$/, '')
  }

  /** Writes a file where the host sees it: /etc and /run are its own. */
  async write(path: string, text: string, mode = '644'): Promise<void> {
    const script = `mkdir -p "$(dirname ${path})" && cat >${path} && chmod ${mode} ${path}`
    await this.ok(script, { input: text })
  }

  /** The path by which the machine outside reaches a file of the host. */
  outside(path: string): string {
    return `/proc/${this.#pid}/root${path}`
  }

  /** What is there now. */
  async look(): Promise<HostView> {
    const list = async (script: string) => (await this.ok(script)).split('\n').filter(Boolean)
    const names = 'cd /proc; for pid in [0-9]*; do echo $(tr "\\0" " " <$pid/cmdline); done'
    return {
      processes: (await list(`{ ${names}; } 2>/dev/null`)).filter(
        (it) => !/^(sh -c|cat$)/.test(it),
      ),
      // podman puts its storage on itself when it uses it, and takes that back when it does not.
      mounts: await list("cut -d' ' -f5 /proc/1/mountinfo | grep -v '/storage/overlay$'"),
      cgroups: await list('find /sys/fs/cgroup -mindepth 1 -type d'),
    }
  }

  async close(): Promise<void> {
    if (this.#outer.exitCode === null) {
      const gone = new Promise((resolve) => this.#outer.once('exit', resolve))
      process.kill(this.#pid, 'SIGKILL')
      await gone
    }
    for (const cgroup of this.#cgroups) {
      await until(`${cgroup} to be empty`, () => isRemoved(cgroup))
    }
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** An archive with a small root file system, for the clients to import. */
export function makeImage(dir: string): string {
  const file = join(dir, 'image.tar')
  if (existsSync(file)) return file
  const rootfs = join(dir, 'image')
  mkdirSync(rootfs)
  makeRootfs(rootfs)
  const { status, stderr } = spawnSync('tar', ['-C', rootfs, '-cf', file, '.'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`tar: ${stderr}`)
  return file
}

// One cgroup in each hierarchy: the host sees them as the tops. On v2 it can't be below our own,
// which has processes and so hands no controllers down.
function makeCgroups(name: string): { cgroups: string[]; hierarchies: string[] } {
  const { layout, v1, v2 } = readHostFacts().cgroups
  const cgroups: string[] = []
  const hierarchies: string[] = []
  for (const { ownDir, controllers, named } of v1) {
    cgroups.push(join(ownDir, name))
    const options = named === undefined ? controllers.join(',') : `none,name=${named}`
    hierarchies.push(`${named ?? controllers.join(',')}:${options}`)
  }
  if (v2 !== undefined) {
    cgroups.push(join(v2.mount, name))
    hierarchies.push(layout === 'v2' ? '.:v2' : 'unified:v2')
  }
  for (const cgroup of cgroups) mkdirSync(cgroup)
  for (const { ownDir, controllers } of v1) {
    if (!controllers.includes('cpuset')) continue
    // Without these a cpuset of v1 takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      writeFileSync(join(ownDir, name, file), readFileSync(join(ownDir, file)))
    }
  }
  return { cgroups, hierarchies }
}

function isRemoved(cgroup: string): boolean {
  try {
    for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
      if (entry.isDirectory() && !isRemoved(join(cgroup, entry.name))) return false
    }
    rmdirSync(cgroup)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EBUSY') return false // the last processes are still on their way out
    throw error
  }
}
