import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { SECTIONS, type Section } from '../../src/plan/plan.ts'
import { describeStep } from '../../src/plan/print.ts'
import type { Verb } from '../../src/state/transitions.ts'
import { type Change, openSite, type Site, setNamespaces, until, whyNot } from './container.ts'
import { buildFaulty, FAULTY, type Fault, faultText, Launcher } from './faults.ts'
import { type HostView, viewHost } from './host-view.ts'

const skip = whyNot('make', 'cc')

before(() => {
  if (skip === false) buildFaulty()
})

const hook = { path: '/bin/sh', args: ['sh', '-c', 'cat >/dev/null'] }

/** A bit of everything that leaves something behind. */
const everything: Change = (config) => {
  config.hooks = {
    createRuntime: [hook],
    createContainer: [hook],
    startContainer: [hook],
    poststart: [hook],
    poststop: [hook],
  }
  config.linux.resources.pids = { limit: 100 }
  config.linux.resources.memory = { limit: 100_000_000 }
  config.process.oomScoreAdj = 100
  config.mounts.push({
    destination: '/tmp',
    type: 'bind',
    source: '/usr/share',
    options: ['rbind', 'ro', 'rslave'],
  })
  config.linux.sysctl = { 'net.ipv4.ip_forward': '0' }
}

const maps = [{ containerID: 0, hostID: 100_000, size: 65_536 }]

const variants: [name: string, change: Change][] = [
  ['a container', everything],
  [
    'a container with user and time namespaces',
    (config) => {
      everything(config)
      delete config.linux.resources.devices
      setNamespaces(config, { type: 'user' }, { type: 'time' })
      config.linux.uidMappings = maps
      config.linux.gidMappings = maps
    },
  ],
]

/** Everything the host shows of the site: what viewHost sees, and files in its directory. */
function look(site: Site): HostView & { readonly files: readonly string[] } {
  const files = readdirSync(site.dir, { recursive: true, encoding: 'utf8' })
  return { ...viewHost(site), files: files.sort() }
}

/** A process that was killed may take a moment to go, and `delete` has no name for it any more. */
async function expectBefore(site: Site, host: HostView, what: string): Promise<void> {
  await until(`no process after ${what}`, () => viewHost(site).processes.length === 0)
  assert.deepEqual(look(site), host, what)
}

interface Case {
  readonly site: Site
  readonly launcher: Launcher
  readonly host: HostView
}

/** A site with one launch behind it: what a first one leaves in the rootfs is there. */
async function open(site: Site, change: Change, verb: 'create' | 'run'): Promise<Case> {
  const launcher = new Launcher(site, change, verb)
  const id = site.id()
  const { code, message } = launcher.launch(id, '')
  assert.equal(code, 0, message)
  site.ok(['delete', '--force', id])
  rmSync(launcher.pidFile)
  await until('the first container to go', () => viewHost(site).processes.length === 0)
  return { site, launcher, host: look(site) }
}

/** Steps of these sections, one fault each. */
function faultsOf({ plan }: Launcher, how: Fault['how'], sections: readonly Section[]): Fault[] {
  return sections.flatMap((section) =>
    (plan[section] ?? []).map((_, index) => ({ section, index, how })),
  )
}

function nameOf({ plan }: Launcher, { section, index, how }: Fault): string {
  return `${how} in front of ${section} ${index}: ${describeStep(plan[section]![index]!)}`
}

/** `run` begins as `create` does: the rest of it. */
const launchSections: Record<'create' | 'run', Section[]> = {
  create: ['prepare', 'clone', 'parent', 'child'],
  run: ['parent', 'launch', 'after'],
}

