// The completions of bash, zsh and fish, made from the table of flags.

import { signals } from '../linux/signals.ts'
import { type Command, type Flag, globalFlags, type Positional } from './flags.ts'
import { commands } from './options.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script that teaches a shell our commands, flags, their values, and the ids there are. */
export function completionScript(shell: Shell): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell]()
}

const isShown = ({ hidden }: { readonly hidden?: true }) => hidden !== true
const shown = () => commands.filter(isShown)
const flagsOf = (command: Command) => command.flags.filter(isShown)
const shared = () => globalFlags.filter(isShown)
const takesValue = ({ type }: Flag) => type !== 'boolean'

/** A global flag that a command has one of its own for is that command's. */
function allFlags(command: Command): Flag[] {
  const own = flagsOf(command)
  return [...own, ...shared().filter(({ name }) => !own.some((flag) => flag.name === name))]
}

/** What completes a value. */
function kindOf({ value, choices }: Flag): 'choices' | 'files' | 'dirs' | 'none' {
  if (choices !== undefined) return 'choices'
  if (value === 'DIR' || value === 'OTHER') return 'dirs'
  return value === 'FILE' || value === 'PATH' ? 'files' : 'none'
}

const spellings = ({ name, alias }: Flag) =>
  alias === undefined ? [`--${name}`] : [`-${alias}`, `--${name}`]
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

const valuedSpellings = () => [
  ...new Set([...shared(), ...shown().flatMap(flagsOf)].filter(takesValue).flatMap(spellings)),
]

/** What completes an argument that is no flag. */
function argumentKind({ name, choices, offers }: Positional): 'id' | 'dirs' | 'words' | 'files' {
  if (choices !== undefined || offers !== undefined) return 'words'
  if (name === 'id') return 'id'
  return name === 'bundle-dir' ? 'dirs' : 'files'
}

const argumentWords = ({ choices }: Positional) =>
  (choices ?? Object.keys(signals).map((name) => name.replace(/^SIG/, ''))).join(' ')

// bash

function bashScript(): string {
  return `# bash completion of tsoci: eval "$(tsoci completion bash)"

_tsoci_ids() {
	tsoci \${root:+--root "$root"} list --quiet 2>/dev/null
}

_tsoci_value() {
	case "$1 $2" in
${bashValues()}
	*) return 1 ;;
	esac
}

_tsoci() {
	local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
	local command= root= words= arguments=0 i
	COMPREPLY=()
	# --flag=value comes as three words.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=\${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in
		${valuedSpellings().join(' | ')})
			[[ \${COMP_WORDS[i]} == --root ]] && root=\${COMP_WORDS[i + 1]}
			[[ \${COMP_WORDS[i + 1]} == = ]] && ((i++))
			((i++))
			;;
		-* | =) ;;
		*) if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; else ((arguments++)); fi ;;
		esac
	done
	_tsoci_value "$command" "$prev" && return
	case $command in
	'') words=${quote([...shown().map(({ name }) => name), 'help'].join(' '))}
		[[ $cur == -* ]] && words=${quote([...shared().flatMap(spellings), '--help', '--version'].join(' '))} ;;
${shown().map(bashCommand).join('\n')}
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

complete -o default -F _tsoci tsoci
`
}

function bashValues(): string {
  const line = (pattern: string, flag: Flag) => {
    const names = spellings(flag).map((it) => `"${pattern} ${it}"`)
    // The name of the command may be anything for a global flag.
    const patterns = pattern === '*' ? spellings(flag).map((it) => `*" ${it}"`) : names
    return `\t${patterns.join(' | ')}) ${bashValue(flag)} ;;`
  }
  return [
    ...shown().flatMap((command) =>
      flagsOf(command)
        .filter(takesValue)
        .map((flag) => line(command.name, flag)),
    ),
    ...shared()
      .filter(takesValue)
      .map((flag) => line('*', flag)),
  ].join('\n')
}

function bashValue(flag: Flag): string {
  switch (kindOf(flag)) {
    case 'choices':
      return `COMPREPLY=($(compgen -W ${quote(flag.choices!.join(' '))} -- "$cur"))`
    case 'dirs':
      return 'COMPREPLY=($(compgen -d -- "$cur"))'
    case 'files':
      return 'COMPREPLY=($(compgen -f -- "$cur"))'
    default:
      return 'COMPREPLY=()'
  }
}

function bashCommand(command: Command): string {
  const flags = [...allFlags(command).flatMap(spellings), '--help'].join(' ')
  const branches = command.positionals.map((argument, at) => {
    const words = {
      id: '$(_tsoci_ids)',
      dirs: '$(compgen -d -- "$cur")',
      words: argumentWords(argument),
      files: '', // bash's own: -o default
    }[argumentKind(argument)]
    return `\t\telif ((arguments == ${at})); then words="${words}"\n`
  })
  return `	${command.name})
		if [[ $cur == -* ]]; then words=${quote(flags)}
${branches.join('')}\t\tfi ;;`
}

// zsh

