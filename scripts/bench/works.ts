// What is measured: the commands of one round, for each runtime.

import { join } from 'node:path'
import { commands } from '../../src/cli/options.ts'
import type { Bundles } from './bundle.ts'
import { KINDS } from './fresh.ts'
import type { Runtime } from './runtimes.ts'

/** One line for native/test/bench_spawn.c, which explains them. */
export type Line = readonly string[]

export interface Work {
  readonly name: string
  readonly lines: (runtime: Runtime) => readonly Line[]
}

export interface Places {
  readonly bundles: Bundles
  readonly scratch: string
  /** native/test/bench_bare.c, undefined where it knows nothing of the cgroups. */
  readonly bare: string | undefined
}

const id = `bench-${process.pid}`
/** Group of the bare program among the times of `run`. */
export const BARE = 'bare'

/** Puts the next config of DIR ($0) into BUNDLE ($1). */
const NEXT = 'n=$(cat "$1/next"); cp "$0/$n.json" "$1/config.json"; echo $((n+1)) >"$1/next"'
const AT_ONCE =
  'i=0; while [ $i -lt 100 ]; do i=$((i+1)); "$0" --root "$1" run --bundle "$2" "$3-$i" & done; wait'

export function listWorks(places: Places): Work[] {
  const { bundles, scratch } = places
  const pidFile = (runtime: Runtime) => `${scratch}/pid-${runtime.name}`
  const line = (how: 'time' | 'run', runtime: Runtime, ...args: string[]): Line => [
    how,
    runtime.name,
    '',
    runtime.program,
    runtime.name,
    '--root',
    runtime.root,
    ...args,
  ]
  const make = (how: 'time' | 'run', runtime: Runtime, bundle: string) => {
    const words = ['--bundle', bundle, '--pid-file', pidFile(runtime), id]
    return line(how, runtime, 'create', ...words)
  }
  const ended = (runtime: Runtime): Line => ['await', runtime.name, pidFile(runtime)]
  const force = (runtime: Runtime) => line('run', runtime, 'delete', '--force', id)
  const runIn = (bundle: string, runtime: Runtime) => [
    line('time', runtime, 'run', '--bundle', bundle, id),
  ]
  const fresh = (kind: string, runtime: Runtime): Line[] => {
    const bundle = join(scratch, 'fresh', `${kind}-${runtime.name}`)
    const from = join(scratch, 'fresh', kind)
    return [
      ['run', runtime.name, '', '/bin/sh', 'sh', '-c', NEXT, from, bundle],
      ...runIn(bundle, runtime),
    ]
  }
  // In the rounds of tsoci's own, so that the two are compared round by round.
  const bareRun = ({ name }: Runtime): Line[] =>
    name !== 'tsoci' || places.bare === undefined
      ? []
      : [['time', BARE, '', places.bare, BARE, bundles.rootfs, `${id}-bare`, '/bin/true']]
  const atOnce = ({ name, program, root }: Runtime): Line[] => [
    ['time', name, '', '/bin/sh', 'sh', '-c', AT_ONCE, program, root, bundles.true, id],
  ]
  const whole = (runtime: Runtime) => [
    make('time', runtime, bundles.true),
    line('time', runtime, 'start', id),
    ended(runtime),
    line('time', runtime, 'delete', id),
  ]

  const works: Work[] = [
    { name: 'run', lines: (it) => [...runIn(bundles.true, it), ...bareRun(it)] },
    ...KINDS.map((kind) => ({
      name: `run of ${kind}'s config, never seen`,
      lines: (it: Runtime) => fresh(kind, it),
    })),
    { name: 'create + start + delete', lines: whole },
    { name: 'run with a seccomp profile', lines: (it) => runIn(bundles.seccomp, it) },
    { name: 'run with 50 bind mounts', lines: (it) => runIn(bundles.mounts, it) },
    { name: 'run in a user namespace', lines: (it) => runIn(bundles.user, it) },
    { name: '100 runs at once', lines: atOnce },
    { name: 'create', lines: (it) => [make('time', it, bundles.sleep), force(it)] },
    {
      name: 'start',
      lines: (it) => [make('run', it, bundles.sleep), line('time', it, 'start', id), force(it)],
    },
    {
      name: 'state',
      lines: (it) => [make('run', it, bundles.sleep), line('time', it, 'state', id), force(it)],
    },
    {
      name: 'kill',
      lines: (it) => [
        make('run', it, bundles.sleep),
        line('run', it, 'start', id),
        line('time', it, 'kill', id, 'KILL'),
        ended(it),
        force(it),
      ],
    },
    {
      name: 'delete',
      lines: (it) => [
        make('run', it, bundles.true),
        line('run', it, 'start', id),
        ended(it),
        line('time', it, 'delete', id),
      ],
    },
    {
      name: 'list',
      lines: (it) => [make('run', it, bundles.sleep), line('time', it, 'list'), force(it)],
    },
  ]
  if (commands.some(({ name }) => name === 'exec')) {
    works.push({
      name: 'exec of /bin/true',
      lines: (it) => [
        make('run', it, bundles.sleep),
        line('run', it, 'start', id),
        line('time', it, 'exec', id, '/bin/true'),
        force(it),
      ],
    })
  }
  return works
}
