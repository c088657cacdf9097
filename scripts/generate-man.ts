// Makes the manual pages from the table of flags: one of tsoci, one of each command.

import { type Command, type Flag, globalFlags } from '../src/cli/flags.ts'
import { commands } from '../src/cli/options.ts'
import { describeUsage } from '../src/cli/words.ts'

const SECTION = 8

/** The pages by file name. */
export function manPages(version: string): Map<string, string> {
  const shown = commands.filter((command) => command.hidden !== true)
  return new Map([
    [`tsoci.${SECTION}`, mainPage(shown, version)],
    ...shown.map((command): [string, string] => [
      `tsoci-${command.name}.${SECTION}`,
      commandPage(command, version),
    ]),
  ])
}

function mainPage(shown: readonly Command[], version: string): string {
  return page('tsoci', version, [
    ['NAME', 'tsoci \\- Open Container Initiative runtime'],
    ['SYNOPSIS', bold('tsoci') + roff(' [global flags] <command> [flags] [arguments]')],
    [
      'DESCRIPTION',
      roff(
        'Makes and runs containers as the OCI runtime specification has it, from a bundle: a ' +
          'directory with a config.json and a root file system. Container engines call it; people ' +
          'can as well.',
      ),
    ],
    ['COMMANDS', shown.map(({ name, describe }) => term(bold(name), describe)).join('\n')],
    ['GLOBAL FLAGS', globalFlags.filter(isShown).map(describeFlag).join('\n')],
    [
      'EXIT STATUS',
      roff(
        '0 on success, 1 after an error, which standard error tells. run and exec end as the ' +
          'process of the container did: with its code, or 128 and the number of the signal.',
      ),
    ],
    ['SEE ALSO', shown.map(({ name }) => reference(`tsoci-${name}`)).join(',\n')],
  ])
}

function commandPage(command: Command, version: string): string {
  const name = `tsoci-${command.name}`
  const rest = command.rest === undefined ? '' : ` [${command.rest}...]`
  const flags = command.flags.filter(isShown)
  const sections: [string, string][] = [
    ['NAME', `${roff(name)} \\- ${roff(command.describe)}`],
    ['SYNOPSIS', roff(describeUsage(command) + rest)],
  ]
  if (command.positionals.length > 0) {
    const terms = command.positionals.map((it) => term(`\\fI${roff(it.name)}\\fR`, it.describe))
    sections.push(['ARGUMENTS', terms.join('\n')])
  }
  if (flags.length > 0) sections.push(['FLAGS', flags.map(describeFlag).join('\n')])
  sections.push(['SEE ALSO', `${reference('tsoci')}, which has the global flags`])
  return page(name, version, sections)
}

const isShown = ({ hidden }: Flag) => hidden !== true

function page(
  name: string,
  version: string,
  sections: readonly (readonly [string, string])[],
): string {
  const head = `.TH ${name.toUpperCase().replaceAll('-', '\\-')} ${SECTION} "" "tsoci ${version}"`
  return `${[head, ...sections.map(([title, body]) => `.SH ${title}\n${body}`)].join('\n')}\n`
}

function describeFlag(flag: Flag): string {
  const value = flag.value === undefined ? '' : ` \\fI${roff(flag.value)}\\fR`
  const names = flag.alias === undefined ? [`--${flag.name}`] : [`-${flag.alias}`, `--${flag.name}`]
  const choices = flag.choices === undefined ? '' : `; one of ${flag.choices.join(', ')}`
  const standard = flag.default === undefined ? '' : `; default ${flag.default}`
  return term(names.map(bold).join(', ') + value, `${flag.describe}${choices}${standard}`)
}

const term = (head: string, text: string) => `.TP\n${head}\n${roff(text)}`
const bold = (text: string) => `\\fB${roff(text)}\\fR`
const reference = (name: string) => `${bold(name)}(${SECTION})`

// A dot or quote at the start of a line would be a request, and a bare hyphen a typographic one.
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
}
