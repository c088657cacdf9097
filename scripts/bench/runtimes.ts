// The runtimes that are compared, and the host made ready for them.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Runtime {
  readonly name: 'tsoci' | 'crun' | 'runc'
  readonly program: string
  /** First line of --version. */
  readonly version: string
  readonly root: string
}

/** tsoci, and of the others those that are installed and can run the bundle here. */
export function findRuntimes(
  tsoci: string,
  scratch: string,
  bundle: string,
  crun?: string,
): { runtimes: Runtime[]; absent: string[] } {
  const runtimes: Runtime[] = []
  const absent: string[] = []
  for (const name of ['tsoci', 'crun', 'runc'] as const) {
    const program = name === 'tsoci' ? tsoci : (name === 'crun' && crun) || findNewest(name)
    if (program === undefined) {
      absent.push(`${name} is not installed`)
      continue
    }
    const root = join(scratch, 'run', name)
    const version = run(program, ['--version']).stdout.split('\n')[0]!
    const probe = run(program, ['--root', root, 'run', '-b', bundle, `bench-probe-${process.pid}`])
    if (probe.status === 0) {
      runtimes.push({ name, program, version, root })
      continue
    }
    const why = (probe.stderr.trim().split('\n').at(-1) ?? '').replace(
      /^.*?(level=error msg=|: )/,
      '',
    )
    absent.push(`${name} cannot run the bundle here: ${why}`)
    run(program, ['--root', root, 'delete', '--force', `bench-probe-${process.pid}`])
  }
  return { runtimes, absent }
}

function run(program: string, args: readonly string[]) {
  return spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  })
}

/** Of those in PATH the one of the highest version. */
function findNewest(name: string): string | undefined {
  const files = (process.env.PATH ?? '').split(':').map((dir) => join(dir, name))
  const found = files.filter((file) => existsSync(file))
  if (found.length < 2) return found[0]
  const version = (file: string) =>
    /(\d+)\.(\d+)(?:\.(\d+))?/
      .exec(run(file, ['--version']).stdout ?? '')
      ?.slice(1)
      .reduce((sum, part) => sum * 1000 + Number(part ?? 0), 0) ?? 0
  return found
    .map((file) => ({ file, version: version(file) }))
    .sort((a, b) => b.version - a.version)[0]!.file
}

/**
 * Mounts the v1 hierarchies that crun 1.8 wants on a host that has v1 in part, in the mount
 * namespace that we are in: without them it refuses to make any cgroup. Every runtime is measured
 * with them.
 */
export function completeV1(scratch: string): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  if (!/^\S+ \S+ \S+ \S+ \/sys\/fs\/cgroup .* - tmpfs /m.test(mounts)) return []
  const known = readFileSync('/proc/cgroups', 'utf8')
  const missing = ['hugetlb', 'perf_event', 'net_cls', 'net_prio'].filter(
    (name) => known.includes(`\n${name}\t`) && !existsSync(`/sys/fs/cgroup/${name}/tasks`),
  )
  if (missing.length === 0) return []
  // A tmpfs of our own in place of the host's: no directory is left there.
  const place = join(scratch, 'cgroup')
  mkdirSync(place)
  const script = [
    'set -e',
    'mount -t tmpfs -o mode=755 tmpfs "$0"',
    'cd /sys/fs/cgroup',
    'for dir in *; do',
    '  [ -L "$dir" ] && continue',
    '  mkdir "$0/$dir"; mount --bind "$dir" "$0/$dir"',
    'done',
    'for name; do',
    '  mkdir -p "$0/$name"; mount -t cgroup -o "$name" "$name" "$0/$name"',
    'done',
    'mount --rbind "$0" /sys/fs/cgroup',
  ].join('\n')
  const made = spawnSync('sh', ['-c', script, place, ...missing], { encoding: 'utf8' })
  if (made.status === 0) return missing
  console.error(`v1 hierarchies not mounted: ${made.stderr.trim()}`)
  return []
}
