// Scheduler, I/O priority, CPUs, memory nodes and personality of real processes.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { FRONT, openSite, readText, setNamespaces, whyNot } from './container.ts'

const skip = whyNot()

/** Policy, nice value and real-time priority, as proc(5) has them in fields 41, 19 and 40. */
function schedule(pid: number | 'self'): [policy: number, nice: number, priority: number] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return [Number(fields[38]), Number(fields[16]), Number(fields[37])]
}

const field = (pid: number | 'self', name: string) =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readText(`/proc/${pid}/status`) ?? '')?.[1]

/** Why a program that changes the scheduler, as the tests' own process, may not; false if it may. */
function whyNotRun(program: string, ...args: string[]): string | false {
  const result = spawnSync(program, [...args, 'true'], { encoding: 'utf8' })
  if (result.error) return `${program} is not installed`
  return result.status === 0 ? false : `${program} ${args.join(' ')}: ${result.stderr.trim()}`
}

test('the process has the policy and the nice value', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.scheduler = { policy: 'SCHED_BATCH', nice: 7 }
  })
  assert.deepEqual(schedule(site.state(id).pid), [3, 7, 0])
})

test('the process is idle where the config says so', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.scheduler = { policy: 'SCHED_IDLE' }
  })
  assert.equal(schedule(site.state(id).pid)[0], 5)
})

test('a process of exec has the scheduler and I/O priority of the container', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.scheduler = { policy: 'SCHED_OTHER', nice: 11 }
    config.process.ioPriority = { class: 'IOPRIO_CLASS_IDLE' }
  })
  // Field 19, after a command in parentheses.
  const out = site.ok(['exec', id, 'sh', '-c', 'cut -d " " -f 19 /proc/self/stat; ionice'])
  assert.deepEqual(out.split('\n').slice(0, 2), ['11', 'idle'])
})

test('the process in a new user namespace has a nice value below its own', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    setNamespaces(config, { type: 'user' })
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
    config.process.scheduler = { policy: 'SCHED_OTHER', nice: -3 }
  })
  assert.deepEqual(schedule(site.state(id).pid), [0, -3, 0])
})

const fifo = skip || whyNotRun('chrt', '--fifo', '5')
test('the process has the real-time priority', { skip: fifo }, (t) => {
  const site = openSite(t)
  const id = site.bundle((config) => {
    config.process.scheduler = {
      policy: 'SCHED_FIFO',
      priority: 5,
      flags: ['SCHED_FLAG_RESET_ON_FORK'],
    }
    config.process.args = ['cut', '-d', ' ', '-f', '40,41', '/proc/self/stat']
  })
  // Without a cpu cgroup of its own: on v1 a new one gives no time to real-time processes.
  const words = ['--cgroup-manager', 'disabled', 'run', '--bundle', id, site.id()]
  assert.equal(site.ok(words), '5 1\n')
})

test('a policy that the kernel does not have is refused, and nothing stays', { skip }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.process.scheduler = { policy: 'SCHED_ISO' }
  })
  assert.equal(code, 1)
  assert.match(stderr, /cannot set the scheduler .*EINVAL[\s\S]*\/process\/scheduler/)
  assert.deepEqual(site.ids(), [])
})

const ionice = skip || whyNotRun('ionice', '-c', '3')
test('the process group has the I/O priority', { skip: ionice }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.ioPriority = { class: 'IOPRIO_CLASS_BE', priority: 2 }
  })
  const { stdout } = spawnSync('ionice', ['-p', String(site.state(id).pid)], { encoding: 'utf8' })
  assert.equal(stdout, 'best-effort: prio 2\n')
})

const cpus = (pid: number) => field(pid, 'Cpus_allowed_list')
const manyCpus = field('self', 'Cpus_allowed_list')!
const oneCpu = /^\d+/.exec(manyCpus)![0]
const taskset =
  skip ||
  whyNotRun('taskset', '-c', oneCpu) ||
  (manyCpus === oneCpu ? 'this machine has one CPU' : false)

