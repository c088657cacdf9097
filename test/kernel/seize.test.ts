// A container whose root may trace, in a user namespace, among the processes of the host: it tries to
// take hold of each process of the runtime that comes into its user namespace.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { compileAddMount, compileRemoveMounts } from '../../src/plan/change-mounts.ts'
import { encodeRequest } from '../../src/plan/encode.ts'
import { compileEnter } from '../../src/plan/enter.ts'
import type { Binding, Plan } from '../../src/plan/plan.ts'
import {
  buildProgram,
  type Change,
  dropNamespace,
  FRONT,
  openSite,
  type Site,
  setNamespaces,
  until,
  whyNot,
} from './container.ts'

const scope = existsSync('/proc/sys/kernel/yama/ptrace_scope')
  ? readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim()
  : '0'
const skip = whyNot('bash') || (scope === '3' && 'nobody may trace here (Yama)')
const TRIES = 2000

const mapped: Change = (config) => {
  setNamespaces(config, { type: 'user' })
  config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
  config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
  dropNamespace(config, 'pid', 'network')
  // Only who has a pid namespace may mount its procfs.
  config.mounts = config.mounts.filter(({ destination }) => destination !== '/proc')
  config.mounts.unshift({ destination: '/proc', source: '/proc', options: ['rbind'] })
  delete config.linux.maskedPaths
  delete config.linux.readonlyPaths
}

/** Starts the attack; what it has said so far. */
async function startAttack(site: Site) {
  const seizer = buildProgram('seizer')
  const bundle = site.bundle((config) => {
    mapped(config)
    for (const set of Object.values(config.process.capabilities!)) set.push('CAP_SYS_PTRACE')
    config.process.args = ['/seizer']
  })
  copyFileSync(seizer, join(bundle, 'rootfs/seizer'))
  const output = join(bundle, 'output')
  const stdout = openSync(output, 'a+')
  const id = site.id()
  const words = ['run', '--detach', '--bundle', bundle, id]
  site.ok(words, { stdio: ['ignore', stdout, stdout] })
  const said = () => readFileSync(output, 'utf8')
  await until('the attack', () => said().startsWith('ready'))
  return { id, pid: site.state(id).pid, said }
}

/** Runs the script as often as there are tries; "$@" in it is tsoci. */
async function repeat(site: Site, tries: number, script: string) {
  const text = `set -e; for ((i = 0; i < ${tries}; i++)); do ${script}; done`
  const shell = spawn('bash', ['-c', text, FRONT, FRONT, '--root', site.root], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  shell.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const [code] = await once(shell, 'close')
  assert.equal(code, 0, errors)
}

/** Carries out a plan without compiling it each time. */
function launch(site: Site, name: string, plan: Plan, binding: Binding): string {
  const file = join(site.dir, name)
  writeFileSync(file, encodeRequest(plan, binding))
  return `(exec -a tsoci:launch "$0" 3 4 3<${file} 4>/dev/null)`
}

const attacks: [
  verb: string,
  script: (site: Site, id: string) => [script: string, tries: number],
][] = [
  ['exec', (_, id) => [`"$@" exec ${id} /bin/true`, TRIES]],
  [
    'enter',
    (site, id) => {
      const { pid, startTime } = site.stored(id)
      const namespaces = ['user', 'mount'] as const
      const plan = compileEnter({ init: { pid, startTime }, namespaces, args: ['true'], env: [] })
      return [launch(site, 'enter', plan, { id, root: site.root }), TRIES]
    },
  ],
  [
    'create by path',
    (site, id) => {
      const bundle = site.bundle((config) => {
        mapped(config)
        delete config.linux.uidMappings
        delete config.linux.gidMappings
        setNamespaces(config, { type: 'user', path: `/proc/${site.stored(id).pid}/ns/user` })
      })
      return [`"$@" run --bundle ${bundle} ${site.id()}`, TRIES]
    },
  ],
  [
    'mounts add',
    (site, id) => {
      const { pid, startTime, bundle } = site.stored(id)
      const config = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
      const input = { config, host: readHostFacts() }
      const mount = { destination: '/tmp', source: site.dir, options: ['bind'] }
      const init = { 'init-pid': String(pid), 'init-start-time': String(startTime) }
      const binding = { id, root: site.root, bundle, ...init }
      const add = launch(site, 'add', compileAddMount(input, mount, 0), binding)
      const remove = launch(site, 'remove', compileRemoveMounts(input, [mount]), binding)
      return [`${add}; ${remove}`, TRIES / 2]
    },
  ],
]

for (const [verb, script] of attacks) {
  test(`${verb} lends no process to a container that traces`, { skip }, async (t) => {
    const site = openSite(t)
    const { id, said } = await startAttack(site)
    const [text, tries] = script(site, id)
    await repeat(site, tries, text)
    assert.equal(site.state(id).status, 'running')
    assert.equal(said(), 'ready\n')
  })
}
