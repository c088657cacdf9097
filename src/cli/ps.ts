// tsoci ps: lists the processes of a container.

import { spawnSync } from 'node:child_process'
import { TsociError } from '../errors.ts'
import { processes } from '../runtime/processes.ts'
import type { Arguments } from './arguments.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const pids = processes(args.text('id')!, { root: args.path('root') })
  if (args.text('format') === 'json') {
    print(`${JSON.stringify(pids)}\n`)
    return 0
  }
  const options = args.rest.length === 0 ? ['-ef'] : [...args.rest]
  const { status, stdout, stderr, error } = spawnSync('ps', options, { encoding: 'utf8' })
  if (status !== 0) {
    throw new TsociError('BAD_USAGE', `ps ${options.join(' ')}: ${error?.message ?? stderr.trim()}`)
  }
  print(selectLines(stdout, pids))
  return 0
}

/** The heading of ps and the lines of these pids. */
export function selectLines(output: string, pids: readonly number[]): string {
  const [heading = '', ...lines] = output.split('\n')
  const column = heading.trim().split(/\s+/).indexOf('PID')
  if (column < 0) {
    throw new TsociError('BAD_USAGE', 'ps prints no PID column', {
      hint: 'give options of ps that print one, as -ef does',
    })
  }
  const wanted = new Set(pids)
  const own = lines.filter((line) => wanted.has(Number(line.trim().split(/\s+/)[column])))
  return [heading, ...own, ''].join('\n')
}
