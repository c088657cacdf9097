// An error in front of each system call of each verb: what is said is what is there, it can be
// done again, and nothing is left. A sample of the calls, another one each time; all of them with
// TSOCI_INJECT=all, and by other errors than EIO with TSOCI_INJECT_ERRNO=NUMBER.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { before, type TestContext, test } from 'node:test'
import { buildProgram, draft, FRONT, openSite, readText, type Site, whyNot } from './container.ts'
import { listCgroups, listProcesses } from './host-view.ts'

const skip = whyNot('make', 'cc')
const every = process.env.TSOCI_INJECT === 'all'
const errno = process.env.TSOCI_INJECT_ERRNO ?? '5'
const LONGEST_MS = 30_000

let inject = ''
before(() => {
  if (skip === false) inject = buildProgram('inject')
})

interface Outcome {
  readonly code: number | null
  readonly stderr: string
  /** Calls until the end, or the one that failed. */
  readonly count: number
}

/** Calls tsoci and lets its nth system call fail; none for 0. */
function callWith(site: Site, n: number, words: readonly string[]): Outcome {
  const [report, output] = [join(site.dir, 'report'), join(site.dir, 'output')]
  rmSync(report, { force: true })
  // A file, not a pipe: the container keeps it open.
  const fd = openSync(output, 'w')
  const call = [String(n), errno, report, FRONT, '--root', site.root, ...words]
  const env = { ...process.env, TSOCI_TEST_SITE: site.dir }
  const { status } = spawnSync(inject, call, {
    stdio: ['ignore', 'ignore', fd],
    env,
    timeout: LONGEST_MS,
    killSignal: 'SIGKILL',
  })
  closeSync(fd)
  const count = Number(readText(report)?.split(' ')[0] ?? 0)
  return { code: status, stderr: readFileSync(output, 'utf8'), count }
}

interface Walk {
  readonly words: (id: string) => string[]
  /** How many calls to try when not all. */
  readonly sample: number
  /** Brings the container to where the verb begins. */
  readonly prepare: (site: Site, id: string, bundle: string) => void
  /** What is wrong about the answer; empty for nothing. */
  readonly judge: (site: Site, id: string, outcome: Outcome) => string
}

const quiet = { stdio: ['ignore' as const, 'ignore' as const, 'ignore' as const] }

const statusOf = (site: Site, id: string) => {
  const { code, stdout } = site.tsoci(['state', id])
  return code === 0 ? (JSON.parse(stdout) as { status: string }).status : 'none'
}

/** The verb again, which must do it now. */
function again(site: Site, words: readonly string[]): string {
  const { code } = site.tsoci(words, quiet)
  return code === 0 ? '' : `a second ${words[0]} fails, too (${code})`
}

/** Expects one of these statuses, in which the verb works when it is called again. */
function expectStatus(site: Site, id: string, ...statuses: string[]): string {
  const status = statusOf(site, id)
  return statuses.includes(status) ? '' : `it is ${status}`
}

const start = (site: Site, id: string, bundle: string) => {
  site.tsoci(['create', '-b', bundle, id], quiet)
  site.ok(['start', id])
}

function judgeNew(site: Site, id: string, { code, stderr }: Outcome, status: string): string {
  if (code === 0) return expectStatus(site, id, status)
  if (site.ids().length === 0) return ''
  return stderr.includes('delete --force') ? '' : 'it is there without a word'
}

function judgeGone(site: Site, id: string, { code }: Outcome): string {
  if (code !== 0) return again(site, ['delete', '--force', id])
  return site.ids().length === 0 ? '' : 'it is there still'
}

