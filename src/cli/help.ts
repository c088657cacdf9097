// The help texts, laid out by yargs. Only here is it loaded: its modules take longer than a create.

import yargs from 'yargs'
import { ownName } from './as-runc.ts'
import { type Command, type Flag, globalFlags } from './flags.ts'
import { commands } from './options.ts'
import { describeUsage } from './words.ts'

/** The help text of a command, or of tsoci. */
export function describeHelp(command: Command | undefined): Promise<string> {
  const parser = yargs([])
    .scriptName(ownName())
    .detectLocale(false)
    .version(false)
    .help(false)
    .wrap(100)
  if (command === undefined) {
    parser.usage(
      headings('tsoci, with the command line of runc - Open Container Initiative runtime', [
        `${ownName()} [global flags] <command> [flags] [arguments]`,
      ]),
    )
    for (const { name, describe, hidden } of commands) {
      if (hidden !== true) parser.command(name, describe)
    }
    parser.epilogue(`${ownName()} <command> --help shows the flags of a command.`)
  } else {
    const { name, describe, rest } = command
    const usage = `${describeUsage(command)}${rest === undefined ? '' : ` [${rest}...]`}`
    parser.usage(headings(`${ownName()} ${name} - ${describe}`, [usage]))
    parser.options(yargsOptions(command.flags, 'Flags:'))
    if (command.positionals.length > 0) parser.epilogue(describePositionals(command))
  }
  const own = command?.flags.map((flag) => flag.name) ?? []
  const shared = globalFlags.filter((flag) => !own.includes(flag.name))
  return parser.options(yargsOptions(shared, 'Global flags:')).getHelp()
}

/** NAME and USAGE as the peers head them: tests and scripts look for these. */
function headings(name: string, usage: readonly string[]): string {
  return ['NAME:', `   ${name}`, '', 'USAGE:', ...usage.map((line) => `   ${line}`)].join('\n')
}

function describePositionals({ positionals }: Command): string {
  const width = Math.max(...positionals.map(({ name }) => name.length))
  const lines = positionals.map(({ name, describe }) => `  ${name.padEnd(width)}  ${describe}`)
  return ['Arguments:', ...lines].join('\n')
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
