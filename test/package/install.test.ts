// The package as npm installs it: into an empty directory, away from this one.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { draft, openSite, whyNot } from '../kernel/container.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-package-'))
chmodSync(dir, 0o755)
after(() => rmSync(dir, { recursive: true, force: true }))
const modules = join(dir, 'lib/node_modules')
const installed = join(modules, 'tsoci')

const call = (program: string, words: readonly string[], cwd = dir) =>
  spawnSync(program, words, { cwd, encoding: 'utf8', timeout: 120_000 })

const whyNotInstalled = install()
const noContainers = whyNotInstalled || whyNot()

/** Packs this directory and installs the tarball; returns why it can't be done here. */
function install(): string | false {
  if (!existsSync(join(top, 'dist/tsoci'))) return 'dist/tsoci is missing: npm run build'
  const pack = call('npm', ['pack', '--ignore-scripts', '--pack-destination', dir], top)
  if (pack.error !== undefined) return 'npm is not installed'
  assert.equal(pack.status, 0, pack.stderr)
  const [tarball] = readdirSync(dir).filter((name) => name.endsWith('.tgz'))
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=0']
  const { status, stderr } = call('npm', ['install', '-g', '--prefix', dir, ...quiet, tarball!])
  // The package itself is here; what it depends on is not.
  if (/code (ENOTFOUND|EAI_AGAIN|ECONN\w+|ETIMEDOUT|ENOTCACHED)/.test(stderr)) {
    return 'npm does not reach its registry'
  }
  assert.equal(status, 0, stderr)
  return false
}

test('npm install -g puts a tsoci on PATH', { skip: whyNotInstalled }, () => {
  const tsoci = join(dir, 'bin/tsoci')
  assert.ok(lstatSync(tsoci).isSymbolicLink())
  const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
  const { stdout, stderr } = call(tsoci, ['--version'])
  assert.ok(stdout.startsWith(`tsoci version ${version}\n`), stderr)
})

test('the package brings no engine of another machine, and no tests', {
  skip: whyNotInstalled,
}, () => {
  const list = call('tar', ['-tzf', readdirSync(dir).find((name) => name.endsWith('.tgz'))!]).stdout
  assert.match(list, /^package\/dist\/main\.js$/m)
  assert.doesNotMatch(list, /\/tsoci-image|\/test\/|^package\/src\//m)
})

test('the installed tsoci runs a container', { skip: noContainers }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle(
    (config) => {
      // Makes koffi load, the one dependency.
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW' }
    },
    draft(['echo', 'ran']),
  )
  const words = ['--root', site.root, 'run', '--bundle', bundle, site.id()]
  const { status, stdout, stderr } = call(join(dir, 'bin/tsoci'), words)
  assert.deepEqual([status, stdout], [0, 'ran\n'], stderr)
})

const program = `import { create, list, remove, run, start, state, TsociError } from 'tsoci'
import type { ContainerSummary, CreateOptions } from 'tsoci'

const [root = '', bundle = '', id = ''] = process.argv.slice(2)
const options: CreateOptions = { root, bundle }
await create(id, options)
await start(id, { root })
const found: ContainerSummary = await state(id, { root })
console.log(found.id === id, (await list({ root })).length)
await remove(id, { root, force: true })
console.log(await run(id, options))
await state(id, { root }).catch((error: unknown) => {
  console.log(error instanceof TsociError && error.code)
})
`

/** A project of someone who has installed the package. */
function makeProject(file: string, text: string): string {
  const project = mkdtempSync(join(dir, 'project-'))
  mkdirSync(join(project, 'node_modules'))
  symlinkSync(installed, join(project, 'node_modules/tsoci'))
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(join(project, file), text)
  return project
}

test('the installed library runs a container', { skip: noContainers }, (t) => {
  const site = openSite(t)
  const bundle = site.bundle()
  const script = program.replace(/^import type .*$/m, '').replace(/: \w+(?= =|\))/g, '')
  const project = makeProject('main.js', script)
  const words = ['main.js', site.root, bundle, site.id()]
  const { status, stdout, stderr } = call(process.execPath, words, project)
  assert.deepEqual([status, stdout], [0, 'true 1\n0\nNOT_FOUND\n'], stderr)
})

test('the installed library has types', { skip: whyNotInstalled }, () => {
  const project = makeProject('main.ts', program)
  symlinkSync(join(top, 'node_modules/@types'), join(project, 'node_modules/@types'))
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022']
  const words = [...options, '--types', 'node', 'main.ts']
  const { status, stdout } = call(join(top, 'node_modules/.bin/tsc'), words, project)
  assert.equal(status, 0, stdout)
})

test('the install script builds an executor that the package lacks', {
  skip: whyNotInstalled,
}, (t) => {
  if (call('cc', ['--version']).error !== undefined) return t.skip('no C compiler here')
  const copy = join(dir, 'copy')
  cpSync(installed, copy, { recursive: true })
  // As a package of another processor has it.
  const bytes = readFileSync(join(copy, 'dist/tsoci'))
  bytes.writeUInt16LE(0xf3f3, 18) // e_machine
  writeFileSync(join(copy, 'dist/tsoci'), bytes)
  assert.notEqual(call(join(copy, 'dist/tsoci'), ['--version']).status, 0)
  const { status, stderr } = call(process.execPath, ['scripts/install.mjs'], copy)
  assert.equal(status, 0, stderr)
  assert.match(call(join(copy, 'dist/tsoci'), ['--version']).stdout, /^tsoci version/)
})
