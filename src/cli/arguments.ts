// The values of a command line, as the commands ask for them.

import type { Log } from '../log.ts'
import { pathOfCaller } from './caller.ts'
import { globalFlags } from './flags.ts'
import type { CommandLine } from './words.ts'

/** What a command was given: flags and positionals by name. */
export class Arguments {
  readonly log: Log
  /** The words after the positionals, for a command with `rest`. */
  readonly rest: readonly string[]
  readonly #line: CommandLine
  readonly #values: ReadonlyMap<string, string>

  constructor(line: CommandLine, log: Log) {
    this.#values = collectValues(line)
    this.rest = line.rest
    this.#line = line
    this.log = log
  }

  /** Is a boolean flag set? */
  has(name: string): boolean {
    return this.#values.get(name) === 'true'
  }

  /** Text of a flag or positional. Empty is as not given: callers pass on unset variables. */
  text(name: string): string | undefined {
    return this.#values.get(name) || undefined
  }

  /** Every text that a flag was given, in order. */
  texts(name: string): string[] {
    return this.#line.flags.filter(({ flag }) => flag.name === name).map(({ value }) => value)
  }

  number(name: string): number | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : Number(value)
  }

  /** A flag that names a file, as an absolute path. */
  path(name: string): string | undefined {
    const value = this.text(name)
    return value === undefined ? undefined : pathOfCaller(value)
  }
}

// Defaults first, then what was given: the last of one name counts.
function collectValues({ command, flags, args }: CommandLine): Map<string, string> {
  const values = new Map<string, string>()
  const own = command?.flags ?? []
  for (const flag of [...globalFlags, ...own]) {
    values.delete(flag.name) // the command's own flag hides a global one of its name
    if (flag.default !== undefined) values.set(flag.name, String(flag.default))
  }
  for (const { flag, value } of flags) {
    const isHidden = own.some((it) => it !== flag && it.name === flag.name)
    if (!isHidden) values.set(flag.name, value)
  }
  command?.positionals.forEach(({ name }, at) => {
    const value = args[at]
    if (value !== undefined) values.set(name, value)
  })
  return values
}
