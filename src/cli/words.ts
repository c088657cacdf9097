// Reads the words of a command line as runc's callers write them, and checks them by the table.

import { TsociError } from '../errors.ts'
import { cut } from '../spec/problem.ts'
import { similarWord } from '../spec/similar.ts'
import { ownName } from './as-runc.ts'
import { type Command, type Flag, globalFlags, type Positional } from './flags.ts'
import { commands } from './options.ts'

/** A flag as it was given: `true` or `false` for a boolean, checked digits for a number. */
export interface GivenFlag {
  readonly flag: Flag
  readonly value: string
}

/** A command line, checked. */
export interface CommandLine {
  /** Undefined when there is none, as in `tsoci --version`. */
  readonly command: Command | undefined
  /** In the order of the line; the last of one name counts. */
  readonly flags: readonly GivenFlag[]
  /** The words that are no flags, after the verb. */
  readonly args: readonly string[]
  /** What followed the positionals of a command with `rest`. */
  readonly rest: readonly string[]
  readonly wants: 'help' | 'version' | 'command'
}

const helpFlag: Flag = { name: 'help', alias: 'h', type: 'boolean', describe: 'show this help' }
const versionFlag: Flag = {
  name: 'version',
  alias: 'v',
  type: 'boolean',
  describe: 'show the version',
}

// What Go's flag package takes for a boolean.
const GO_TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True']
const GO_FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False']

/**
 * Reads a command line as Go's flag package does, which callers write for: a flag takes the next
 * word whatever it looks like, a boolean never does, and `-no-subreaper` is a long flag.
 *
 * `flags` fills as the line is read: when it turns out wrong, --log is known already.
 */
export function readWords(argv: readonly string[], flags: GivenFlag[] = []): CommandLine {
  const rest = [...argv]
  const args: string[] = []
  let command: Command | undefined
  let wants: CommandLine['wants'] = 'command'

  while (rest.length > 0) {
    const word = rest.shift()!
    if (word === '--' && command?.flagsBeforeRest === true) {
      break
    } else if (
      command?.flagsBeforeRest === true &&
      !word.startsWith('-') &&
      isFull(command, args)
    ) {
      rest.unshift(word)
      break
    } else if (word === '--') {
      args.push(...rest.splice(0))
    } else if (word.startsWith('-') && word !== '-') {
      for (const given of readFlag(word, rest, command)) {
        if (given.flag !== helpFlag && given.flag !== versionFlag) flags.push(given)
        else if (given.value === 'true') wants = given.flag === helpFlag ? 'help' : 'version'
      }
    } else if (command === undefined && word === 'help') {
      wants = 'help'
    } else if (command === undefined) {
      command = findCommand(word, rest)
    } else {
      args.push(word)
      if (command.rest !== undefined && !command.flagsBeforeRest && isFull(command, args)) break
    }
  }
  if (command !== undefined && wants === 'command') checkArguments(command, args)
  if (rest[0] === '--') rest.shift()
  return { command, flags, args, rest, wants }
}

const isFull = ({ positionals }: Command, args: readonly string[]) =>
  args.length === positionals.length

// A word that starts with a hyphen; more than one flag in `-aq`.
function readFlag(word: string, rest: string[], command: Command | undefined): GivenFlag[] {
  const flags = [
    ...(command?.flags ?? [versionFlag]), // first: `spec --rootless` is not the global --rootless
    ...globalFlags,
    helpFlag,
  ]
  const equals = word.indexOf('=')
  const end = equals < 0 ? word.length : equals
  const name = word.slice(word.startsWith('--') ? 2 : 1, end)
  const given = equals < 0 ? undefined : word.slice(equals + 1)

  const long = flags.find((flag) => flag.name === name)
  if (long !== undefined) {
    return [{ flag: long, value: readValue(long, `--${name}`, given, rest) }]
  }
  // As crun, which is made by GNU's rules, has them.
  if (name === '?' || name === 'usage') return [{ flag: helpFlag, value: 'true' }]
  if (word === '-V' && command === undefined) return [{ flag: versionFlag, value: 'true' }]
  if (word.startsWith('--') || name === '') throw unknownFlag(word.slice(0, end), command, flags)

  const found: GivenFlag[] = []
  for (let at = 1; at < end; at++) {
    const flag = flags.find((it) => it.alias === word[at])
    if (flag === undefined) throw unknownFlag(word.slice(0, end), command, flags)
    if (flag.type === 'boolean' && at + 1 < end) {
      found.push({ flag, value: 'true' })
      continue
    }
    // The letters after a flag that takes a value are its value: -bDIR.
    const attached = word.slice(at + 1)
    const value = attached === '' ? undefined : attached.replace(/^=/, '')
    found.push({ flag, value: readValue(flag, `-${word[at]}`, value, rest) })
    break
  }
  return found
}