test('the init runs on all CPUs, though the caller is bound to one', { skip: taskset }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.process.args = ['grep', 'Cpus_allowed_list', '/proc/self/status']
  })
  const words = ['-c', oneCpu, FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
  const { stdout } = spawnSync('taskset', words, { encoding: 'utf8' })
  assert.equal(stdout, `Cpus_allowed_list:\t${manyCpus}\n`)
})

test('a process of exec runs on all CPUs by default', { skip: taskset }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const show = ['grep', 'Cpus_allowed_list', '/proc/self/status']
  const words = ['-c', oneCpu, FRONT, '--root', site.root, 'exec', id, ...show]
  const { stdout } = spawnSync('taskset', words, { encoding: 'utf8' })
  assert.equal(stdout, `Cpus_allowed_list:\t${manyCpus}\n`)
})

for (const key of ['initial', 'final'] as const) {
  test(`a process of exec runs on the ${key} CPUs, the init on all`, { skip: taskset }, (t) => {
    const site = openSite(t)
    const id = site.start((config) => {
      config.process.execCPUAffinity = { [key]: oneCpu }
    })
    const out = site.ok(['exec', id, 'grep', 'Cpus_allowed_list', '/proc/self/status'])
    assert.equal(out, `Cpus_allowed_list:\t${oneCpu}\n`)
    assert.equal(cpus(site.state(id).pid), manyCpus)
  })
}

test('exec refuses CPUs that are not there', { skip }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.process.execCPUAffinity = { final: '60000' }
  })
  const { code, stderr } = site.tsoci(['exec', id, 'true'])
  assert.equal(code, 255)
  assert.match(stderr, /cannot run on CPUs .*EINVAL[\s\S]*execCPUAffinity\/final/)
})

const numa = skip || (existsSync('/proc/self/numa_maps') ? false : 'this kernel has no NUMA')
const policies: [policy: NonNullable<Policy>, line: string][] = [
  [{ mode: 'MPOL_BIND', nodes: '0' }, 'bind:0'],
  [{ mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }, 'interleave=static:0'],
  [{ mode: 'MPOL_PREFERRED', nodes: '0' }, 'prefer:0'],
  [{ mode: 'MPOL_LOCAL' }, 'local'],
  [{ mode: 'MPOL_DEFAULT' }, 'default'],
]
type Policy = NonNullable<ReturnType<typeof JSON.parse>>
for (const [policy, line] of policies) {
  test(`the process has the memory policy ${policy.mode}`, { skip: numa }, (t) => {
    const site = openSite(t)
    const id = site.start((config) => {
      config.linux.memoryPolicy = policy
    })
    const maps = readFileSync(`/proc/${site.state(id).pid}/numa_maps`, 'utf8')
    assert.equal(maps.split('\n')[0]!.split(' ')[1], line)
  })
}

test('a memory node that is not there is refused, and nothing stays', { skip: numa }, (t) => {
  const site = openSite(t)
  const { code, stderr } = site.run('true', (config) => {
    config.linux.memoryPolicy = { mode: 'MPOL_BIND', nodes: '1023' }
  })
  assert.equal(code, 1)
  assert.match(stderr, /cannot set memoryPolicy: .*EINVAL[\s\S]*\/linux\/memoryPolicy/)
  assert.deepEqual(site.ids(), [])
})

const x64 = skip || (process.arch === 'x64' ? false : `LINUX32 has another name on ${process.arch}`)
test('the process sees a 32-bit machine with LINUX32', { skip: x64 }, (t) => {
  const site = openSite(t)
  const id = site.start((config) => {
    config.linux.personality = { domain: 'LINUX32' }
  })
  assert.equal(site.ok(['exec', id, 'busybox', 'uname', '-m']), 'i686\n')
  assert.equal(readFileSync(`/proc/${site.state(id).pid}/personality`, 'utf8'), '00000008\n')
})

test('the process has the personality LINUX though the caller has not', { skip: x64 }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle((config) => {
    config.linux.personality = { domain: 'LINUX' }
    config.process.args = ['busybox', 'uname', '-m']
  })
  const words = ['linux32', FRONT, '--root', site.root, 'run', '--bundle', bundle, site.id()]
  const { stdout } = spawnSync('setarch', words, { encoding: 'utf8' })
  assert.equal(stdout, 'x86_64\n')
})
