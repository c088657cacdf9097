// The quick engine, dist/tsoci-engine: all of the JavaScript in one executable, made by Bun from
// dist/engine.cjs. Plain JavaScript: the installed package runs it, too.

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** Makes the engine in a directory that has engine.cjs; returns why there is none. */
export function makeEngine(dist) {
  const engine = join(dist, 'tsoci-engine')
  const draft = `${engine}.${process.pid}`
  try {
    const why = makeExecutable(findBun(dirname(dist)), join(dist, 'engine.cjs'), draft)
    // One of an older build would answer for this one.
    if (why === undefined) renameSync(draft, engine)
    else rmSync(engine, { force: true })
    return why
  } finally {
    rmSync(draft, { force: true })
  }
}

/** Leaves word for the executor which Node is to run the JavaScript. */
export function linkNode(dist) {
  const draft = join(dist, `node.${process.pid}`)
  symlinkSync(process.execPath, draft)
  renameSync(draft, join(dist, 'node'))
}

/**
 * Has Node keep the code that it makes of engine.cjs, by a compile. Without it, or with that of
 * another Node, a compile by Node takes longer.
 */
export function keepCode(dist) {
  rmSync(join(dist, 'engine.code'), { force: true })
  const bundle = mkdtempSync(join(tmpdir(), 'tsoci-code-'))
  const script = join(dist, 'compile.cjs')
  try {
    mkdirSync(join(bundle, 'rootfs'))
    const spec = ['spec', '--bundle', bundle, ...(process.getuid() === 0 ? [] : ['--rootless'])]
    spawnSync(process.execPath, [join(dist, 'main.js'), ...spec])
    const plan = openSync(join(bundle, 'plan'), 'w')
    spawnSync(process.execPath, [script, 'run', '--bundle', bundle, 'any'], {
      stdio: ['ignore', 'ignore', 'ignore', plan],
      env: { TSOCI_PLAN_FD: '3', TSOCI_KEEP_CODE: '' },
    })
    closeSync(plan)
  } finally {
    rmSync(bundle, { recursive: true, force: true })
  }
}

function makeExecutable(bun, script, engine) {
  if (bun === undefined) return 'there is no Bun for this platform'
  const options = ['--compile', '--bytecode', '--minify', '--format=cjs', '--target=bun']
  // Whoever is in control of a working directory configures nothing.
  const closed = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
  const words = ['build', ...options, ...closed, script, '--outfile', engine]
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' }
  const made = spawnSync(bun, words, { cwd: '/', encoding: 'utf8', env })
  if (made.status !== 0) return `Bun made no executable: ${made.stderr || made.error}`
  // A Bun for newer processors ends with SIGILL on this one.
  const ran = spawnSync(engine, ['--version'], { cwd: '/', encoding: 'utf8', env: {} })
  if (ran.stdout?.startsWith('tsoci version ')) return undefined
  return `what Bun made does not run here: ${ran.signal ?? ran.stderr}`
}

/**
 * A Bun from npm, of ours or beside us. Its own install script puts it in place; where scripts are
 * not run it stays in the package of its platform.
 */
function findBun(top) {
  const places = [join(top, 'node_modules'), dirname(top)].flatMap((modules) => {
    const scope = join(modules, '@oven')
    const packages = existsSync(scope) ? readdirSync(scope) : []
    return [join(modules, 'bun/bin/bun.exe'), ...packages.map((it) => join(scope, it, 'bin/bun'))]
  })
  return places.find((file) => spawnSync(file, ['--version'], { encoding: 'utf8' }).status === 0)
}
