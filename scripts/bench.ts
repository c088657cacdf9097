// npm run bench [-- --runs N] [--only TEXT] [--crun FILE] [--json] [--write]: tsoci against crun and
// runc, in turn. TSOCI_BENCH_CRUN names a crun too; otherwise it is the newest in PATH.
// npm run bench -- clients: the same through podman, ctr and docker.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeBundles, makeProfile } from './bench/bundle.ts'
import { countCalls } from './bench/calls.ts'
import { KINDS, writeFreshConfigs } from './bench/fresh.ts'
import { measureWaitingRun } from './bench/memory.ts'
import {
  describeMachine,
  formatClientsPage,
  formatPage,
  formatTable,
  median,
  pairedRatio,
  type Row,
} from './bench/report.ts'
import { completeV1, findRuntimes, type Runtime } from './bench/runtimes.ts'
import { BARE, listWorks, type Work } from './bench/works.ts'

const WARM_UP = 2
const INSIDE = 'TSOCI_BENCH_INSIDE'

const top = fileURLToPath(new URL('..', import.meta.url))
const tsoci = join(top, 'dist/tsoci')
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '30' },
    only: { type: 'string', default: '' },
    crun: { type: 'string', default: process.env.TSOCI_BENCH_CRUN ?? '' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const rounds = Number(given.runs)

function refuse(why: string): never {
  console.error(`npm run bench: ${why}`)
  process.exit(1)
}

if (!Number.isInteger(rounds) || rounds < 1) refuse('--runs takes a number from 1 on')
if (process.getuid!() !== 0) refuse('needs root: run it with sudo')
if (given.crun !== '' && !existsSync(given.crun)) refuse(`no crun at ${given.crun}`)
if (!existsSync(tsoci)) refuse('dist/tsoci is not there: npm run build')
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((file) => existsSync(file))
if (busybox === undefined) refuse('needs busybox: apt-get install -y busybox-static')

if (process.env[INSIDE] === undefined) {
  // In a mount namespace: whatever is mounted for the bench goes with it.
  const args = ['-m', process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const env = { ...process.env, [INSIDE]: '1' }
  const { status, error } = spawnSync('unshare', args, { stdio: 'inherit', env })
  if (error !== undefined) refuse('needs unshare: apt-get install -y util-linux')
  process.exit(status ?? 1)
}

if (positionals[0] === 'clients') {
  const { benchClients } = await import('./bench/clients.ts')
  const table = await benchClients(rounds)
  const machine = describeMachine([], [])
  console.log(`${table}\n\n${machine.join('\n')}`)
  if (given.write) {
    const page = formatClientsPage(table, machine, rounds)
    writeFileSync(join(top, 'docs/clients/performance.md'), page)
  }
  process.exit()
}
if (positionals.length > 0) refuse(`no "${positionals[0]}" to measure: clients`)

const scratch = mkdtempSync(join(tmpdir(), 'tsoci-bench-'))
try {
  await bench(busybox)
} finally {
  // A runtime that was traced may have ended before it removed its cgroups, and a v1 hierarchy with
  // a cgroup in it outlives its mount.
  const ours = ['-depth', '-type', 'd', '-name', `bench-*-${process.pid}`]
  const find = ['/sys/fs/cgroup', scratch, ...ours, '-exec', 'rmdir', '{}', '+']
  spawnSync('find', find, { stdio: 'ignore' })
  for (const dir of ['cgroup', 'run']) {
    spawnSync('umount', ['-R', '-l', join(scratch, dir)], { stdio: 'ignore' })
  }
  rmSync(scratch, { recursive: true, force: true })
}

async function bench(busybox: string): Promise<void> {
  const mounted = completeV1(scratch)
  // As on any host with an init: what is in /run is in memory.
  const run = join(scratch, 'run')
  mkdirSync(run)
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', run]).status !== 0) {
    refuse(`cannot mount a tmpfs on ${run}`)
  }
  const bundles = makeBundles(tsoci, scratch, busybox)
  const stopwatch = compileC('bench_spawn')
  const { runtimes, absent } = findRuntimes(tsoci, scratch, bundles.true, given.crun)
  for (const why of absent) console.error(why)
  if (runtimes[0]?.name !== 'tsoci') refuse('nothing to measure')
  const places = {
    bundles,
    scratch,
    bare: existsSync('/sys/fs/cgroup/cgroup.controllers') ? undefined : compileC('bench_bare'),
  }
  writeFreshConfigs(scratch, bundles.true, rounds + WARM_UP, makeProfile())

  const rows: Row[] = []
  const works = listWorks(places).filter(({ name }) => name.includes(given.only))
  for (const work of works) {
    console.error(`… ${work.name}`)
    const { times, peaks } = measure(stopwatch, work, runtimes)
    rows.push({ name: work.name, unit: 'ms', values: times })
    if (work.name === 'create') {
      rows.push({ name: 'peak of create', unit: 'KiB', values: peaks })
    }
  }
  if (given.only === '') rows.push(...(await measureMemory(runtimes, bundles.announce)))
  if ('system calls'.includes(given.only)) {
    const calls = await countCalls(runtimes, bundles, scratch, places.bare)
    rows.push(...calls.rows)
    absent.push(...calls.absent)
  }
  rows.sort((a, b) => (a.unit === b.unit ? 0 : a.unit === 'ms' ? -1 : 1))

  const extra =
    mounted.length === 0 ? [] : [`with the v1 hierarchies that crun wants: ${mounted.join(', ')}`]
  const bare = describeBare(rows)
  const machine = describeMachine(runtimes, [...extra, ...absent])
  const table = formatTable(
    rows,
    runtimes.map(({ name }) => name),
  )
  if (given.json) console.log(JSON.stringify({ machine, rounds, rows }, null, 2))
  else console.log(`${table}\n\n${[bare, ...machine].join('\n')}`)
  if (given.write) {
    const page = formatPage(`${table}\n\n${bare}`, machine, rounds)
    writeFileSync(join(top, 'docs/performance.md'), page)
  }
}

/** A sentence on how much of a run is the kernel's. */
function describeBare(rows: readonly Row[]): string {
  const values = rows.find(({ name }) => name === 'run')?.values
  const bare = values?.[BARE]
  if (bare === undefined) return "The kernel's share of a run was not measured."
  const ratio = pairedRatio(values!.tsoci!, bare).toFixed(2)
  const time = `${ratio} times what the kernel alone takes for it, ${median(bare).toFixed(1)} ms here`
  const calls = rows.find(({ name }) => name === 'system calls of run')?.values[BARE]?.[0]
  const counted = calls === undefined ? '' : `, which makes ${calls} system calls`
  return `A run takes ${time} (native/test/bench_bare.c${counted}).`
}

function compileC(name: string): string {
  const program = join(scratch, name)
  const source = join(top, `native/test/${name}.c`)
  const words = ['-O2', '-static', '-o', program, source]
  if (spawnSync('cc', words, { stdio: 'inherit' }).status !== 0) {
    refuse(`native/test/${name}.c does not compile`)
  }
  return program
}

function measure(stopwatch: string, work: Work, runtimes: readonly Runtime[]) {
  for (const kind of KINDS) {
    for (const { name } of runtimes) {
      const bundle = join(scratch, 'fresh', `${kind}-${name}`)
      mkdirSync(bundle, { recursive: true })
      writeFileSync(join(bundle, 'next'), '0')
    }
  }
  const lines = runtimes.flatMap((runtime) => work.lines(runtime))
  const { status, stdout, stderr } = spawnSync(stopwatch, [String(rounds + WARM_UP)], {
    input: `${lines.map((line) => line.join('\t')).join('\n')}\n`,
    encoding: 'utf8',
    // Nothing of npm's: a larger environment slows each exec.
    env: { PATH: process.env.PATH, HOME: '/root' },
  })
  if (status !== 0) refuse(`${work.name}: ${stderr}`)
  const times: Record<string, number[]> = {}
  const peaks: Record<string, number[]> = {}
  for (const line of stdout.trimEnd().split('\n')) {
    const [name, nanoseconds, kilobytes] = line.split(' ') as [string, string, string]
    times[name] = [...(times[name] ?? []), Number(nanoseconds) / 1e6]
    peaks[name] = [...(peaks[name] ?? []), Number(kilobytes)]
  }
  for (const values of [...Object.values(times), ...Object.values(peaks)]) values.splice(0, WARM_UP)
  return { times, peaks }
}

async function measureMemory(runtimes: readonly Runtime[], bundle: string): Promise<Row[]> {
  console.error('… memory of a waiting run')
  const resident: Record<string, number[]> = {}
  const peak: Record<string, number[]> = {}
  for (let round = 0; round < Math.min(rounds, 10); round++) {
    for (const runtime of runtimes) {
      const memory = await measureWaitingRun(runtime, bundle)
      resident[runtime.name] = [...(resident[runtime.name] ?? []), memory.resident]
      peak[runtime.name] = [...(peak[runtime.name] ?? []), memory.peak]
    }
  }
  return [
    { name: 'memory of a waiting run', unit: 'KiB', values: resident },
    { name: 'peak of a waiting run', unit: 'KiB', values: peak },
  ]
}
