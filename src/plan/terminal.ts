// Plans the terminal: a pty of the container's own devpts, its master to whoever asked.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { slot, text } from './text.ts'

/** Does the parent keep the master and relay it? */
function isForeground(options: PlanOptions): boolean {
  return options.verb === 'run' && !options.detach
}

const RELAY: Step = { op: 'caller-terminal', at: '/process/terminal' }

/**
 * Prepare, before anything is made. The end of a pipe could not be passed on: a terminal has none, and
 * the character that stands for it is lost on a program that changes its terminal meanwhile.
 */
export function planCallerTerminal(config: Config, options: PlanOptions): Step[] {
  const relays = config.process?.terminal === true && isForeground(options)
  return relays && !options.hasConsoleSocket ? [RELAY] : []
}

/** Prepare: the console socket, and the rules about it. */
export function planConsoleSocket(config: Config, options: PlanOptions): Step[] {
  const terminal = config.process?.terminal === true
  if (options.hasConsoleSocket && !terminal) {
    throw new TsociError('BAD_USAGE', 'cannot use a console socket: process.terminal is not true', {
      hint: 'set process.terminal in config.json, or leave out --console-socket',
    })
  }
  if (options.hasConsoleSocket && isForeground(options)) {
    throw new TsociError('BAD_USAGE', 'cannot use a console socket in the foreground', {
      hint: 'add --detach, or leave out --console-socket',
    })
  }
  if (terminal && !options.hasConsoleSocket && !isForeground(options)) {
    throw new TsociError(
      'BAD_USAGE',
      'cannot allocate tty if tsoci will detach without a console socket',
      {
        hint: 'add --console-socket PATH, or set process.terminal to false',
      },
    )
  }
  return options.hasConsoleSocket ? [CONNECT] : []
}

const CONNECT: Step = { op: 'console-connect', path: text`${slot('console-socket')}` }
const RECEIVE: Step = { op: 'console-receive', at: '/process/terminal' }

/** Both ways that a terminal of an exec may take; its command line chooses. */
export const anyConsole: { connect: readonly Step[]; receive: readonly Step[] } = {
  connect: [RELAY, CONNECT],
  receive: [RECEIVE],
}

function consoleFlags(config: Config): number {
  if (makesNamespace(config, 'mount')) return STEP_FLAGS.CONSOLE_BIND
  return hasNamespace(config, 'mount') ? 0 : STEP_FLAGS.CONSOLE_OF_HOST
}

/** Child: the pty, once /dev/pts is mounted. A process of `exec` leaves /dev/console alone. */
export function planConsole(config: Config, flags: number = consoleFlags(config)): Step[] {
  const { process } = config
  if (process?.terminal !== true) return []
  return [
    {
      op: 'console',
      at: '/process/terminal',
      rows: process.consoleSize?.height ?? 0,
      columns: process.consoleSize?.width ?? 0,
      flags,
    },
  ]
}

/** Parent: takes the master when no socket does. */
export function planConsoleReceive(config: Config, options: PlanOptions): Step[] {
  if (config.process?.terminal !== true || options.hasConsoleSocket) return []
  return [RECEIVE]
}
