import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { completionScript, SHELLS, type Shell } from '../../src/cli/completion-script.ts'
import { commands } from '../../src/cli/options.ts'
import { makeTempDir } from './tsoci.ts'

const isThere = (program: string) =>
  spawnSync(program, ['-c', ':'], { stdio: 'ignore' }).error === undefined

for (const shell of SHELLS) {
  const skip = isThere(shell) ? false : `${shell} is not installed`
  test(`completionScript() for ${shell} is a script that it can read`, { skip }, (t) => {
    const file = join(makeTempDir(t), 'script')
    writeFileSync(file, completionScript(shell))
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  })

  test(`completionScript() for ${shell} has every command and flag that is shown`, () => {
    const script = completionScript(shell)
    const shown = commands.filter(({ hidden }) => hidden !== true)
    for (const { name, flags } of shown) {
      assert.ok(script.includes(name), name)
      for (const flag of flags) {
        if (flag.hidden !== true) assert.ok(script.includes(flag.name), `${name} --${flag.name}`)
      }
    }
  })
}

// `tsoci list` answers with two ids and its own arguments.
const POSIX_TSOCI = 'tsoci() { echo web-1; echo db-1; [ "$1" = --root ] && echo "in-$2"; }'
const FISH_TSOCI =
  'function tsoci; echo web-1; echo db-1; test "$argv[1]" = --root; and echo in-$argv[2]; end'

/** What a shell offers for the last word of a line. */
const offers: Record<Shell, (line: string, t: TestContext) => string> = {
  bash: (line) => {
    const script = `
      ${POSIX_TSOCI}
      ${completionScript('bash')}
      COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _tsoci
      printf '%s\\n' "\${COMPREPLY[@]}"`
    // The shell itself takes = for a word of its own.
    const words = line.replace('=', ' = ').split(' ')
    return ask('bash', ['-c', script, 'bash', ...words])
  },
  // Only its line editor completes: in a terminal, with what is offered written down.
  zsh: (line, t) => {
    const dir = makeTempDir(t)
    writeFileSync(join(dir, 'completion'), completionScript('zsh'))
    writeFileSync(join(dir, 'offers'), '')
    writeFileSync(
      join(dir, '.zshrc'),
      `autoload -Uz compinit; compinit -D -u
      ${POSIX_TSOCI}
      source $ZDOTDIR/completion
      compadd() {
        if ((\${@[(I)-[OAD]]} == 0)); then
          local -a offered
          builtin compadd -O offered "$@"
          print -rl -- $offered >>$ZDOTDIR/offers
        fi
        builtin compadd "$@"
      }
      complete_and_exit() { BUFFER=$LINE CURSOR=$#LINE; zle list-choices; exit }
      zle -N zle-line-init complete_and_exit`,
    )
    const terminal = 'zmodload zsh/zpty; zpty box zsh -d -i; while zpty -r box; do :; done'
    ask('zsh', ['-f', '-c', terminal], { LINE: line, ZDOTDIR: dir, TERM: 'xterm' })
    return readFileSync(join(dir, 'offers'), 'utf8')
  },
  fish: (line) => {
    const script = `${FISH_TSOCI}\n${completionScript('fish')}\ncomplete --do-complete $argv[1]`
    const lines = ask('fish', ['--no-config', '--command', script, line]).split('\n')
    return lines.map((it) => it.split('\t')[0]!.replace(/^--format=/, '')).join('\n')
  },
}

function ask(shell: Shell, args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: 20_000,
  })
  assert.equal(status, 0, stderr)
  return stdout
}

const cases: [why: string, line: string, offers: string[]][] = [
  ['commands', 'crea', ['create']],
  ['global flags before a command', '--log-f', ['--log-format']],
  ['flags of the command', 'create --con', ['--config', '--console-socket']],
  ['global flags after the command', 'delete --log-l', ['--log-level']],
  ['ids', 'start we', ['web-1']],
  ['ids below the root that is given', '--root r start in', ['in-r']],
  ['ids below the root that is given after the command', 'start --root r in', ['in-r']],
  ['the choices of a flag', 'list --format ', ['json', 'table']],
  ['the choices of a flag after =', 'list --format=j', ['json']],
  ['the choices of a global flag', 'list --log-format t', ['text']],
  ['directories', 'create --bundle /et', ['etc']],
  ['the choices of an argument', 'completion b', ['bash']],
  ['signals', 'kill --all web-1 TER', ['TERM']],
  ['what to do, and ids after it', 'mounts a', ['add']],
  ['ids of a second argument', 'mounts --root r add in', ['in-r']],
  ['nothing of tsoci within a command to execute', 'exec web-1 we', []],
]
for (const shell of SHELLS) {
  const skip = isThere(shell) ? false : `${shell} is not installed`
  for (const [why, line, expected] of cases) {
    test(`${shell} is offered ${why}`, { skip }, (t) => {
      const words = offers[shell](`tsoci ${line}`, t)
        .split('\n')
        .map((word) => word.replaceAll('/', '').trim())
        .filter(Boolean)
      assert.deepEqual([...new Set(words)].sort(), expected)
    })
  }
}