function zshScript(): string {
  const list = shown().map(
    ({ name, describe }) => `\t\t${quote(`${name}:${describe.replaceAll(':', '\\:')}`)}`,
  )
  return `#compdef tsoci
# zsh completion of tsoci: source <(tsoci completion zsh)

_tsoci_ids() {
	local -a ids
	root=\${opt_args[--root]:-$root}
	ids=(\${(f)"$(tsoci \${root:+--root} $root list --quiet 2>/dev/null)"})
	compadd -a ids
}

_tsoci() {
	local curcontext=$curcontext state line root
	typeset -A opt_args
	_arguments -C \\
${shared()
  .flatMap(zshFlag)
  .map((word) => `\t\t${word} \\\n`)
  .join('')}\t\t'--help[show the help]' '--version[show the version]' \\
		'(-)1:command:->command' '(-)*::argument:->arguments'
	case $state in
	command)
		local -a commands
		commands=(
${list.join('\n')}
		)
		_describe command commands
		;;
	arguments)
		root=$opt_args[--root] # the flags after the command take the place of these
		case $words[1] in
${shown().map(zshCommand).join('\n')}
		esac
		;;
	esac
}

compdef _tsoci tsoci
`
}

function zshFlag(flag: Flag): string[] {
  const about = flag.describe.replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:')
  const value = (flag.value ?? '').replace(/[[\]:]/g, '')
  const action = {
    choices: `(${flag.choices?.join(' ') ?? ''})`,
    dirs: '_files -/',
    files: '_files',
    none: ' ',
  }[kindOf(flag)]
  const repeats = flag.repeats === true ? '*' : ''
  return spellings(flag).map((name) => {
    const assigns = takesValue(flag) ? (name.startsWith('--') ? '=' : '+') : ''
    const rest = takesValue(flag) ? `:${value}:${action}` : ''
    return quote(`${repeats}${name}${assigns}[${about}]${rest}`)
  })
}

function zshCommand(command: Command): string {
  const words = command.positionals.map((argument, at) => {
    const action = {
      id: '_tsoci_ids',
      dirs: '_files -/',
      words: `(${argumentWords(argument)})`,
      files: '_files',
    }[argumentKind(argument)]
    return quote(`${at + 1}:${argument.name}:${action}`)
  })
  const flags = allFlags(command).flatMap(zshFlag).concat("'--help[show the help]'")
  const all = [...flags, ...words, "'*:argument:_default'"]
  return `\t\t${command.name}) _arguments ${all.join(' \\\n\t\t\t')} ;;`
}

// fish

function fishScript(): string {
  const names = shown().map(({ name }) => name)
  const none = `not ${fishSeen(...names)}`
  return `# fish completion of tsoci: tsoci completion fish | source

function __tsoci_ids
	set -l root (string replace -r -f -- '^--root=' '' (commandline -opc))
	set -l words (commandline -opc)
	set -l at (contains -i -- --root $words)
	and set root $words[(math $at + 1)]
	set -q root[1]
	and set root --root $root[-1]
	tsoci $root list --quiet 2>/dev/null
end

# Is the word that is typed this argument of the command, counted from 0?
function __tsoci_at
	set -l count -2 # tsoci, and the command
	set -l value no
	for word in (commandline -opc)
		if test $value = yes
			set value no
			continue
		end
		switch $word
			case ${valuedSpellings().join(' ')}
				set value yes
			case '-*'
			case '*'
				set count (math $count + 1)
		end
	end
	test $count -eq $argv[1]
end

complete -c tsoci -f
${shown()
  .map(
    ({ name, describe }) =>
      `complete -c tsoci -n ${quote(none)} -a ${name} -d ${fishQuote(describe)}`,
  )
  .join('\n')}
complete -c tsoci -l help -s h -d 'show the help'
${shared()
  .map((flag) => fishFlag(flag, fishOwners(flag)))
  .join('\n')}
${shown().flatMap(fishCommand).join('\n')}
`
}

// Within single quotes fish knows \\' and \\\\ only.
const fishQuote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const fishSeen = (...names: string[]) => `__fish_seen_subcommand_from ${names.join(' ')}`

/** Where a global flag counts: not after a command that has one of that name. */
function fishOwners({ name }: Flag): string {
  const owners = shown().filter(({ flags }) => flags.some((flag) => flag.name === name))
  return owners.length === 0 ? '' : `not ${fishSeen(...owners.map((command) => command.name))}`
}

function fishFlag(flag: Flag, where: string): string {
  const words = ['complete -c tsoci']
  if (where !== '') words.push(`-n ${fishQuote(where)}`)
  words.push(`-l ${flag.name}`)
  if (flag.alias !== undefined) words.push(`-s ${flag.alias}`)
  const kind = kindOf(flag)
  if (takesValue(flag)) words.push(kind === 'files' ? '-r' : '-x')
  if (kind === 'choices') words.push(`-a ${fishQuote(flag.choices!.join(' '))}`)
  if (kind === 'dirs') words.push("-a '(__fish_complete_directories)'")
  if (kind === 'files') words.push('-F')
  return [...words, `-d ${fishQuote(flag.describe)}`].join(' ')
}

function fishCommand(command: Command): string[] {
  const lines = flagsOf(command).map((flag) => fishFlag(flag, fishSeen(command.name)))
  const words = command.positionals.map((argument, at) => {
    const offered = {
      id: "-a '(__tsoci_ids)'",
      dirs: "-a '(__fish_complete_directories)'",
      words: `-a ${fishQuote(argumentWords(argument))}`,
      files: '-F',
    }[argumentKind(argument)]
    return `complete -c tsoci -n '${fishSeen(command.name)}; and __tsoci_at ${at}' ${offered}`
  })
  return [...lines, ...words]
}
