// Makes docs/cli.md from the table of flags.

import { type Command, type Flag, globalFlags } from '../src/cli/flags.ts'
import { commands } from '../src/cli/options.ts'
import { describeUsage } from '../src/cli/words.ts'

/** The generated documents, by their path below the project's directory. */
export function generateDocs(): Map<string, string> {
  return new Map([['docs/cli.md', describeCommandLine()]])
}

function describeCommandLine(): string {
  const shown = commands.filter((command) => command.hidden !== true)
  return [
    '<!-- Made by scripts/generate-docs.ts from src/cli/options.ts: change the table. -->',
    '# Command line',
    '```\ntsoci [global flags] <command> [flags] [arguments]\n```',
    rules,
    describeTable(['Command', 'What it does'], shown.map(describeCommandRow)),
    '## Global flags',
    describeFlags(globalFlags),
    ...shown.flatMap(describeCommand),
    endings,
  ]
    .join('\n\n')
    .concat('\n')
}

const rules = [
  'Flags may stand before or after the arguments, global flags before or after the command too.',
  'A value follows after a space or after `=`; `--debug=false` switches a flag off; one hyphen',
  'before a long name is taken as well. `--` ends the flags. An unknown flag or command is an error.',
  'Paths are taken from the working directory. The column "Sent by" names callers that pass a flag.',
].join('\n')

const endings = [
  '## Exit codes and messages',
  '',
  '`run` ends with the exit code of the container: its own, or 128 and the number of the signal that',
  'ended it. Everything else ends with 0, or with 1 after an error.',
  '',
  'An error is one line on standard error, `error: cannot do what on which object: why`, and a second',
  'one, `hint: what to change`. With `--log FILE` it is appended to FILE as exactly one line:',
  '',
  '```',
  '{"level":"error","msg":"container does not exist","time":"2026-01-31T12:00:00.000Z"}',
  'time="2026-01-31T12:00:00.000Z" level=error msg="container does not exist"',
  '```',
  '',
  'The first form is that of `--log-format json`. Warnings go to the file with `--debug` only, since',
  'callers read it as one JSON object.',
].join('\n')

function describeCommandRow(command: Command): string[] {
  return [`[\`${command.name}\`](#${command.name})`, command.describe]
}

function describeCommand(command: Command): string[] {
  const parts = [
    `## ${command.name}`,
    `\`\`\`\n${describeUsage(command)}\n\`\`\``,
    `${command.describe.charAt(0).toUpperCase()}${command.describe.slice(1)}.`,
  ]
  if (command.positionals.length > 0) {
    const rows = command.positionals.map((it) => [`\`${it.name}\``, it.describe])
    parts.push(describeTable(['Argument', 'Meaning'], rows))
  }
  if (command.flags.length > 0) parts.push(describeFlags(command.flags))
  return parts
}

function describeFlags(flags: readonly Flag[]): string {
  return describeTable(
    ['Flag', 'Meaning', 'Sent by'],
    flags.map((flag) => [
      describeFlagName(flag),
      describeFlagMeaning(flag),
      flag.callers?.join(', ') ?? '',
    ]),
  )
}

function describeFlagName(flag: Flag): string {
  const short = flag.alias === undefined ? '' : `-${flag.alias}, `
  const value = flag.value === undefined ? '' : ` ${flag.value}`
  return `\`${short}--${flag.name}${value}\``
}

function describeFlagMeaning(flag: Flag): string {
  const choices =
    flag.choices === undefined ? '' : `; ${flag.choices.map((it) => `\`${it}\``).join(', ')}`
  const standard = flag.default === undefined ? '' : `; default \`${flag.default}\``
  return `${flag.describe}${choices}${standard}`
}

// Columns aligned, as the formatter wants them.
function describeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, at) => Math.max(3, ...cells.map((row) => row[at]!.length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  return [cells[0]!, rule, ...cells.slice(1)].map(line).join('\n')
}
