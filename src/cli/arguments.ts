// The values of a command line, as the commands ask for them.

import { resolve } from 'node:path'
import yargs from 'yargs'
import type { Log } from '../log.ts'
import { callerCwd } from './caller.ts'
import { type Command, commands, type Flag, globalFlags } from './options.ts'
import { type CommandLine, describePositional, describeUsage } from './words.ts'

/** What a command was given: flags and positionals by name. */
export class Arguments {
  readonly log: Log
  /** The words after the verb, for a command with `raw`. */
  readonly raw: readonly string[]
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>, raw: readonly string[], log: Log) {
    this.#values = values
    this.raw = raw
    this.log = log
  }

  /** Is a boolean flag set? */
  has(name: string): boolean {
    return this.#values[name] === true
  }

  /** Text of a flag or positional. Empty is as not given: callers pass on unset variables. */
  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  number(name: string): number | undefined {
    const value = this.#values[name]
    return typeof value === 'number' ? value : undefined
  }

  /** A flag that names a file, as an absolute path. */
  path(name: string): string | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : resolve(callerCwd(), value)
  }
}

/** Values of a checked command line. */
export function parseArguments(line: CommandLine, log: Log): Arguments {
  if (line.command === undefined || line.command.raw === true) {
    return new Arguments({}, line.raw, log)
  }
  const words = [line.command.name, ...line.words]
  return new Arguments(configure(words, line.command).parseSync(), [], log)
}

/** The help text of a command, or of tsoci. */
export function describeHelp(command: Command | undefined): Promise<string> {
  return configure([], command).getHelp()
}

function configure(words: readonly string[], command: Command | undefined) {
  const parser = yargs([...words])
    .scriptName('tsoci')
    .parserConfiguration({
      'boolean-negation': false, // --no-pivot is a name, not pivot=false
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-numbers': false, // an id may be 007
      'parse-positional-numbers': false,
    })
    .detectLocale(false)
    .exitProcess(false)
    .version(false)
    .help(false)
    .wrap(100)
    .showHelpOnFail(false)
  if (command === undefined) {
    parser.usage('tsoci [global flags] <command> [flags] [arguments]')
    for (const { name, describe, hidden } of commands) {
      if (hidden !== true) parser.command(name, describe)
    }
    parser.epilogue('tsoci <command> --help shows the flags of a command.')
  } else {
    const positionals = command.positionals.map(describePositional)
    parser.usage(`${describeUsage(command)}\n\n${command.describe}`)
    parser.options(yargsOptions(command.flags, 'Flags:'))
    parser.command([command.name, ...positionals].join(' '), false, (builder) => {
      for (const { name, describe } of command.positionals) {
        builder.positional(name, { type: 'string', describe })
      }
      return builder
    })
    const arguments_ = command.positionals.map(({ name, describe }) => `  ${name}  ${describe}`)
    if (arguments_.length > 0) parser.epilogue(['Arguments:', ...arguments_].join('\n'))
  }
  const own = command?.flags.map((flag) => flag.name) ?? []
  const shared = globalFlags.filter((flag) => !own.includes(flag.name))
  return parser.options(yargsOptions(shared, 'Global flags:'))
}

function yargsOptions(flags: readonly Flag[], group: string) {
  return Object.fromEntries(
    flags.map((flag) => [
      flag.name,
      {
        type: flag.type,
        describe: flag.value === undefined ? flag.describe : `${flag.value}: ${flag.describe}`,
        group,
        requiresArg: flag.type !== 'boolean',
        ...(flag.alias === undefined ? {} : { alias: flag.alias }),
        ...(flag.choices === undefined ? {} : { choices: flag.choices }),
        ...(flag.default === undefined ? {} : { default: flag.default }),
        ...(flag.hidden === undefined ? {} : { hidden: flag.hidden }),
      },
    ]),
  )
}
