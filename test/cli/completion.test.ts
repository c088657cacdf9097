import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { completionScript, SHELLS } from '../../src/cli/completion-script.ts'
import { commands } from '../../src/cli/options.ts'

const isThere = (program: string) =>
  spawnSync(program, ['-c', ':'], { stdio: 'ignore' }).error === undefined

for (const shell of SHELLS) {
  const skip = isThere(shell) ? false : `${shell} is not installed`
  test(`completionScript() for ${shell} is a script that it can read`, { skip }, () => {
    const { status, stderr } = spawnSync(shell, ['-n'], {
      input: completionScript(shell),
      encoding: 'utf8',
    })
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

/** What bash offers for the last word; `tsoci list` answers with two ids and its own arguments. */
function complete(...words: string[]): string[] {
  const script = `
    tsoci() { echo web-1; echo db-1; [[ $1 == --root ]] && echo "in-$2"; }
    ${completionScript('bash')}
    COMP_WORDS=(tsoci "$@"); COMP_CWORD=$#
    _tsoci
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean)
}

const cases: [why: string, words: string[], offers: string[]][] = [
  ['commands', ['crea'], ['create']],
  ['global flags before a command', ['--log-f'], ['--log-format']],
  ['flags of the command', ['create', '--con'], ['--config', '--console-socket']],
  ['global flags after the command', ['delete', '--log-l'], ['--log-level']],
  ['ids', ['start', 'we'], ['web-1']],
  ['ids below the root that is given', ['--root', 'r', 'start', 'in'], ['in-r']],
  ['the choices of a flag', ['list', '--format', ''], ['table', 'json']],
  ['the choices of a flag after =', ['list', '--format', '=', 'j'], ['json']],
  ['the choices of a global flag', ['list', '--log-format', 't'], ['text']],
  ['directories', ['create', '--bundle', '/et'], ['/etc']],
  ['the choices of an argument', ['completion', 'b'], ['bash']],
]
const noBash = isThere('bash') ? false : 'bash is not installed'
for (const [why, words, offers] of cases) {
  test(`bash is offered ${why}`, { skip: noBash }, () => {
    assert.deepEqual(complete(...words), offers)
  })
}
