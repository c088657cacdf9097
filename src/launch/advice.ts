// What to change when a step fails: from the table of remedies, or from a look at what is there.

import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Binding } from '../plan/plan.ts'
import type { Step } from '../plan/step.ts'
import { describeText, type Text } from '../plan/text.ts'
import { cut } from '../spec/problem.ts'
import { errnoEntry } from './errno.ts'
import type { Failure } from './failure.ts'
import { HINTS, READ_ONLY } from './hints.ts'
import { findBarrier, findInterpreter, findSimilar } from './in-rootfs.ts'

/** Remedies that do not depend on what was tried. */
const ANYWHERE: Readonly<Record<string, string>> = {
  EMFILE:
    'raise the limit of open files: RLIMIT_NOFILE in process.rlimits, or ulimit -n of the caller',
  ENFILE: 'too many files are open on this host: raise fs.file-max',
  ENOSPC: 'free space or inodes there, or raise the limit of the kernel that is used up',
  EDQUOT: 'raise the quota of the user there',
  ENOMEM: 'free memory, or raise linux.resources.memory.limit',
  EAGAIN: 'raise the limit of processes: RLIMIT_NPROC, or pids.max of a cgroup above',
  EROFS: READ_ONLY,
  EPERM: 'run as root, or with the capability that it takes: see tsoci doctor',
  EACCES: 'let the caller reach it: its owner, the modes of the directories above, and the LSM',
  ENOSYS: 'this kernel lacks the system call: see tsoci doctor',
  ENAMETOOLONG: 'shorten the name, or the path',
  ELOOP: 'a symlink stands in the way: name the place that it leads to',
  ENOTDIR: 'name a path whose components are directories',
}

/** What is looked at to advise. */
export interface Site {
  readonly bound: Binding
  /** On the host; undefined where none is to be looked into. */
  readonly rootfs: string | undefined
}

/** Where nothing better is known. */
export const GENERAL =
  'tsoci check BUNDLE lists what this host lacks, --trace FILE tells what was done before'

/** Advice for a failed step. */
export function hintFor(step: Step | undefined, failure: Failure, site: Site): string {
  const [name] = errnoEntry(failure.errno)
  const hints = step && HINTS[step.op]
  return (
    (step && lookAround(step, name, site)) ??
    hints?.[`${name} ${failure.call}`] ??
    hints?.[name] ??
    hints?.['*'] ??
    ANYWHERE[name] ??
    GENERAL
  )
}

/** Advice that comes from a look at the host, or into the rootfs. */
function lookAround(step: Step, errno: string, { bound, rootfs }: Site): string | undefined {
  const say = (value: Text) => describeText(value, bound)
  if (STATE_OPS.has(step.op)) return STATE_HINTS[errno]
  switch (step.op) {
    case 'mount':
    case 'bind':
      return errno === 'ENOTDIR' ? describeBarrier(rootfs, dirname(say(step.target))) : undefined
    case 'make-node':
      return errno === 'ENOTDIR' ? describeBarrier(rootfs, say(step.path)) : undefined
    case 'chdir':
      return errno === 'ENOTDIR' ? describeBarrier(rootfs, say(step.path)) : undefined
    case 'cgroup-write':
      return errno === 'EINVAL' ? describeCpuBounds(say(step.dir), say(step.file)) : undefined
    case 'find-executable':
      return adviseProgram(say(step.args[0]!), step.env.map(say), errno, rootfs)
    case 'exec':
      return errno === 'ENOENT'
        ? describeInterpreter(rootfs, candidates(say(step.args[0]!), step.env.map(say)))
        : undefined
    case 'hook':
      return errno === 'ENOENT' || errno === 'EACCES' || errno === 'ENOEXEC'
        ? `install ${say(step.path)} and make it executable (chmod +x), or remove the hook`
        : undefined
    default:
      return undefined
  }
}

const STATE_OPS: ReadonlySet<Step['op']> = new Set([
  'state-dir',
  'store',
  'store-plan',
  'make-gate',
  'failure-file',
])

const STATE_HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free space there, or choose another --root',
  EDQUOT: 'raise the quota there, or choose another --root',
  EROFS: 'choose a --root on a file system that can be written',
  EACCES: 'the state directory is not yours: choose another --root',
  ENOTDIR: 'choose a --root whose components are directories',
  ENOENT: 'choose a --root where directories can be made',
  EPERM: 'choose a --root of your own',
  ENAMETOOLONG: 'choose a shorter id or --root',
}

function describeBarrier(rootfs: string | undefined, path: string): string | undefined {
  const barrier = rootfs === undefined ? undefined : findBarrier(rootfs, path)
  return barrier && `"${barrier}" in the rootfs is no directory: choose another path, or remove it`
}

/** The kernel refuses more than the cgroup above allows, without a word of how much that is. */
function describeCpuBounds(dir: string, file: string): string | undefined {
  const known = file === 'cpu.cfs_quota_us' || file === 'cpu.cfs_period_us' || file === 'cpu.max'
  if (!known) return undefined
  const above = dirname(dir)
  const files = file === 'cpu.max' ? ['cpu.max'] : ['cpu.cfs_quota_us', 'cpu.cfs_period_us']
  const values = files.map((name) => readOrNothing(join(above, name)))
  const [quota, period] = values.join(' ').split(' ')
  const bound =
    quota === undefined || quota === '' || quota === '-1' || quota === 'max'
      ? ''
      : `, and the cgroup above allows ${quota} in ${period}`
  return `quota is at least 1000, period is 1000 to 1000000 microseconds${bound}`
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

function adviseProgram(
  name: string,
  env: readonly string[],
  errno: string,
  rootfs: string | undefined,
): string | undefined {
  if (errno === 'EACCES' || errno === 'EISDIR') {
    return `name a program in process.args that its user may run: a file, chmod +x ${cut(name)}`
  }
  if (errno !== 'ENOENT') return undefined
  const isPath = name.includes('/')
  const dirs = candidates(name, env).map(dirname)
  const similar = rootfs === undefined ? undefined : findSimilar(rootfs, dirs, basename(name))
  if (similar !== undefined) {
    return `did you mean "${isPath ? join(dirname(name), similar) : similar}"?`
  }
  if (isPath) return 'put the program into the rootfs, or correct process.args'
  return `put it into a directory of the PATH of process.env (${dirs.join(':') || 'none'}), or write its whole path`
}

/** Where a program is looked for. */
function candidates(name: string, env: readonly string[]): string[] {
  if (name.includes('/')) return [name]
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? ''
  return path.split(':').flatMap((dir) => (dir === '' ? [] : [join(dir, name)]))
}

function describeInterpreter(
  rootfs: string | undefined,
  paths: readonly string[],
): string | undefined {
  const found = rootfs === undefined ? undefined : findInterpreter(rootfs, paths)
  if (found === undefined) return undefined
  const shown = JSON.stringify(found)
  return found.endsWith('\r')
    ? `the first line of the script ends in a carriage return, so it asks for ${shown}: remove it (sed -i 's/\\r$//')`
    : `the interpreter of the script, ${shown}, is missing in the rootfs: add it, or correct the first line`
}
