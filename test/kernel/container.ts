// Containers on the real kernel: bundles with a busybox rootfs, run by dist/tsoci, gone with the test.

import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readHostFacts } from '../../src/host/facts.ts'
import type { Config, Linux, Mount, Namespace, Process } from '../../src/spec/config.ts'
import { defaultConfig } from '../../src/spec/defaults.ts'
import type { StoredState } from '../../src/state/container.ts'

/** The front door that the tests call. */
export const FRONT = fileURLToPath(new URL('../../dist/tsoci', import.meta.url))

/** Builds native/test/NAME.c; the path of the program. */
export function buildProgram(name: string): string {
  const native = fileURLToPath(new URL('../../native', import.meta.url))
  const { status, stderr } = spawnSync('make', ['-s', '-C', native, `../dist/test/${name}`])
  assert.equal(status, 0, String(stderr))
  return join(native, '../dist/test', name)
}

/** A configuration whose parts are all there, so that a test can change them in place. */
export interface Draft extends Config {
  process: Process & { args: string[]; env: string[] }
  root: { path: string; readonly?: boolean }
  mounts: Mount[]
  linux: Linux & { namespaces: Namespace[]; resources: NonNullable<Linux['resources']> }
}

export type Change = (config: Draft) => void

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options extends SpawnSyncOptions {
  /** Call as this user, without privilege. */
  readonly user?: number
  /** Another copy of the front door. */
  readonly front?: string
}

/** Is this program there? */
export function hasProgram(name: string): boolean {
  return findProgram(name) !== undefined
}

/** Where this program is, if it is there. */
export function findProgram(name: string): string | undefined {
  const dirs = (process.env.PATH ?? '').split(':').concat('/bin', '/usr/bin', '/sbin', '/usr/sbin')
  return dirs.map((dir) => join(dir, name)).find((file) => existsSync(file))
}

/** Words of a call that has a terminal as standard input, at which nobody types; needs python3. */
export function atTerminal(...words: string[]): string[] {
  const keep = 'import os, sys; m, s = os.openpty(); os.set_inheritable(m, True); os.dup2(s, 0)'
  return ['python3', '-c', `${keep}; os.execvp(sys.argv[1], sys.argv[1:])`, ...words]
}

/** Why containers can't be run here; false when they can. For the `skip` of a test. */
export function whyNot(...programs: string[]): string | false {
  if (process.geteuid!() !== 0) return 'needs root'
  if (!existsSync(FRONT)) return 'dist/tsoci is missing: npm run build'
  if (readHostFacts().cgroups.layout === 'none') return 'no cgroup file system is mounted'
  for (const name of ['busybox', ...programs]) {
    if (!hasProgram(name)) return `${name} is not installed`
  }
  return false
}

/** Why there is no ordinary user to call as; false when there is. */
export function whyNotRootless(): string | false {
  const reason = whyNot()
  if (reason !== false) return reason
  const test = { uid: ORDINARY_USER, gid: ORDINARY_USER }
  if (spawnSync(FRONT, ['--version'], test).status !== 0) {
    return 'an ordinary user can not reach dist/tsoci or node'
  }
  const reached = spawnSync('unshare', ['-U', 'true'], test).status === 0
  return reached ? false : 'user namespaces are closed to ordinary users'
}

/** An id that no account has; the tests call tsoci as it where no privilege is wanted. */
export const ORDINARY_USER = 54321

const APPLETS =
  'sh cat ls id ps ip env pwd stat touch mkdir mount umount hostname kill sleep sed grep mknod chmod ' +
  'dd readlink head wc echo test true false rm cut sort tr ln find ipcs dmesg tty stty usleep df chown'

let busybox: string | undefined
let count = 0

/** One copy for all bundles of this process; each links to it. */
function busyboxCopy(): string {
  if (busybox !== undefined) return busybox
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-busybox-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
  busybox = join(dir, 'busybox')
  copyFileSync(findProgram('busybox')!, busybox)
  chmodSync(busybox, 0o755)
  return busybox
}

/** Fills a directory with a small root file system. */
export function makeRootfs(dir: string): void {
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'root']) {
    mkdirSync(join(dir, name), { recursive: true })
  }
  chmodSync(dir, 0o755)
  chmodSync(join(dir, 'tmp'), 0o1777)
  linkSync(busyboxCopy(), join(dir, 'bin/busybox'))
  for (const name of APPLETS.split(' ')) symlinkSync('busybox', join(dir, 'bin', name))
  writeFileSync(join(dir, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nweb:x:1000:1000::/home/web:\n')
  writeFileSync(join(dir, 'etc/group'), 'root:x:0:\nweb:x:1000:\n')
}

/** The default configuration without a terminal. */
export function draft(args: readonly string[] = ['true']): Draft {
  const config = structuredClone(defaultConfig()) as Draft
  config.process.terminal = false
  config.process.args = [...args]
  return config
}

/** Namespaces of the default configuration, with others in their place or added. */
export function setNamespaces(config: Draft, ...changes: Namespace[]): void {
  const types = changes.map(({ type }) => type)
  const kept = config.linux.namespaces.filter(({ type }) => !types.includes(type))
  config.linux.namespaces = [...kept, ...changes]
}

/** Leaves these namespaces to the host, with what needs them. */
export function dropNamespace(config: Draft, ...types: Namespace['type'][]): void {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !types.includes(type))
  if (types.includes('uts')) delete config.hostname
}

