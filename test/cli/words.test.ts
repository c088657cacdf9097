import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arguments } from '../../src/cli/arguments.ts'
import { globalFlags } from '../../src/cli/flags.ts'
import { commands } from '../../src/cli/options.ts'
import { type CommandLine, type GivenFlag, readWords } from '../../src/cli/words.ts'
import { Log } from '../../src/log.ts'

const lines: [line: string, words: string[]][] = [
  ['state c1', ['c1']],
  [
    '--root /r --log=/l --log-format json state c1',
    ['--root=/r', '--log=/l', '--log-format=json', 'c1'],
  ],
  ['state --root /r c1', ['--root=/r', 'c1']],
  ['create c1 --bundle /b', ['--bundle=/b', 'c1']],
  ['create -b /b c1', ['--bundle=/b', 'c1']],
  ['create -b=/b c1', ['--bundle=/b', 'c1']],
  ['create -b/b c1', ['--bundle=/b', 'c1']],
  ['create --pid-file -odd c1', ['--pid-file=-odd', 'c1']],
  ['create --config a=b c1', ['--config=a=b', 'c1']],
  ['create --no-pivot true', ['--no-pivot=true', 'true']],
  ['create -no-subreaper -detach c1', ['--no-subreaper=true', '--detach=true', 'c1']],
  ['create --preserve-fds=0 c1', ['--preserve-fds=0', 'c1']],
  ['list -qf json', ['--quiet=true', '--format=json']],
  [
    '--rootless=false --systemd-cgroup=0 state c1',
    ['--rootless=false', '--systemd-cgroup=false', 'c1'],
  ],
  ['--rootless state c1', ['--rootless=true', 'c1']],
  ['--rootless auto state c1', ['--rootless=auto', 'c1']],
  ['kill --all -- -odd 9', ['--all=true', '-odd', '9']],
  ['run', []],
  ['enter c1 --net --pid', ['--net=true', '--pid=true', 'c1']],
  ['--criu /usr/sbin/criu --debug start c1', ['--criu=/usr/sbin/criu', '--debug=true', 'c1']],
]

/** Each flag as `--name=value`, then the arguments. */
function formatLine({ flags, args }: CommandLine): string[] {
  return [...flags.map(({ flag, value }) => `--${flag.name}=${value}`), ...args]
}

for (const [line, words] of lines) {
  test(`readWords() reads: ${line}`, () => {
    assert.deepEqual(formatLine(readWords(line.split(' '))), words)
  })
}

const refusals: [line: string, message: RegExp, hint?: RegExp][] = [
  ['lst', /^unknown command "lst"$/, /"list"/],
  ['frobnicate', /^unknown command/, /--help lists the commands/],
  ['crate --help', /^No help topic for 'crate'$/, /"create"/],
  ['create --bundel /b c1', /^create: unknown flag "--bundel"$/, /"--bundle"/],
  ['--rooot=/r state c1', /^unknown flag "--rooot"$/, /"--root"/],
  ['state --all c1', /^state: unknown flag "--all"$/],
  ['create -x c1', /^create: unknown flag "-x"$/],
  ['list -qx', /^list: unknown flag "-qx"$/],
  ['state -v c1', /unknown flag/],
  ['create', /^create: missing argument <id>$/, /tsoci create \[flags\] <id>/],
  ['kill', /^kill: missing argument <id>$/],
  ['run ', /^run: missing argument <id>$/],
  ['state c1 c2', /^state: unexpected argument "c2"$/],
  ['create c1 --bundle', /^flag needs an argument: --bundle DIR$/],
  ['create --preserve-fds x c1', /^--preserve-fds "x": not a whole number$/],
  ['create --preserve-fds=-1 c1', /not a whole number/],
  ['create --no-pivot=maybe c1', /expected true or false/],
  ['--log-format xml state c1', /^--log-format "xml": expected text or json$/],
]
for (const [line, message, hint] of refusals) {
  test(`readWords() refuses: ${line}`, () => {
    assert.throws(() => readWords(line.split(' ')), {
      code: 'BAD_USAGE',
      message,
      ...(hint === undefined ? {} : { hint }),
    })
  })
}

const wants: [line: string, wants: string][] = [
  ['--version', 'version'],
  ['-v', 'version'],
  ['-V', 'version'],
  ['create -?', 'help'],
  ['create --usage', 'help'],
  ['--help', 'help'],
  ['help', 'help'],
  ['help create', 'help'],
  ['create --help', 'help'],
  ['create -h', 'help'],
  ['create c1', 'command'],
]
for (const [line, expected] of wants) {
  test(`readWords() tells what is wanted by: ${line}`, () => {
    assert.equal(readWords(line.split(' ')).wants, expected)
  })
}

test('readWords() hands on the words after the positionals of exec', () => {
  const line = readWords(['--debug', 'exec', '-t', 'c1', 'ls', '--x', '-y'])
  assert.deepEqual(line.args, ['c1'])
  assert.deepEqual(line.rest, ['ls', '--x', '-y'])
})

test('readWords() fills the flags of a line that turns out wrong', () => {
  const flags: GivenFlag[] = []
  assert.throws(() => readWords(['--log', '/l', 'crate', 'c1'], flags))
  assert.deepEqual(
    flags.map(({ flag, value }) => [flag.name, value]),
    [['log', '/l']],
  )
})

test('Arguments gives values by name, ids as text, paths from the caller', () => {
  const line = 'create --preserve-fds 3 --bundle b --pid-file=/p --keep 007'.split(' ')
  const args = new Arguments(readWords(line), new Log())
  assert.equal(args.text('id'), '007')
  assert.equal(args.number('preserve-fds'), 3)
  assert.equal(args.path('bundle'), `${process.cwd()}/b`)
  assert.equal(args.path('pid-file'), '/p')
  assert.equal(args.path('console-socket'), undefined)
  assert.equal(args.has('keep'), true)
  assert.equal(args.has('no-pivot'), false)
})

test('Arguments takes the defaults, and an empty value for none', () => {
  const args = new Arguments(readWords(['create', '--pid-file=', 'c1']), new Log())
  assert.equal(args.path('bundle'), process.cwd())
  assert.equal(args.text('pid-file'), undefined)
})

test('Arguments takes the last of a repeated flag', () => {
  const args = new Arguments(readWords(['--root=/a', 'state', '--root=/b', 'c1']), new Log())
  assert.equal(args.text('root'), '/b')
})

test('Arguments tells the --rootless of spec from the global one', () => {
  const read = (line: string) => new Arguments(readWords(line.split(' ')), new Log())
  assert.equal(read('spec --rootless').has('rootless'), true)
  assert.equal(read('--rootless=true spec').has('rootless'), false)
  assert.equal(read('--rootless=auto spec --rootless').has('rootless'), true)
})

test('Arguments keeps quotes, newlines and equals signs of a value', () => {
  const value = '"a=b\n\'c\'"'
  const args = new Arguments(readWords(['state', `--root=${value}`, 'c1']), new Log())
  assert.equal(args.text('root'), value)
})

test('the table of flags names each flag and letter once per command', () => {
  for (const command of commands) {
    const names = [...command.flags, ...command.positionals].map((it) => it.name)
    const letters = [...globalFlags, ...command.flags].flatMap((it) => it.alias ?? [])
    assert.equal(new Set(names).size, names.length, command.name)
    assert.equal(new Set([...letters, 'h']).size, letters.length + 1, command.name)
  }
})

test('the table of flags is plain data', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(commands)), commands)
})
