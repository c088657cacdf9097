// What is measured: the commands of one round, for each runtime.

import { commands } from '../../src/cli/options.ts'
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
  readonly bundles: { readonly true: string; readonly sleep: string }
  readonly scratch: string
  /** dist/main.js, and the engine that runs it. */
  readonly script: string
  readonly engine: string
  /** A plan of `run` for bundles.true and `planId`, as the front door would hand it over. */
  readonly plan: string
  readonly planId: string
}

const id = `bench-${process.pid}`

export function listWorks({ bundles, scratch, script, engine, plan, planId }: Places): Work[] {
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
  const run = (runtime: Runtime, ...flags: string[]) => [
    line('time', runtime, 'run', '--bundle', bundles.true, ...flags, id),
  ]
  const whole = (runtime: Runtime, ...flags: string[]) => [
    make('time', runtime, bundles.true, ...flags),
    line('time', runtime, 'start', id),
    ended(runtime),
    line('time', runtime, 'delete', id),
  ]

  const works: Work[] = [
    { name: 'run, first sight', lines: (it) => run(it, ...first(it)) },
    { name: 'run, seen before', lines: (it) => run(it) },
    {
      name: 'run, executor alone',
      lines: (it) =>
        it.name !== 'tsoci'
          ? run(it)
          : [['time', it.name, plan, it.program, 'tsoci:launch', '3', '-1']],
    },
    {
      name: 'compile stage alone',
      lines: (it) => {
        if (it.name !== 'tsoci') return undefined
        const args = ['--root', it.root, 'run', '--bundle', bundles.true, planId]
        return [['time', it.name, `${plan}.again`, engine, 'node', script, ...args]]
      },
      env: { TSOCI_PLAN_FD: '3' },
    },
    { name: 'create + start + delete, first sight', lines: (it) => whole(it, ...first(it)) },
    { name: 'create + start + delete, seen before', lines: (it) => whole(it) },
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
