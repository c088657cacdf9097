// Whom a signal reaches when the container has no pid namespace of its own, and verbs on many.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { draft, dropNamespace, FRONT, openSite, type Site, until, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const { layout, v2 } = readHostFacts().cgroups
const hybridOnly = skip || (layout === 'hybrid' ? false : 'no hybrid host')

const members = (site: Site, id: string) => {
  const file = `${site.cgroup(id, 'freezer')}/cgroup.procs`
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number)
}
const isAlive = (pid: number) => {
  const state = /^State:\s*(\S)/m.exec(readStatus(pid))?.[1]
  return state !== undefined && state !== 'Z'
}
const readStatus = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

/** A container in the host's pid namespace with three more processes. */
function startShared(site: Site): { id: string; pids: number[] } {
  const id = site.start((config) => dropNamespace(config, 'pid'))
  for (let i = 0; i < 3; i++) site.ok(['exec', '-d', id, 'sleep', '1000'], { stdio: 'ignore' })
  return { id, pids: members(site, id) }
}

for (const isGone of [false, true]) {
  const why = isGone ? 'whose init is gone' : 'whose init runs'
  test(`kill KILL ends every process of a container without a pid namespace, ${why}`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const { id, pids } = startShared(site)
    assert.equal(pids.length, 4)
    if (isGone) {
      const { pid } = site.state(id)
      process.kill(pid, 'SIGKILL')
      await until('the init to end', () => !isAlive(pid))
      assert.equal(site.state(id).status, 'stopped')
      assert.equal(site.tsoci(['kill', id, 'TERM']).code, 1)
    }
    site.ok(['kill', id, 'KILL'])
    await until('all to end', () => !pids.some(isAlive))
    await until('the container to stop', () => site.state(id).status === 'stopped')
    const { code, stderr } = site.tsoci(['kill', id, 'KILL'])
    assert.equal(code, 1)
    assert.match(stderr, /container not running/)
    site.ok(['kill', '--all', id, 'KILL'])
    site.ok(['delete', id])
  })
}

test('kill TERM ends a container that was not started', { skip }, async (t) => {
  const site = openSite(t)
  for (const signal of ['TERM', 'INT', 'HUP', 'QUIT']) {
    const id = site.id()
    site.ok(['create', '--bundle', site.bundle(), id], { stdio: 'ignore' })
    site.ok(['kill', id, signal])
    await until('the container to stop', () => site.state(id).status === 'stopped')
  }
})

test('kill KILL ends a paused container without a pid namespace', { skip }, async (t) => {
  const site = openSite(t)
  const { id, pids } = startShared(site)
  site.ok(['pause', id])
  site.ok(['kill', id, 'KILL'])
  await until('all to end', () => !pids.some(isAlive))
})

test('kill and delete take a pattern with --regex, and do what they can', { skip }, async (t) => {
  const site = openSite(t)
  const one = site.start()
  const two = site.start()
  site.ok(['kill', '--regex', `^(${one}|${two})$`, 'KILL'])
  await until('both to stop', () => [one, two].every((id) => site.state(id).status === 'stopped'))
  const running = site.start()
  const { code, stderr } = site.tsoci(['delete', '--regex', '.'])
  assert.equal(code, 1)
  assert.match(stderr, new RegExp(running))
  assert.deepEqual(site.ids(), [running])
  site.ok(['delete', '--regex', '--force', '.'])
  assert.deepEqual(site.ids(), [])
  site.ok(['delete', '--regex', 'nothing'])
  assert.match(site.tsoci(['kill', '--regex', '(']).stderr, /not a regular expression/)
})

test('a container joins the v2 hierarchy beside v1, exec too, and delete removes it', {
  skip: hybridOnly,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  const dir = site.stored(id).cgroups.find((it) => it.startsWith(`${v2!.mount}/`))!
  assert.ok(existsSync(dir))
  const own = (text: string) => /^0::(.*)$/m.exec(text)?.[1]
  const init = own(readFileSync(`/proc/${site.state(id).pid}/cgroup`, 'utf8'))
  assert.ok(dir.endsWith(init!))
  site.ok(['exec', '-d', id, 'sleep', '1000'], { stdio: 'ignore' })
  assert.equal(readFileSync(`${dir}/cgroup.procs`, 'utf8').trim().split('\n').length, 2)
  site.ok(['delete', '--force', id])
  assert.ok(!existsSync(dir))
})

