// The command line: reads the words, runs one verb, and alone prints errors.

import { TsociError } from '../errors.ts'
import { Log } from '../log.ts'
import { Arguments } from './arguments.ts'
import { describeRuncError, isRunc } from './as-runc.ts'
import { openLog } from './open-log.ts'
import { print } from './print.ts'
import { type GivenFlag, readWords } from './words.ts'

/** What the module of a verb exports as `run`; resolves to the exit code. */
type Verb = (args: Arguments) => Promise<number>

// Loaded when asked for: a verb pays for no module but its own.
const verbs: Readonly<Record<string, () => Promise<{ run: Verb }>>> = {
  create: () => import('./create.ts'),
  start: () => import('./start.ts'),
  run: () => import('./run.ts'),
  state: () => import('./state.ts'),
  kill: () => import('./kill.ts'),
  delete: () => import('./delete.ts'),
  exec: () => import('./exec.ts'),
  ps: () => import('./ps.ts'),
  pause: () => import('./pause.ts'),
  resume: () => import('./resume.ts'),
  update: () => import('./update.ts'),
  mounts: () => import('./mounts.ts'),
  events: () => import('./events.ts'),
  enter: () => import('./enter.ts'),
  ns: () => import('./ns.ts'),
  checkpoint: () => import('./checkpoint.ts'),
  restore: () => import('./restore.ts'),
  list: () => import('./list.ts'),
  unpack: () => import('./unpack.ts'),
  spec: () => import('./spec.ts'),
  check: () => import('./check.ts'),
  validate: () => import('./validate.ts'),
  plan: () => import('./plan.ts'),
  features: () => import('./features.ts'),
  doctor: () => import('./doctor.ts'),
  trace: () => import('./trace.ts'),
  'install-check': () => import('./install-check.ts'),
  completion: () => import('./completion.ts'),
}

/** Runs a command line and resolves to the exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const flags: GivenFlag[] = []
  let log: Log | undefined
  let failed = 1
  let verb: string | undefined
  try {
    const line = readWords(argv, flags)
    verb = line.command?.name
    // What exec runs may end with 1 itself: engines know our own failures by 255.
    if (verb === 'exec') failed = 255
    log = openLog(flags)
    if (line.wants === 'version') {
      const { describeVersion } = await import('./version.ts')
      print(describeVersion())
      return 0
    }
    if (line.wants === 'help' || line.command === undefined) {
      const { describeHelp } = await import('./help.ts')
      print(`${await describeHelp(line.command)}\n`)
      return 0
    }
    const args = new Arguments(line, log)
    if (process.env.TSOCI_FAILURE_FD !== undefined) {
      const { throwFailure } = await import('./explain.ts')
      throwFailure(line.command.name, args)
    }
    const { run } = await verbs[line.command.name]!()
    return await run(args)
  } catch (error) {
    // Whoever has sent the signal knows.
    if (error instanceof TsociError && error.code === 'ABORTED') return failed
    log ??= openLogOrGiveUp(flags)
    log.error(isRunc() ? describeRuncError(verb, error) : error)
    return failed
  } finally {
    log?.close()
  }
}

// The log itself may be what is wrong; standard error is always there.
function openLogOrGiveUp(flags: readonly GivenFlag[]): Log {
  try {
    return openLog(flags)
  } catch {
    return new Log()
  }
}
