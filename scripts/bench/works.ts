// What is measured: the commands of one round, for each runtime.

import { commands } from '../../src/cli/options.ts'
import type { Bundles } from './bundle.ts'
import type { Runtime } from './runtimes.ts'

/** One line for native/test/bench_spawn.c, which explains them. */
export type Line = readonly string[]

export interface Work {
  readonly name: string
  /** Undefined: this runtime has no such thing. */
  readonly lines: (runtime: Runtime) => readonly Line[] | undefined
  readonly env?: Readonly<Record<string, string>>
}

export interface Places {
  readonly bundles: Bundles
  readonly scratch: string
  /** dist/main.js, and the Node that runs it. */
  readonly script: string
  readonly node: string
  /** dist/tsoci-engine, undefined when the build made none. */
  readonly engine: string | undefined
  /** A plan of `run` for bundles.true and `planId`, as the front door would hand it over. */
  readonly plan: string
  readonly planId: string
  /** native/test/bench_bare.c, undefined where it knows nothing of the cgroups. */
  readonly bare: string | undefined
}

const id = `bench-${process.pid}`
/** Group of the bare program among the times of KNOWN_RUN. */
export const BARE = 'bare'
export const KNOWN_RUN = 'run, seen before'

const NODE = { TSOCI_ENGINE: 'node' }
const AT_ONCE =
  'i=0; while [ $i -lt 100 ]; do i=$((i+1)); "$0" --root "$1" run $4 --bundle "$2" "$3-$i" & done; wait'

export function listWorks(places: Places): Work[] {
  const { bundles, scratch, plan } = places
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
  // Only tsoci keeps plans; a bundle at first sight is one that it may not look up.
  const first = ({ name }: Runtime) => (name === 'tsoci' ? ['--no-plan-cache'] : [])
  const make = (how: 'time' | 'run', runtime: Runtime, bundle: string, ...flags: string[]) => {
    const words = ['--bundle', bundle, '--pid-file', pidFile(runtime), ...flags, id]
    return line(how, runtime, 'create', ...words)
  }
  const ended = (runtime: Runtime): Line => ['await', runtime.name, pidFile(runtime)]
  const force = (runtime: Runtime) => line('run', runtime, 'delete', '--force', id)
  const runIn = (bundle: string, runtime: Runtime, ...flags: string[]) => [
    line('time', runtime, 'run', '--bundle', bundle, ...flags, id),
  ]
  // As engines do, which write a config of its own for each container.
  const rename = ({ name }: Runtime, bundle: string): Line => {
    const edit = `sed -i 's/"hostname": "[^"]*"/"hostname": "h'$$'"/' "$0/config.json"`
    return ['run', name, '', '/bin/sh', 'sh', '-c', edit, bundle]
  }
  const run = (runtime: Runtime, ...flags: string[]) => runIn(bundles.true, runtime, ...flags)
  // In the rounds of tsoci's own, so that the two are compared round by round.
  const bareRun = ({ name }: Runtime): Line[] =>
    name !== 'tsoci' || places.bare === undefined
      ? []
      : [['time', BARE, '', places.bare, BARE, bundles.rootfs, `${id}-bare`, '/bin/true']]
  const atOnce = ({ name, program, root }: Runtime, ...flags: string[]): Line[] => [
    ['time', name, '', '/bin/sh', 'sh', '-c', AT_ONCE, program, root, bundles.true, id, ...flags],
  ]
  const twice = (name: string, bundle: string): Work[] => [
    { name: `${name}, first sight`, lines: (it) => runIn(bundle, it, ...first(it)) },
    { name: `${name}, seen before`, lines: (it) => runIn(bundle, it) },
  ]
  const whole = (runtime: Runtime, ...flags: string[]) => [
    make('time', runtime, bundles.true, ...flags),
    line('time', runtime, 'start', id),
    ended(runtime),
    line('time', runtime, 'delete', id),
  ]

  const works: Work[] = [
    { name: 'run, first sight', lines: (it) => run(it, ...first(it)) },
    { name: KNOWN_RUN, lines: (it) => [...run(it), ...bareRun(it)] },
    {
      name: 'run, executor alone',
      lines: (it) =>
        it.name !== 'tsoci'
          ? run(it)
          : [['time', it.name, plan, it.program, 'tsoci:launch', '3', '-1']],
    },
    ...compileStage(places),
    { name: 'create + start + delete, first sight', lines: (it) => whole(it, ...first(it)) },
    { name: 'create + start + delete, seen before', lines: (it) => whole(it) },
    {
      name: 'run, known form',
      lines: (it) => [rename(it, bundles.form), ...runIn(bundles.form, it)],
    },
    {
      name: 'run with a seccomp profile, known form',
      lines: (it) => [rename(it, bundles.seccompForm), ...runIn(bundles.seccompForm, it)],
    },
    ...(places.engine === undefined
      ? []
      : [
          {
            name: 'run, first sight, by Node',
            lines: (it: Runtime) => run(it, ...first(it)),
            env: NODE,
          },
          {
            name: 'create + start + delete, first sight, by Node',
            lines: (it: Runtime) => whole(it, ...first(it)),
            env: NODE,
          },
        ]),
    ...twice('run with a seccomp profile', bundles.seccomp),
    ...twice('run with 50 bind mounts', bundles.mounts),
    ...twice('run in a user namespace', bundles.user),
    { name: '100 runs at once, first sight', lines: (it) => atOnce(it, ...first(it)) },
    { name: '100 runs at once, seen before', lines: (it) => atOnce(it) },
    {
      name: 'create, first sight',
      lines: (it) => [make('time', it, bundles.sleep, ...first(it)), force(it)],
    },
    {
      name: 'create, seen before',
      lines: (it) => [make('time', it, bundles.sleep), force(it)],
    },
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

/** The JavaScript from its start to a written plan, by each engine that there is. */
function compileStage({ bundles, engine, node, script, plan, planId }: Places): Work[] {
  const work = (name: string, file: string, ...words: string[]): Work => ({
    name: `compile stage alone${name}`,
    lines: ({ name: runtime, root }) =>
      runtime === 'tsoci'
        ? [
            ['time', runtime, `${plan}.again`, file, ...words].concat(
              '--root',
              root,
              'run',
              '--bundle',
              bundles.true,
              planId,
            ),
          ]
        : undefined,
    // As the front door sets it.
    env: { TSOCI_PLAN_FD: '3', BUN_JSC_useJIT: '0' },
  })
  const byNode = work(engine === undefined ? '' : ', by Node', node, 'node', script)
  return engine === undefined ? [byNode] : [work('', engine, 'tsoci-engine'), byNode]
}
