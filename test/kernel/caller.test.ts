// What a caller may leave in the process that it starts tsoci in: closed descriptors, ignored and
// blocked signals, limits. Nothing of it may turn a failure into success, or leave something behind.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import {
  draft,
  FRONT,
  ORDINARY_USER,
  openSite,
  readText,
  type Site,
  until,
  whyNot,
} from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const perl = whyNot('perl')

/** Calls tsoci by a shell that first does something to itself; a call that hangs has the code null. */
function callAfter(site: Site, shell: string, words: readonly string[]) {
  return callBy(site, ['sh', '-c', `${shell}; exec "$0" "$@"`], words)
}

/** Calls tsoci by another program, whose last arguments are the call. */
function callBy(site: Site, [program, ...args]: string[], words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    program!,
    [...args, FRONT, '--root', site.root, ...words],
    { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] },
  )
  return { code: status, stdout, stderr }
}

/** Not by a shell: it does not hand this on. */
const ignoring = ['perl', '-e', '$SIG{CHLD} = "IGNORE"; exec @ARGV']

for (const closed of ['0<&-', '1>&-', '2>&-', '0<&- 1>&- 2>&-']) {
  test(`a container has /dev/null where the caller has closed: ${closed}`, { skip }, (t) => {
    const site = openSite(t)
    const script = 'for n in 0 1 2; do readlink /proc/self/fd/$n; done > /seen; exit 3'
    const bundle = site.bundle(
      (config) => {
        config.root.readonly = false
      },
      draft(['sh', '-c', script]),
    )
    const { code, stderr } = callAfter(site, `exec ${closed}`, ['run', '-b', bundle, site.id()])
    assert.equal(code, 3, stderr)
    const seen = readFileSync(join(bundle, 'rootfs/seen'), 'utf8').split('\n')
    for (const fd of closed.matchAll(/(\d)[<>]/g)) {
      if (fd[1] !== '1') assert.equal(seen[Number(fd[1])], '/dev/null')
    }
  })
}

test('how a container ended is told to a caller that ignores SIGCHLD', { skip: perl }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle(() => {}, draft(['sh', '-c', 'exit 3']))
  const { code } = callBy(site, ignoring, ['run', '--bundle', bundle, site.id()])
  assert.equal(code, 3)
})

test('a hook that fails does so for a caller that ignores SIGCHLD', { skip: perl }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.hooks = { createRuntime: [{ path: '/bin/false' }] }
  })
  const { code, stderr } = callBy(site, ignoring, ['run', '-b', bundle, site.id()])
  assert.equal(code, 1)
  assert.match(stderr, /createRuntime hook #0/)
})

test('a config that is refused is so for a caller that ignores SIGCHLD', { skip: perl }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.cwd = 'relative'
  })
  const { code, stderr } = callBy(site, ignoring, ['run', '-b', bundle, site.id()])
  assert.equal(code, 1)
  assert.match(stderr, /cwd/)
})

test('however few descriptors there may be, what fails leaves nothing', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      delete config.process.rlimits
    },
    draft(['sleep', '0']),
  )
  const before = viewHost(site)
  let ran = 0
  for (let n = 4; n <= 48; n++) {
    const id = site.id()
    const { code, stderr } = callAfter(site, `ulimit -n ${n}`, ['run', '--bundle', bundle, id])
    ran += Number(code === 0)
    assert.ok(code === 0 || code === 1, `with ${n}: ${code} ${stderr}`)
    assert.equal(code === 0, stderr === '', `with ${n}: ${code} ${stderr}`)
    assert.deepEqual(viewHost(site), before, `with ${n}`)
  }
  assert.ok(ran > 0)
})

test('files that may not be written are an error, and nothing is left', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  // With its plan kept, not the engine but the front door is the first to write.
  site.ok(['run', '--bundle', bundle, site.id()])
  const before = viewHost(site)
  for (const blocks of [0, 2, 8]) {
    const words = ['run', '--bundle', bundle, site.id()]
    const { code, stderr } = callAfter(site, `ulimit -f ${blocks}`, words)
    assert.equal(code, 1)
    assert.match(stderr, /EFBIG|file too large/)
    assert.deepEqual(viewHost(site), before)
  }
})

