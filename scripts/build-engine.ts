// The quick engine, dist/tsoci-engine: all of the JavaScript in one executable, made by Bun. It
// starts in a fraction of Node's time. Where there is no Bun the front door takes Node.

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Makes the engine; returns why there is none. */
export async function buildEngine(top: string, shared: BuildOptions): Promise<string | undefined> {
  const engine = join(top, 'dist/tsoci-engine')
  const bun = findBun(top)
  // One of an older build would answer for this one.
  const refuse = (why: string) => {
    rmSync(engine, { force: true })
    return why
  }
  if (bun === undefined) return refuse('no Bun for this platform: npm install bun')
  const script = join(top, 'dist/tsoci-engine.cjs')
  try {
    await build({
      ...shared,
      plugins: [...(shared.plugins ?? []), koffiBeside],
      entryPoints: ['src/cli/main.ts'],
      outfile: script,
      bundle: true,
      format: 'cjs',
      minifyIdentifiers: true,
      define: { ...shared.define, 'import.meta.url': 'tsociUrl' },
      banner: {
        js: 'const tsociUrl="file://"+process.execPath.split("/").map(encodeURIComponent).join("/");',
      },
    })
    const said = makeExecutable(bun, script, `${engine}.new`)
    if (said !== undefined) return refuse(said)
    renameSync(`${engine}.new`, engine)
    return undefined
  } finally {
    rmSync(script, { force: true })
    rmSync(`${engine}.new`, { force: true })
  }
}

function makeExecutable(bun: string, script: string, engine: string): string | undefined {
  const options = ['--compile', '--bytecode', '--minify', '--format=cjs', '--target=bun']
  // Whoever is in control of a working directory configures nothing.
  const closed = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']
  const words = ['build', ...options, ...closed, script, '--outfile', engine]
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', BUN_BE_BUN: '1' }
  const made = spawnSync(bun, words, { cwd: '/', encoding: 'utf8', env })
  if (made.status !== 0) return `Bun made no executable: ${made.stderr || made.error}`
  // A Bun for newer processors ends with SIGILL on this one.
  const ran = spawnSync(engine, ['--version'], { cwd: '/', encoding: 'utf8', env: {} })
  if (!ran.stdout?.startsWith('tsoci version ')) {
    return `what Bun made does not run here: ${ran.signal ?? ran.stderr}`
  }
  return undefined
}

/** Bun's own install script puts it in place; where scripts are not run it stays in its package. */
function findBun(top: string): string | undefined {
  const modules = join(top, 'node_modules')
  const scope = join(modules, '@oven')
  const packages = existsSync(scope) ? readdirSync(scope).map((it) => join(scope, it)) : []
  const places = [join(modules, 'bun/bin/bun.exe'), ...packages.map((it) => join(it, 'bin/bun'))]
  return places.find(
    (file) => spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim().length > 0,
  )
}

/** koffi brings machine code: it is loaded from where npm put it, beside dist/. */
const koffiBeside: Plugin = {
  name: 'koffi-beside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^koffi$/ }, () => ({ path: 'koffi', namespace: 'beside' }))
    onLoad({ filter: /^/, namespace: 'beside' }, () => ({
      contents: 'module.exports=require("node:module").createRequire(tsociUrl)("koffi")',
    }))
  },
}