/** Where the containers of one test live: bundles, state root, and all that must go with it. */
export class Site {
  readonly dir: string
  readonly root: string
  /** In the environment of every process that the test starts. */
  readonly marker: string
  #bundles = 0
  readonly #undo: (() => void)[] = []

  constructor() {
    this.dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-site-'))
    chmodSync(this.dir, 0o755)
    this.root = join(this.dir, 'state')
    this.marker = `TSOCI_TEST_SITE=${this.dir}`
  }

  /** An id that no other test has. */
  id(): string {
    return `t${process.pid}-${++count}`
  }

  /** Makes a bundle. Without a change its process is `true`. */
  bundle(change: Change = () => {}, base: Draft = draft()): string {
    const dir = join(this.dir, `bundle-${++this.#bundles}`)
    mkdirSync(join(dir, 'rootfs'), { recursive: true })
    makeRootfs(join(dir, 'rootfs'))
    base.process.env.push(this.marker)
    change(base)
    writeFileSync(join(dir, 'config.json'), JSON.stringify(base, null, 2))
    return dir
  }

  /** Calls tsoci; a call that hangs is killed and has the code null. */
  tsoci(words: readonly string[], options: Options = {}): Result {
    const { user, front = FRONT, ...more } = options
    const result = spawnSync(front, ['--root', this.root, ...words], {
      encoding: 'utf8',
      timeout: 20_000,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TSOCI_TEST_SITE: this.dir, XDG_RUNTIME_DIR: this.dir },
      ...(user === undefined ? {} : { uid: user, gid: user }),
      ...more,
    })
    return { code: result.status, stdout: String(result.stdout), stderr: String(result.stderr) }
  }

  /** Calls tsoci, which must succeed. */
  ok(words: readonly string[], options: Options = {}): string {
    const { code, stdout, stderr } = this.tsoci(words, options)
    assert.equal(code, 0, `tsoci ${words.join(' ')}: ${stderr}`)
    return stdout
  }

  /** Runs a shell script in a container; its code and output. */
  run(script: string, change: Change = () => {}, options: Options = {}): Result {
    const bundle = this.bundle(change, draft(['sh', '-c', script]))
    return this.tsoci(['run', '--bundle', bundle, this.id()], options)
  }

  /** Runs a shell script in a container, which must succeed; the lines of its output. */
  lines(script: string, change: Change = () => {}, options: Options = {}): string[] {
    const { code, stdout, stderr } = this.run(script, change, options)
    assert.equal(code, 0, `${script}: ${stderr}`)
    return stdout.replace(/\n$/, '').split('\n')
  }

  /** Creates a container that sleeps once started. */
  create(change: Change = () => {}, options: Options = {}): string {
    const id = this.id()
    const bundle = this.bundle(change, draft(['sleep', '1000']))
    // Files, not pipes: the container keeps them open.
    const output = openSync(`${bundle}/output`, 'a+')
    const stdio = ['ignore' as const, output, output]
    const { code } = this.tsoci(['create', '--bundle', bundle, id], { stdio, ...options })
    closeSync(output)
    assert.equal(code, 0, `create: ${readText(`${bundle}/output`)}`)
    return id
  }

  /** Creates and starts a container. */
  start(change: Change = () => {}, options: Options = {}): string {
    const id = this.create(change, options)
    this.ok(['start', id], options)
    return id
  }

  /** What `tsoci state` prints. */
  state(id: string): { status: string; pid: number; id: string; bundle: string } {
    return JSON.parse(this.ok(['state', id]))
  }

  /** What create wrote down. */
  stored(id: string): StoredState {
    return JSON.parse(readFileSync(join(this.root, id, 'state.json'), 'utf8'))
  }

  /** The container's directory of a v1 controller, or its only one on v2. */
  cgroup(id: string, controller: string): string {
    const { cgroups } = this.stored(id)
    return cgroups.find((dir) => dir.split('/').includes(controller)) ?? cgroups[0]!
  }

  /** Containers in the state root; what begins with @ is none. */
  ids(): string[] {
    if (!existsSync(this.root)) return []
    return readdirSync(this.root).filter((name) => !name.startsWith('@'))
  }

  /** What has to be taken back before the directory can go. */
  atClose(undo: () => void): void {
    this.#undo.push(undo)
  }

  close(): void {
    for (const id of this.ids()) {
      const { uid } = statSync(join(this.root, id))
      this.tsoci(['delete', '--force', id], uid === 0 ? {} : { user: uid })
    }
    for (const undo of this.#undo) undo()
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** Does it run? One whose directory is just being made does not exist. */
export function isRunning(site: Site, id: string): boolean {
  return site.tsoci(['state', id]).stdout.includes('"status": "running"')
}

/** A site that goes with the test. */
export function openSite(t: TestContext): Site {
  const site = new Site()
  t.after(() => site.close())
  return site
}

/** Polls until `look` gives something, with a limit. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) assert.fail(`waited for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The text of a small file; undefined when it can't be read. */
export function readText(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK)
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