const stopSignals: [value: string | undefined, flags: string[], sent: string][] = [
  [undefined, [], 'TERM'],
  ['SIGUSR1', [], 'USR1'],
  ['12', [], 'USR2'],
  ['SIGUSR1', ['--all'], 'USR1'],
  ['', [], 'TERM'],
]
for (const [value, flags, sent] of stopSignals) {
  test(`kill ${flags.join('')} without a signal sends ${sent} where the image says ${value}`, {
    skip,
  }, async (t) => {
    const site = openSite(t)
    const traps = ['TERM', 'USR1', 'USR2'].map((name) => `trap "echo ${name}; exit" ${name}`)
    const bundle = site.bundle((config) => {
      const script = `${traps.join('; ')}; echo ready; while :; do sleep 0.05; done`
      config.process.args = ['sh', '-c', script]
      if (value !== undefined) {
        config.annotations = { 'org.opencontainers.image.stopSignal': value }
      }
    })
    // By a plan that is made, and by one that is kept.
    for (const name of ['made', 'kept']) {
      const file = join(site.dir, name)
      const output = openSync(file, 'w')
      const id = site.id()
      site.ok(['run', '--detach', '--bundle', bundle, id], { stdio: ['ignore', output, 'ignore'] })
      closeSync(output)
      await until('the traps', () => readFileSync(file, 'utf8').includes('ready'))
      site.ok(['kill', ...flags, id])
      await until('the end', () => site.state(id).status === 'stopped')
      assert.equal(readFileSync(file, 'utf8'), `ready\n${sent}\n`)
    }
  })
}

test('a stop signal that is none is refused with its place', { skip }, (t) => {
  const { code, stderr } = openSite(t).run('true', (config) => {
    config.annotations = { 'org.opencontainers.image.stopSignal': 'SIGNOSUCH' }
  })
  assert.equal(code, 1)
  assert.match(stderr, /\/annotations\/org\.opencontainers\.image\.stopSignal/)
})

test('kill --all reaches every process with few descriptors to hold them by', {
  skip,
}, async (t) => {
  const site = openSite(t)
  const script = 'i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i + 1)); done; echo all; wait'
  const bundle = site.bundle((config) => dropNamespace(config, 'pid'), draft(['sh', '-c', script]))
  const id = site.id()
  const file = join(site.dir, 'output')
  const output = openSync(file, 'w')
  site.ok(['run', '-d', '--bundle', bundle, id], { stdio: ['ignore', output, output] })
  closeSync(output)
  await until('all of them', () => readFileSync(file, 'utf8') === 'all\n')
  const words = ['-c', 'ulimit -n 20; exec "$0" "$@"', FRONT, '--root', site.root]
  const { status, stderr } = spawnSync('sh', [...words, 'kill', '--all', id, 'KILL'])
  assert.equal(status, 0, String(stderr))
  await until('the end', () => members(site, id).length === 0)
})

// Between the list of members and the descriptor of one of them its number may go to another.
test('a process that has the number of a member that ended is not killed', {
  skip: whyNot('strace', 'unshare'),
}, (t) => {
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      dropNamespace(config, 'pid')
      config.mounts = config.mounts.filter(({ type }) => type !== 'proc')
    },
    draft(['sh', '-c', 'sleep 1000 & exec sleep 1001']),
  )
  const script = `
tsoci="${FRONT} --root ${site.root}"
$tsoci run -d -b ${bundle} reuse </dev/null >/dev/null 2>&1 || exit 1
init=$($tsoci state reuse | grep -o '"pid": *[0-9]*' | grep -o '[0-9]*$')
member=
while [ -z "$member" ]; do member=$(cat /proc/$init/task/$init/children | tr -d ' '); done
strace -qq -o /dev/null -e trace=pidfd_open -e inject=pidfd_open:delay_enter=1500000:when=2 \
  $tsoci delete --force reuse &
# Its first descriptor is that of the init, the second of the member: now is the time between.
while kill -0 $init; do sleep 0.01; done
sleep 0.3
kill -9 $member
while [ -d /proc/$member ]; do sleep 0.01; done
echo $((member - 1)) > /proc/sys/kernel/ns_last_pid
sleep 1000 &
other=$!
wait %1
kill -0 $other && echo $((other - member)) alive
kill -9 $other`
  const words = ['--fork', '--pid', '--mount-proc', 'sh', '-c', script]
  const { stdout, stderr } = spawnSync('unshare', words, { encoding: 'utf8', timeout: 20_000 })
  assert.equal(stdout, '0 alive\n', stderr)
})

for (const [what, words] of [
  ['delete --force', ['delete', '--force']],
  ['kill --all', ['kill', '--all']],
  ['kill', ['kill']],
] as const) {
  test(`${what} ends what the container has frozen in a cgroup of its own`, {
    skip: skip || (layout === 'v2' ? 'v2 ends what is frozen by itself' : false),
  }, async (t) => {
    const site = openSite(t)
    const before = viewHost(site)
    const id = site.start()
    site.ok(['exec', '--detach', id, 'sleep', '1000'], { stdio: 'ignore' })
    const below = join(site.cgroup(id, 'freezer'), 'below')
    const { pid } = site.state(id)
    const other = JSON.parse(site.ok(['ps', '--format', 'json', id])).find(
      (it: number) => it !== pid,
    )
    mkdirSync(below)
    writeFileSync(join(below, 'cgroup.procs'), String(other))
    writeFileSync(join(below, 'freezer.state'), 'FROZEN')
    site.ok([...words, id, ...(words[0] === 'kill' ? ['KILL'] : [])])
    if (words[0] === 'kill') {
      await until('its end', () => site.state(id).status === 'stopped')
      site.ok(['delete', id])
    }
    assert.deepEqual(viewHost(site), before)
  })
}