test('the deadline holds for a caller that blocks SIGALRM', { skip: perl }, (t) => {
  const site = openSite(t)
  const id = site.create()
  const script = `
    use POSIX; use Fcntl ':flock';
    open my $dir, '<', shift; flock $dir, LOCK_EX or die;
    if (my $pid = fork) { waitpid $pid, 0; exit $? >> 8 }
    sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGALRM));
    exec @ARGV`
  const call = ['perl', '-e', script, join(site.root, id)]
  const { code, stderr } = callBy(site, call, ['--deadline', '1', 'start', id])
  assert.equal(code, 1, stderr)
  assert.match(stderr, /gave up after 1 s/)
})

test('state writes all of it to a pipe that is full and does not block', { skip: perl }, (t) => {
  const site = openSite(t)
  const id = site.create()
  const script = `
    use POSIX; use Fcntl;
    pipe my $read, my $write; fcntl $write, F_SETFL, O_NONBLOCK | O_WRONLY;
    1 while syswrite $write, 'x' x 4096;
    my $pid = fork;
    if (!$pid) { open STDOUT, '>&', $write; exec @ARGV }
    close $write; select undef, undef, undef, 0.3;
    my $all = ''; 1 while sysread $read, $all, 4096, length $all;
    waitpid $pid, 0; $all =~ s/^x*//; print $all; exit $? >> 8`
  const { code, stdout, stderr } = callBy(site, ['perl', '-e', script], ['state', id])
  assert.equal(code, 0, stderr)
  assert.equal(JSON.parse(stdout).id, id)
})

test('a state directory that another user has put in the place of ours is not used', {
  skip: whyNot('strace'),
}, async (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  mkdirSync(site.root)
  chownSync(site.root, ORDINARY_USER, ORDINARY_USER)
  const id = site.id()
  const dir = join(site.root, id)
  // It has been made; before it is opened its parent's owner has another in its place.
  const trace = ['-qq', '-o', '/dev/null', '-P', dir, '-e', 'trace=mkdir']
  const delay = ['-e', 'inject=mkdir:delay_exit=1000000']
  const words = [FRONT, '--root', site.root, 'create', '--bundle', bundle, id]
  const create = spawn('strace', [...trace, ...delay, ...words], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  t.after(() => create.kill('SIGKILL'))
  const ended = once(create, 'exit')
  await until('the directory', () => existsSync(dir))
  renameSync(dir, join(site.dir, 'away'))
  mkdirSync(dir)
  chownSync(dir, ORDINARY_USER, ORDINARY_USER)
  assert.deepEqual(await ended, [1, null])
  assert.deepEqual(readdirSync(dir), [])
  rmdirSync(dir)
})

/** The verbs in the order of a container's life. */
const lifeOf = (bundle: string, id: string): string[][] => [
  ['create', '--bundle', bundle, id],
  ['state', id],
  ['start', id],
  ['exec', id, 'true'],
  ['pause', id],
  ['resume', id],
  ['kill', id, 'KILL'],
  ['delete', '--force', id],
]

test('every verb works with 20 descriptors and one for each hierarchy of v1', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      delete config.process.rlimits
    },
    draft(['sleep', '1000']),
  )
  const limit = `ulimit -n ${20 + readHostFacts().cgroups.v1.length} && exec 0<&- >${site.dir}/out`
  for (const words of lifeOf(bundle, site.id())) {
    const { code } = callAfter(site, `${limit} 2>&1`, words)
    assert.equal(code, 0, `${words[0]}: ${readText(join(site.dir, 'out'))}`)
  }
})

test('every verb says that descriptors are missing where fewer than 20 are allowed', {
  skip,
}, (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  for (const n of [3, 4, 7, 8, 19]) {
    for (const words of [...lifeOf(bundle, site.id()), ['list'], ['ps', 'x']]) {
      const { code, stderr } = callAfter(site, `ulimit -n ${n}`, words)
      assert.equal(code, words[0] === 'exec' ? 255 : 1, `${words[0]} with ${n}`)
      assert.match(stderr, new RegExp(`^tsoci: too few file descriptors: RLIMIT_NOFILE is ${n},`))
    }
  }
  assert.deepEqual(site.ids(), [])
})
