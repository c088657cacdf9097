import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  atTerminal,
  type Change,
  draft,
  dropNamespace,
  FRONT,
  isRunning,
  openSite,
  readText,
  type Site,
  until,
  whyNot,
} from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()

// Node has no SCM_RIGHTS: this listens, takes the descriptor, and prints what comes out of it.
const RECEIVER = `
import array, os, socket, sys, time
time.sleep(float(sys.argv[3]))
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(1)
client, _ = server.accept()
name, control, _, _ = client.recvmsg(64, socket.CMSG_SPACE(4))
master = array.array('i', control[0][2])[0]
print('name ' + name.decode(), flush=True)
os.write(master, sys.argv[2].encode())
while True:
    try:
        text = os.read(master, 4096)
    except OSError:
        break
    if not text:
        break
    sys.stdout.buffer.write(text)
    sys.stdout.flush()
`

function receive(site: Site, socket: string, input: string, late = 0) {
  const file = join(site.dir, 'receiver.py')
  writeFileSync(file, RECEIVER)
  const child = spawn('python3', [file, socket, input, String(late)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  site.atClose(() => child.kill('SIGKILL'))
  const end = new Promise<string>((resolve) => child.on('close', () => resolve(output)))
  return { output: () => output, end }
}

const terminal =
  (script: string, more: Change = () => {}): Change =>
  (config) => {
    config.process.terminal = true
    config.process.args = ['sh', '-c', script]
    more(config)
  }

const SHOW =
  'tty; stty size; readlink /proc/self/fd/0; stat -c %F /dev/console; id -u; ls -ln $(tty); read it; echo got $it'

test('create sends the terminal over the console socket', {
  skip: whyNot('python3'),
}, async (t) => {
  const site = openSite(t)
  const socket = join(site.dir, 'console')
  const receiver = receive(site, socket, 'hello\n')
  await until('the socket', () => existsSync(socket))
  const id = site.id()
  const bundle = site.bundle(
    terminal(SHOW, (config) => {
      config.process.consoleSize = { height: 33, width: 77 }
      config.process.user = { uid: 1000, gid: 1000 }
    }),
  )
  site.ok(['create', '--bundle', bundle, '--console-socket', socket, id])
  site.ok(['start', id])
  const lines = (await receiver.end).replaceAll('\r', '').split('\n')
  assert.equal(lines[0], 'name /dev/ptmx')
  const shown = lines.slice(1).filter((line) => line !== 'hello')
  assert.deepEqual(shown.slice(0, 5), [
    '/dev/pts/0',
    '33 77',
    '/dev/pts/0',
    'character special file',
    '1000',
  ])
  assert.match(shown[5]!, / 1000 /)
  assert.equal(shown[6], 'got hello')
})

// Scripts start the listener in the background, and the runtime right after it.
test('create waits a moment for whoever is to listen at the console socket', {
  skip: whyNot('python3'),
}, async (t) => {
  const site = openSite(t)
  const socket = join(site.dir, 'console')
  const receiver = receive(site, socket, '', 0.3)
  const bundle = site.bundle(terminal('echo here'))
  const id = site.id()
  site.ok(['create', '--bundle', bundle, '--console-socket', socket, id])
  site.ok(['start', id])
  assert.match(await receiver.end, /^name \/dev\/ptmx\nhere\r\n$/)
})

const refused: [why: string, words: string[], isTerminal: boolean, message: RegExp][] = [
  ['a terminal without a console socket', ['create'], true, /cannot allocate tty/],
  ['a detached terminal without one', ['run', '--detach'], true, /cannot allocate tty/],
  [
    'a console socket without a terminal',
    ['create', '--console-socket', '/nowhere'],
    false,
    /process\.terminal is not true/,
  ],
  [
    'a console socket in the foreground',
    ['run', '--console-socket', '/nowhere'],
    true,
    /in the foreground/,
  ],
  [
    'a console socket that nobody listens at',
    ['create', '--console-socket', '/nowhere'],
    true,
    /\/nowhere/,
  ],
]

for (const [why, words, isTerminal, message] of refused) {
  test(`${why} is refused, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const bundle = site.bundle((config) => {
      config.process.terminal = isTerminal
    })
    const { code, stderr } = site.tsoci([...words, '--bundle', bundle, site.id()])
    assert.equal(code, 1)
    assert.match(stderr, message)
    assert.deepEqual(viewHost(site), before)
  })
}

function runOnTerminal(site: Site, script: string, input: string, change: Change = () => {}) {
  const bundle = site.bundle(terminal(script, change), draft())
  const command = `stty rows 21 cols 65; ${FRONT} --root ${site.root} run --bundle ${bundle} ${site.id()}`
  const result = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    input,
    timeout: 20_000,
    killSignal: 'SIGKILL',
  })
  return { code: result.status, lines: result.stdout.replaceAll('\r', '').split('\n') }
}

test('run in the foreground has a terminal of the same size, and its code', {
  skip: whyNot('script'),
}, (t) => {
  const site = openSite(t)
  const script = 'tty; stty size; test -t 1 && echo yes; read it; echo got $it; exit 5'
  const { code, lines } = runOnTerminal(site, script, 'hello\n')
  assert.equal(code, 5)
  for (const line of ['/dev/pts/0', '21 65', 'yes', 'got hello']) {
    assert.ok(lines.includes(line), `${line} in ${JSON.stringify(lines)}`)
  }
})

test('run in the foreground passes all output on before it ends', {
  skip: whyNot('script'),
}, (t) => {
  const script = 'i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i + 1)); done'
  const { code, lines } = runOnTerminal(openSite(t), script, '')
  assert.equal(code, 0)
  assert.deepEqual(lines.filter((line) => /line \d+$/.test(line)).length, 5000)
})

test('without a mount namespace the terminal is one of the host', {
  skip: whyNot('script'),
}, (t) => {
  const { code, lines } = runOnTerminal(openSite(t), 'test -t 0 && echo yes', '', (config) => {
    dropNamespace(config, 'mount')
    config.mounts = []
    config.linux.maskedPaths = []
    config.linux.readonlyPaths = []
  })
  assert.equal(code, 0, String(lines))
  // script(1) ends its input by the character for that, which is NUL once the terminal is raw.
  assert.ok(lines.some((line) => line.endsWith('yes')))
})

/** For a bundle whose process has a terminal. */
const withTerminal: Change = (config) => {
  config.process.terminal = true
}

const noTerminals: [what: string, more: SpawnSyncOptions][] = [
  ['/dev/null', {}],
  ['a pipe', { input: 'echo here\n', stdio: 'pipe' }],
]

// Its end could not be passed on, and they would wait for ever.
for (const [what, more] of noTerminals) {
  test(`run and exec refuse to relay ${what} as a terminal, and nothing is left`, { skip }, (t) => {
    const site = openSite(t)
    const id = site.start()
    const before = viewHost(site)
    const bundle = site.bundle(withTerminal, draft(['sh']))
    for (const words of [
      ['run', '--bundle', bundle, site.id()],
      ['exec', '--tty', id, 'sh'],
      ['exec', '--tty', '--cap', 'CAP_KILL', id, 'sh'], // not by the stored plan
    ]) {
      const { code, stdout, stderr } = site.tsoci(words, more)
      assert.equal(code, words[0] === 'run' ? 1 : 255, stderr)
      assert.equal(stdout, '')
      assert.match(
        stderr,
        /^error: cannot relay a terminal: standard input is none \[\/process\/terminal\]\nhint: /,
      )
    }
    assert.deepEqual(viewHost(site), before)
  })
}

// A new config each time, so that there is JavaScript beside the container: it may not touch what is
// the executor's.
const WATCH = `
import json, os, subprocess, sys, termios, time
front, bundle, top, marker = sys.argv[1:]
config = json.load(open(bundle + '/config.json'))
names = {termios.ICANON: 'ICANON', termios.ECHO: 'ECHO', termios.ISIG: 'ISIG'}
for i in range(50):
    config['annotations'] = {'number': str(i)}
    json.dump(config, open(bundle + '/config.json', 'w'))
    root = '%s/%d' % (top, i)
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    run = subprocess.Popen([front, '--root', root, 'run', '--bundle', bundle, '%s-%d' % (marker, i)],
                           stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    text = b''
    while b'ready' not in text:
        text += os.read(master, 4096)
    children = '/proc/%d/task/%d/children' % (run.pid, run.pid)
    limit = time.monotonic() + 10
    while len(open(children).read().split()) != 1 and time.monotonic() < limit:
        time.sleep(0.001)
    cooked = [name for bit, name in names.items() if termios.tcgetattr(slave)[3] & bit]
    os.write(master, b'x\\r')
    code = run.wait()
    restored = termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)
    if cooked or code != 3 or not restored:
        print('run', i, 'cooked:', cooked, 'code:', code, 'restored:', restored, text)
`

test('the terminal of the caller is raw as long as a new container runs, and then as before', {
  skip: whyNot('python3'),
}, (t) => {
  const site = openSite(t)
  const file = join(site.dir, 'watch.py')
  writeFileSync(file, WATCH)
  const top = join(site.dir, 'roots')
  mkdirSync(top)
  const bundle = site.bundle(terminal('echo ready; read it; exit 3'))
  const words = [file, FRONT, bundle, top, site.id()]
  const { stdout, stderr } = spawnSync('python3', words, { encoding: 'utf8', timeout: 100_000 })
  assert.deepEqual([stdout, stderr], ['', ''])
})

test('what nobody reads is waited with, not worked at, once the container has ended', {
  skip: whyNot('python3'),
}, async (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle(withTerminal, draft(['sh', '-c', 'while :; do echo 0123456789; done']))
  const words = ['--root', site.root, 'run', '--bundle', bundle, id]
  const [python, ...more] = atTerminal(FRONT, ...words)
  const run = spawn(python!, more, { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => run.kill('SIGKILL'))
  const ended = once(run, 'exit')
  /** Clock ticks that it has worked; proc_pid_stat(5). */
  const worked = () => {
    const fields = readText(`/proc/${run.pid}/stat`)!.split(' ')
    return Number(fields[13]) + Number(fields[14])
  }
  const isQuiet = async () => {
    const before = worked()
    await new Promise((resolve) => setTimeout(resolve, 500))
    return worked() - before < 5
  }
  await until('the container', () => isRunning(site, id))
  while (!(await isQuiet())); // until nothing more goes into the pipe
  site.ok(['kill', id, 'KILL'])
  await until('the end', () => site.state(id).status === 'stopped')
  assert.ok(await isQuiet())
  run.kill('SIGTERM')
  assert.deepEqual(await ended, [137, null])
})

test('a stop while the terminal is awaited is no error', {
  skip: whyNot('strace', 'python3'),
}, async (t) => {
  const site = openSite(t)
  const id = site.id()
  const bundle = site.bundle(withTerminal, draft(['echo', 'here']))
  // The first message that is sent carries the terminal, out of the child.
  const trace = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=sendmsg']
  const delay = ['-e', 'inject=sendmsg:delay_enter=1500000:when=1']
  const words = [FRONT, '--root', site.root, 'run', '--bundle', bundle, id]
  const [python, ...more] = atTerminal('strace', ...trace, ...delay, ...words)
  const run = spawn(python!, more, {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => run.kill('SIGKILL'))
  let output = ''
  for (const stream of [run.stdout, run.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const ended = once(run, 'exit')
  const executor = await until('the wait for the terminal', () => {
    const [child] = (readText(`/proc/${run.pid}/task/${run.pid}/children`) ?? '').split(' ')
    return /skb_wait/.test(readText(`/proc/${child}/wchan`) ?? '') && Number(child)
  })
  process.kill(executor, 'SIGSTOP')
  process.kill(executor, 'SIGCONT')
  assert.deepEqual(await ended, [0, null], output)
  assert.match(output, /here/)
})