for (const [name, change] of variants) {
  for (const verb of ['create', 'run'] as const) {
    const sections = launchSections[verb]

    test(`${verb} of ${name} puts all back when any step fails`, { skip }, async (t) => {
      const { site, launcher, host } = await open(openSite(t), change, verb)
      for (const fault of faultsOf(launcher, 'fail', sections)) {
        const what = nameOf(launcher, fault)
        const { code, failure, message } = launcher.launch(site.id(), faultText(fault))
        assert.equal(code, 1, what)
        assert.equal(failure?.call, 'injected fault', what)
        assert.ok(message.includes('i/o error'), `${what}: ${message}`)
        assert.deepEqual(
          [failure?.section, failure?.index],
          [SECTIONS.indexOf(fault.section), fault.index],
          what,
        )
        rmSync(launcher.pidFile, { force: true })
        await expectBefore(site, host, what)
      }
    })

    test(`delete --force takes back ${verb} of ${name} killed at any step`, { skip }, async (t) => {
      const { site, launcher, host } = await open(openSite(t), change, verb)
      for (const fault of faultsOf(launcher, 'kill', sections)) {
        const what = nameOf(launcher, fault)
        const id = site.id()
        const { code } = launcher.launch(id, faultText(fault))
        // An init that is killed as the user's program starts looks like one that ended quickly.
        if (fault.section !== 'launch') assert.notEqual(code, 0, what)
        site.ok(['delete', '--force', id])
        rmSync(launcher.pidFile, { force: true })
        await expectBefore(site, host, what)
      }
    })
  }

  test(`delete --force takes back a failed create of ${name} killed while it undoes`, {
    skip,
  }, async (t) => {
    const { site, launcher, host } = await open(openSite(t), change, 'create')
    const last = launcher.plan.parent!.length - 1
    for (const fault of faultsOf(launcher, 'kill', ['undo'])) {
      const id = site.id()
      const failed: Fault = { section: 'parent', index: last, how: 'fail' }
      assert.equal(launcher.launch(id, faultText(failed, fault)).code, null)
      site.ok(['delete', '--force', id])
      await expectBefore(site, host, nameOf(launcher, fault))
    }
  })

  for (const how of ['kill', 'fail'] as const) {
    test(`delete --force takes back ${name} whose init met a ${how} after start`, {
      skip,
    }, async (t) => {
      const { site, launcher, host } = await open(openSite(t), change, 'create')
      // The gate itself is passed before start: the first step is left out.
      for (const fault of faultsOf(launcher, how, ['launch']).slice(1)) {
        const what = nameOf(launcher, fault)
        const id = site.id()
        assert.equal(launcher.launch(id, faultText(fault)).code, 0, what)
        const { code } = site.tsoci(['start', id])
        if (how === 'fail') assert.equal(code, 1, what)
        site.ok(['delete', '--force', id])
        rmSync(launcher.pidFile, { force: true })
        await expectBefore(site, host, what)
      }
    })

    const verbs: [section: Section, verb: Verb][] = [
      ['state', 'state'],
      ['start', 'start'],
      ['kill', 'kill'],
      ['kill-all', 'kill-all'],
      ['delete', 'delete'],
      ['delete', 'delete-force'],
    ]
    for (const [section, verb] of verbs) {
      test(`delete --force takes back ${name} when ${verb} met a ${how}`, { skip }, async (t) => {
        const { site, launcher, host } = await open(openSite(t), change, 'create')
        for (const fault of faultsOf(launcher, how, [section])) {
          const what = nameOf(launcher, fault)
          const id = site.id()
          assert.equal(launcher.launch(id, '').code, 0, what)
          if (verb === 'delete-force' || verb === 'kill') site.ok(['start', id])
          const outcome = launcher.verb(verb, id, faultText(fault))
          assert.equal(outcome.code, how === 'kill' ? null : 1, what)
          site.ok(['delete', '--force', id])
          rmSync(launcher.pidFile, { force: true })
          await expectBefore(site, host, what)
        }
      })
    }
  }
}

test('tsoci create names the step that failed', { skip }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  const { prepare } = new Launcher(site, () => {}, 'create').plan
  const index = prepare!.findIndex(({ op }) => op === 'cgroup-dir')
  const fault = faultText({ section: 'prepare', index, how: 'fail' })
  const id = site.id()
  const words = ['--root', site.root, 'create', '--bundle', bundle, id]
  const env = { ...process.env, TSOCI_FAULT: fault }
  const { status, stderr } = spawnSync(FAULTY, words, { encoding: 'utf8', env, timeout: 20_000 })
  assert.equal(status, 1)
  assert.match(stderr, /mkdir .*: injected fault: i\/o error \(EIO\) \[\/linux\/cgroupsPath\]/)
  assert.ok(!existsSync(join(site.root, id)))
})

const remains: [why: string, names: string[]][] = [
  ['an empty directory', []],
  ['a plan that is half written', ['.plan.123']],
  ['no plan', ['config.json', '.config.json.123']],
]
for (const [why, names] of remains) {
  test(`delete --force removes a container of which is left ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const dir = join(site.root, 'c1')
    mkdirSync(dir, { recursive: true })
    for (const name of names) writeFileSync(join(dir, name), 'half')
    site.ok(['delete', '--force', 'c1'])
    assert.ok(!existsSync(dir))
  })
}