const walks: Readonly<Record<string, Walk>> = {
  create: {
    words: (id) => ['create', '--pid-file', `/tmp/${id}.pid`, '-b', `@`, id],
    sample: 30,
    prepare: () => {},
    judge: (site, id, outcome) => judgeNew(site, id, outcome, 'created'),
  },
  run: {
    words: (id) => ['run', '--detach', '-b', '@', id],
    sample: 30,
    prepare: () => {},
    judge: (site, id, outcome) => judgeNew(site, id, outcome, 'running'),
  },
  start: {
    words: (id) => ['start', id],
    sample: 15,
    prepare: (site, id, bundle) => void site.tsoci(['create', '-b', bundle, id], quiet),
    judge: (site, id, { code }) => {
      if (code === 0) return expectStatus(site, id, 'running')
      if (statusOf(site, id) === 'created') return again(site, ['start', id])
      return expectStatus(site, id, 'stopped')
    },
  },
  exec: {
    words: (id) => ['exec', id, 'touch', '/tmp/ran'],
    sample: 25,
    prepare: start,
    judge: (site, id, { code }) => {
      const ran = site.tsoci(['exec', id, 'rm', '/tmp/ran'], quiet).code === 0
      if (code === 0) return ran ? '' : 'it has not run'
      return code === 255 ? '' : `its code is ${code}`
    },
  },
  kill: {
    words: (id) => ['kill', id, 'KILL'],
    sample: 12,
    prepare: start,
    judge: (site, id, { code }) => {
      if (code !== 0 && statusOf(site, id) !== 'stopped') return again(site, ['kill', id, 'KILL'])
      for (let tries = 0; tries < 500; tries++) {
        if (statusOf(site, id) === 'stopped') return ''
      }
      return 'it runs on'
    },
  },
  'kill --all': {
    words: (id) => ['kill', '--all', id, 'KILL'],
    sample: 10,
    prepare: start,
    judge: (site, id, outcome) => walks.kill!.judge(site, id, outcome),
  },
  pause: {
    words: (id) => ['pause', id],
    sample: 12,
    prepare: start,
    judge: (site, id, { code }) => {
      if (code === 0) return expectStatus(site, id, 'paused')
      return statusOf(site, id) === 'running'
        ? again(site, ['pause', id])
        : expectStatus(site, id, 'paused')
    },
  },
  resume: {
    words: (id) => ['resume', id],
    sample: 10,
    prepare: (site, id, bundle) => {
      start(site, id, bundle)
      site.ok(['pause', id])
    },
    judge: (site, id, { code }) => {
      if (code === 0) return expectStatus(site, id, 'running')
      return statusOf(site, id) === 'paused'
        ? again(site, ['resume', id])
        : expectStatus(site, id, 'running')
    },
  },
  update: {
    words: (id) => ['update', '--pids-limit', '77', id],
    sample: 12,
    prepare: start,
    judge: (site, id, { code }) => {
      if (code !== 0) return again(site, ['update', '--pids-limit', '77', id])
      const limit = readText(join(site.cgroup(id, 'pids'), 'pids.max'))?.trim()
      return limit === '77' ? '' : `the limit is ${limit}`
    },
  },
  delete: {
    words: (id) => ['delete', id],
    sample: 15,
    prepare: (site, id, bundle) => {
      start(site, id, bundle)
      site.ok(['kill', id, 'KILL'])
      while (statusOf(site, id) !== 'stopped');
    },
    judge: judgeGone,
  },
  'delete --force': {
    words: (id) => ['delete', '--force', id],
    sample: 15,
    prepare: start,
    judge: judgeGone,
  },
}

/** What must not be there once the container is deleted. */
async function leftOver(site: Site, known: Set<string>): Promise<string> {
  for (let tries = 0; tries < 500 && listProcesses(site).length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const all = [...listProcesses(site), ...listCgroups(), ...site.ids()]
  const left = all.filter((one) => !known.has(one))
  for (const one of left) known.add(one)
  return left.length === 0 ? '' : `left: ${left.join(', ')}`
}

async function walk(t: TestContext, name: string, { words, sample, prepare, judge }: Walk) {
  const site = openSite(t)
  const bundle = site.bundle(
    ({ linux, root }) => {
      linux.resources.pids = { limit: 100 }
      root.readonly = false
    },
    draft(['sleep', '1000']),
  )
  const wrong: string[] = []
  const known = new Set<string>() // what an earlier one has left
  const tryOne = async (n: number): Promise<number> => {
    const id = site.id()
    prepare(site, id, bundle)
    const line = words(id).map((word) => (word === '@' ? bundle : word))
    const began = Date.now()
    const outcome = callWith(site, n, line)
    const took = Date.now() - began
    const { code, stderr, count } = outcome
    const faults = [
      code === null ? 'it hangs' : judge(site, id, outcome),
      // The JavaScript engine is a program of others, and may die of this as it starts.
      code !== 0 && code !== 139 && stderr === '' ? 'it says nothing' : '',
      took > LONGEST_MS ? `it took ${took} ms` : '',
    ]
    const { code: deleted } = site.tsoci(['delete', '--force', id])
    if (deleted !== 0) faults.push('it can not be deleted')
    faults.push(await leftOver(site, known))
    const told = faults.filter((fault) => fault !== '').join('; ')
    const call = n === 0 ? '' : (readText(join(site.dir, 'report'))?.trim().split(' ')[1] ?? '?')
    if (told !== '')
      wrong.push(`${name}, call ${n} (${call}), code ${code}: ${told} [${stderr.trim()}]`)
    rmSync(`/tmp/${id}.pid`, { force: true })
    return count
  }
  await tryOne(0) // makes the plan that the next one finds
  const total = await tryOne(0)
  assert.ok(total > 10, `only ${total} calls`)
  const step = every && name !== 'update' ? 1 : Math.ceil(total / (every ? 200 : sample))
  const first = 1 + (Date.now() % step)
  t.diagnostic(`${name}: ${total} calls, from ${first} each ${step}th`)
  for (let n = first; n <= total; n += step) await tryOne(n)
  assert.deepEqual(wrong, [])
}

for (const [name, one] of Object.entries(walks)) {
  test(`${name} is true to what it says when a system call fails`, { skip }, async (t) => {
    await walk(t, name, one)
  })
}