function readValue(flag: Flag, spelled: string, given: string | undefined, rest: string[]): string {
  if (flag.type === 'boolean') return readBoolean(spelled, given ?? 'true')
  // --rootless and --rootless=true are the same to those who send it.
  if (flag.choices?.includes('auto') && given === undefined && !flag.choices.includes(rest[0]!)) {
    return 'true'
  }
  const value = given ?? rest.shift()
  if (value === undefined) {
    throw new TsociError(
      'BAD_USAGE',
      `flag needs an argument: ${spelled} ${flag.value ?? ''}`.trim(),
    )
  }
  if (flag.type === 'number' && !/^\d{1,9}$/.test(value)) {
    throw new TsociError('BAD_USAGE', `${spelled} "${cut(value)}": not a whole number`)
  }
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw new TsociError('BAD_USAGE', `${spelled} "${cut(value)}": expected ${list(flag.choices)}`)
  }
  return value
}

function readBoolean(spelled: string, value: string): string {
  if (GO_TRUE.includes(value)) return 'true'
  if (GO_FALSE.includes(value)) return 'false'
  throw new TsociError('BAD_USAGE', `${spelled} "${cut(value)}": expected true or false`)
}

function findCommand(name: string, rest: readonly string[]): Command {
  const found = commands.find((command) => command.name === name)
  if (found !== undefined) return found
  const wantsHelp = rest.some((word) => word === '-h' || word === '--help')
  const near = similarWord(
    name,
    commands.filter((command) => command.hidden !== true).map((command) => command.name),
  )
  const message = wantsHelp ? `No help topic for '${cut(name)}'` : `unknown command "${cut(name)}"`
  throw new TsociError('BAD_USAGE', message, {
    hint: near === undefined ? `${ownName()} --help lists the commands` : `did you mean "${near}"?`,
  })
}

function unknownFlag(
  word: string,
  command: Command | undefined,
  flags: readonly Flag[],
): TsociError {
  const near = similarWord(
    word.replace(/^-+/, ''),
    flags.map((flag) => flag.name),
  )
  const verb = command === undefined ? '' : `${command.name}: `
  const help = `${ownName()} ${command === undefined ? '' : `${command.name} `}--help lists the flags`
  return new TsociError('BAD_USAGE', `${verb}unknown flag "${cut(word.split('=')[0]!)}"`, {
    hint: near === undefined ? help : `did you mean "--${near}"?`,
  })
}

function checkArguments(command: Command, args: readonly string[]): void {
  // Empty is as not given, see Arguments.text(); but an id that came out empty is nobody's choice.
  const missing = command.positionals.find(({ name, optional }, at) =>
    optional === true ? name === 'id' && args[at] === '' : !args[at],
  )
  if (missing !== undefined) {
    throw new TsociError('BAD_USAGE', `${command.name}: missing argument <${missing.name}>`, {
      hint: describeUsage(command),
    })
  }
  command.positionals.forEach(({ name, choices }, at) => {
    const value = args[at]
    if (choices === undefined || value === undefined || choices.includes(value)) return
    throw new TsociError(
      'BAD_USAGE',
      `${command.name}: ${name} "${cut(value)}": expected ${list(choices)}`,
    )
  })
  const extra = args[command.positionals.length]
  if (extra !== undefined) {
    throw new TsociError('BAD_USAGE', `${command.name}: unexpected argument "${cut(extra)}"`, {
      hint: describeUsage(command),
    })
  }
}

/** One line: the verb and its arguments. */
export function describeUsage(command: Command): string {
  const flags = command.flags.some((flag) => flag.hidden !== true) ? ['[flags]'] : []
  return [ownName(), command.name, ...flags, ...command.positionals.map(describePositional)].join(
    ' ',
  )
}

/** A positional as a usage line shows it. */
export function describePositional(positional: Positional): string {
  return positional.optional === true ? `[${positional.name}]` : `<${positional.name}>`
}

function list(words: readonly string[]): string {
  return words.length < 2
    ? words.join()
    : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
}
