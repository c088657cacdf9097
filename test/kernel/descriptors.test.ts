// Descriptors that go with a process: the pidfd for the caller, and those of socket activation.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Change, draft, FRONT, openSite, type Site, until, whyNot } from './container.ts'

/** Takes one descriptor, and says which process it is of. */
const receiver = `
import array, re, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(1)
peer, _ = server.accept()
data, control, _, _ = peer.recvmsg(64, socket.CMSG_SPACE(4))
fd = array.array('i', control[0][2])[0]
print(re.search(r'^Pid:\\s*(-?\\d+)', open(f'/proc/self/fdinfo/{fd}').read(), re.M)[1])
`

async function receive(
  t: TestContext,
  site: Site,
): Promise<{ socket: string; pid: () => Promise<number> }> {
  const file = join(site.dir, 'receiver.py')
  const socket = join(site.dir, 'pidfd.sock')
  writeFileSync(file, receiver)
  const child = spawn('python3', [file, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  let text = ''
  child.stdout.on('data', (bytes) => (text += bytes))
  const end = once(child, 'close')
  await until('the receiver', () => existsSync(socket))
  return { socket, pid: async () => Number((await end) && text) }
}

const skip = whyNot('python3')

test('create sends a pidfd of the init to --pidfd-socket', { skip }, async (t) => {
  const site = openSite(t)
  const { socket, pid } = await receive(t, site)
  const bundle = site.bundle()
  const id = site.id()
  const stdio = ['ignore', 'ignore', 'ignore'] as const
  const words = ['create', '--pidfd-socket', socket, '--bundle', bundle, id]
  assert.equal(site.tsoci(words, { stdio: [...stdio] }).code, 0)
  assert.equal(await pid(), site.state(id).pid)
})

test('exec sends a pidfd of its process to --pidfd-socket', { skip }, async (t) => {
  const site = openSite(t)
  const id = site.start()
  const { socket, pid } = await receive(t, site)
  const file = join(site.dir, 'exec.pid')
  const words = ['exec', '--detach', '--pidfd-socket', socket, '--pid-file', file, id, 'sleep', '9']
  assert.equal(site.tsoci(words, { stdio: ['ignore', 'ignore', 'ignore'] }).code, 0)
  assert.equal(await pid(), Number(site.ok(['ps', '-f', 'json', id]).match(/\d+(?=\D*$)/)![0]))
})

test('create leaves nothing when nobody listens at --pidfd-socket', { skip: whyNot() }, (t) => {
  const site = openSite(t)
  const words = ['run', '--pidfd-socket', '/nowhere', '--bundle', site.bundle(), site.id()]
  const { code, stderr } = site.tsoci(words)
  assert.equal(code, 1)
  assert.match(stderr, /send the pidfd to \/nowhere/)
  assert.deepEqual(site.ids(), [])
})

const activation = whyNot('bash')

/** Runs a script in a container whose front door is socket-activated with two descriptors. */
function activate(site: Site, script: string, pid: string, change: Change = () => {}): string {
  const bundle = site.bundle(change, draft(['sh', '-c', script]))
  const words = [FRONT, '--root', site.root, 'run', '--preserve-fds', '1', '-b', bundle, site.id()]
  const shell = `exec 3<<<one 4<<<two 5<<<three
export LISTEN_FDS=2 LISTEN_FDNAMES=web:mail LISTEN_PID=${pid}
exec "$@"`
  const result = spawnSync('bash', ['-c', shell, '0', ...words], { encoding: 'utf8' })
  assert.equal(result.status, 0, result.stderr)
  return result.stdout
}

const LOOK = 'echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES $$"; cat <&3; cat <&4; cat <&5'

test('the process gets the sockets that the caller was started with', { skip: activation }, (t) => {
  const site = openSite(t)
  const wrong: Change = ({ process }) => void process.env.push('LISTEN_FDS=9')
  assert.equal(activate(site, LOOK, '$$', wrong), '2 1 web:mail 1\none\ntwo\nthree\n')
})

test('sockets that are for another process are not handed on', { skip: activation }, (t) => {
  const site = openSite(t)
  assert.match(activate(site, `${LOOK}; true`, '1'), /^ {3}1\none\n/)
})

test('a process in a pid namespace of the host knows its own pid there', {
  skip: activation,
}, (t) => {
  const out = activate(openSite(t), 'echo $LISTEN_PID $$', '$$', ({ linux }) => {
    linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'pid')
  })
  const [told, own] = out.trim().split(' ')
  assert.equal(told, own)
})

test('an init that waits for start holds its three descriptors and the gate', { skip }, (t) => {
  const site = openSite(t)
  const { pid } = site.state(site.create())
  const dir = `/proc/${pid}/fd`
  const others = readdirSync(dir).filter((fd) => Number(fd) > 2)
  assert.deepEqual(
    others.map((fd) => basename(readlinkSync(join(dir, fd)))),
    ['exec.fifo'],
  )
})

/** Listens like a service manager: prints each message, and acknowledges barriers. */
const manager = `
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
while True:
    data, control, _, _ = server.recvmsg(4096, socket.CMSG_SPACE(4))
    print(data.decode().strip().replace('\\n', ' '), flush=True)
    if data.startswith(b'BARRIER'):
        break
`

async function manage(
  t: TestContext,
  site: Site,
): Promise<{ socket: string; end: Promise<string> }> {
  const file = join(site.dir, 'manager.py')
  const socket = join(site.dir, 'manager.sock')
  writeFileSync(file, manager)
  const child = spawn('python3', [file, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  let text = ''
  child.stdout.on('data', (bytes) => (text += bytes))
  const end = once(child, 'close').then(() => text)
  await until('the manager', () => existsSync(socket))
  return { socket, end }
}

/** Busybox has no client for datagram sockets: python of the host is bound into the container. */
const SEND = `import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(b'STATUS=warming up', os.environ['NOTIFY_SOCKET'])
s.sendto(b'MAINPID=1\\nREADY=1\\n', os.environ['NOTIFY_SOCKET'])`

const ready: Change = ({ process, mounts }) => {
  for (const path of ['/usr', '/lib', '/lib64']) {
    if (existsSync(path)) {
      mounts.push({ destination: path, source: path, type: 'bind', options: ['rbind', 'ro'] })
    }
  }
  process.user = { uid: 1000, gid: 1000 }
  process.env.push('NOTIFY_SOCKET=/wrong')
  process.args = ['/bin/sh', '-c', 'usr/bin/python3 -c "$0"; exec sleep 1000', SEND]
}
const notify = whyNot('python3') || (existsSync('/usr/bin/python3') ? false : 'no /usr/bin/python3')
const quiet = { stdio: ['ignore', 'ignore', 'ignore'] as ('ignore' | 'pipe')[] }

test('start returns once the container is ready, and tells the caller', {
  skip: notify,
}, async (t) => {
  const site = openSite(t)
  const { socket, end } = await manage(t, site)
  const env = { ...process.env, NOTIFY_SOCKET: socket }
  const id = site.id()
  assert.equal(site.tsoci(['create', '-b', site.bundle(ready), id], { ...quiet, env }).code, 0)
  const { pid } = site.state(id)
  site.ok(['start', id], { env })
  assert.equal(await end, `READY=1 MAINPID=${pid}\nBARRIER=1\n`)
  site.ok(['delete', '--force', id])
  assert.deepEqual(site.ids(), [])
})

test('run in the foreground tells that it is the main process', { skip: notify }, async (t) => {
  const site = openSite(t)
  const { socket, end } = await manage(t, site)
  const env = { ...process.env, NOTIFY_SOCKET: socket }
  const words = ['--root', site.root, 'run', '-b', site.bundle(ready), site.id()]
  const front = spawn(FRONT, words, { stdio: 'ignore', env })
  t.after(() => front.kill())
  assert.equal(await end, `READY=1 MAINPID=${front.pid}\nBARRIER=1\n`)
  front.kill('SIGKILL')
})

test('run --detach returns once the container is ready, and names its init', {
  skip: notify,
}, async (t) => {
  const site = openSite(t)
  const { socket, end } = await manage(t, site)
  const env = { ...process.env, NOTIFY_SOCKET: socket }
  const id = site.id()
  site.ok(['run', '--detach', '-b', site.bundle(ready), id], { ...quiet, env })
  assert.equal(await end, `READY=1 MAINPID=${site.state(id).pid}\nBARRIER=1\n`)
  assert.equal(site.state(id).status, 'running')
})

test('start does not wait for a container that ends without a word', { skip: notify }, (t) => {
  const site = openSite(t)
  const env = { ...process.env, NOTIFY_SOCKET: join(site.dir, 'nobody') }
  const id = site.id()
  assert.equal(site.tsoci(['create', '-b', site.bundle(), id], { ...quiet, env }).code, 0)
  site.ok(['start', id], { env })
  site.ok(['delete', id])
  assert.deepEqual(site.ids(), [])
})

test('a container that never is ready is not waited for beyond the deadline', {
  skip: notify,
}, (t) => {
  const site = openSite(t)
  const env = { ...process.env, NOTIFY_SOCKET: join(site.dir, 'nobody') }
  const bundle = site.bundle(() => {}, draft(['sleep', '1000']))
  const id = site.id()
  assert.equal(site.tsoci(['create', '-b', bundle, id], { ...quiet, env }).code, 0)
  const { code, stderr } = site.tsoci(['--deadline', '1', 'start', id], { env })
  assert.equal(code, 1)
  assert.match(stderr, /READY=1.*ETIMEDOUT/)
  assert.match(stderr, /gave up after 1 s: --deadline/)
  assert.equal(site.state(id).status, 'running')

  const words = ['--deadline', '1', 'run', '--detach', '-b', bundle, site.id()]
  assert.equal(site.tsoci(words, { ...quiet, env }).code, 1)
  assert.deepEqual(site.ids(), [id])
})
