// What npm run pack makes: a package without an executor, and one that has it for this platform.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ARCHITECTURES } from '../../scripts/platform.mjs'
import { draft, FRONT, findProgram, openSite, whyNot } from '../kernel/container.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-platform-'))
chmodSync(dir, 0o755)
after(() => rmSync(dir, { recursive: true, force: true }))

const { version } = await import('../../package.json', { with: { type: 'json' } }).then(
  (it) => it.default,
)
const main = join(top, `dist/npm/tsoci-${version}.tgz`)
const platform = join(top, `dist/npm/tsoci-linux-${process.arch}-${version}.tgz`)

// No compiler, no make: nothing but Node, npm and a shell.
const bare = join(dir, 'bin')
mkdirSync(bare)
for (const name of ['node', 'npm', 'sh', 'dirname', 'readlink']) {
  const program = name === 'node' ? process.execPath : findProgram(name)
  if (program !== undefined) symlinkSync(realpathSync(program), join(bare, name))
}
const BARE: NodeJS.ProcessEnv = { PATH: bare, HOME: process.env.HOME }

const skip = whyNotPacked()
const noContainers = skip || whyNot()

function whyNotPacked(): string | false {
  if (!existsSync(FRONT)) return 'dist/tsoci is missing: npm run build'
  if (findProgram('npm') === undefined) return 'npm is not installed'
  if (!ARCHITECTURES.includes(process.arch)) return `there is no package for ${process.arch}`
  const { status, stderr } = call('npm', ['run', '--silent', 'pack'], top, {})
  assert.equal(status, 0, stderr)
  return false
}

function call(
  program: string,
  words: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = BARE,
) {
  return spawnSync(program, words, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...(env === BARE ? {} : process.env), ...env },
  })
}

// Not the registry: a package of that name there is not ours as long as ours is not published.
const NOWHERE = '--@tsoci:registry=http://127.0.0.1:9'

/** Installs into an empty folder; the folder, or why npm did not. */
function install(packages: readonly string[], more: readonly string[] = [], env = BARE) {
  const folder = mkdtempSync(join(dir, 'folder-'))
  chmodSync(folder, 0o755)
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--fetch-retries=0',
    NOWHERE,
    ...more,
  ]
  const { status, stderr } = call('npm', ['install', ...quiet, ...packages], folder, env)
  const isOffline = /code (ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENOTCACHED)/.test(stderr)
  return { folder, status, stderr, isOffline, tsoci: join(folder, 'node_modules/.bin/tsoci') }
}

const OFFLINE = 'npm does not reach its registry'

test('with the package of the platform it takes no compiler to run a container', {
  skip: noContainers,
}, (t) => {
  const { tsoci, status, stderr, isOffline } = install([main, platform])
  if (isOffline) return t.skip(OFFLINE)
  assert.equal(status, 0, stderr)
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      // Makes koffi load our library.
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
    },
    draft(['echo', 'ran']),
  )
  // As engines call it: Node is not on PATH.
  const words = ['--root', site.root, 'run', '--bundle', bundle, site.id()]
  const result = call(tsoci, words, '/', { PATH: '' })
  assert.deepEqual([result.status, result.stdout], [0, 'ran\n'], result.stderr)
})

test('without that package the install script builds an executor', { skip }, (t) => {
  if (findProgram('cc') === undefined || findProgram('make') === undefined) {
    return t.skip('no C compiler here')
  }
  const { tsoci, status, stderr, isOffline } = install([main], [], process.env)
  if (isOffline) return t.skip(OFFLINE)
  assert.equal(status, 0, stderr)
  assert.match(call(tsoci, ['--version'], '/').stdout, /^tsoci version/)
})

test('without that package and without a compiler npm says what is missing', { skip }, (t) => {
  const { folder, status, stderr, isOffline } = install([main])
  if (isOffline) return t.skip(OFFLINE)
  assert.notEqual(status, 0)
  assert.match(stderr, /no executor for this machine \(@tsoci\/linux-\w+\)/)
  assert.match(stderr, /it takes a C compiler, make and a static C library/)
  assert.ok(!existsSync(join(folder, 'node_modules/tsoci')))
})

test('where install scripts are off, tsoci says what to run, and that mends it', { skip }, (t) => {
  const { tsoci, status, stderr, isOffline } = install([main, platform], ['--ignore-scripts'])
  if (isOffline) return t.skip(OFFLINE)
  assert.equal(status, 0, stderr)
  const refused = call(tsoci, ['--version'], '/')
  assert.equal(refused.status, 1)
  const script = /: node (\S+\/scripts\/install\.mjs)$/m.exec(refused.stderr)?.[1]
  assert.equal(script, join(dirname(dirname(realpathSync(tsoci))), 'scripts/install.mjs'))
  assert.equal(call('node', [script!], '/').status, 0)
  assert.match(call(tsoci, ['--version'], '/').stdout, /^tsoci version/)
})
