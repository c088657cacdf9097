// Builds dist/: the bundled JavaScript, the types, the native executables.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild'
import * as abi from '../src/plan/abi.ts'
import * as layout from '../src/plan/layout.ts'
import { buildEngine } from './build-engine.ts'
import { manPages } from './generate-man.ts'

const top = fileURLToPath(new URL('..', import.meta.url))

/** What the bundles for both engines share. */
const shared: BuildOptions = {
  absWorkingDir: top,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    TSOCI_VERSION: JSON.stringify(readVersion()),
    TSOCI_COMMIT: JSON.stringify(readCommit()),
  },
  plugins: [
    {
      // It does not say that its modules have no effects: without this its tables for formatting,
      // which nothing here uses, are made at each start.
      name: 'jsonc',
      setup({ onResolve, resolve }) {
        onResolve({ filter: /^jsonc-parser$|^\.\/impl\/\w+$/ }, async (args) => {
          if (args.pluginData === 'jsonc') return undefined
          const { path, kind, resolveDir, importer } = args
          const found = await resolve(path, { kind, resolveDir, importer, pluginData: 'jsonc' })
          return found.path.includes('/jsonc-parser/') ? { ...found, sideEffects: false } : found
        })
      },
    },
    valuesOf('abi', abi),
    valuesOf('layout', layout),
  ],
}

const { metafile } = await build({
  ...shared,
  entryPoints: { main: 'src/cli/main.ts', index: 'src/runtime/index.ts' },
  outdir: 'dist',
  chunkNames: 'js/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  // koffi brings machine code, which stays where npm put it.
  external: ['koffi'],
  metafile: true,
  banner: {
    // For CommonJS packages; a name that no package imports as well.
    js: "import{createRequire as tsociRequire}from'node:module';const require=tsociRequire(import.meta.url);",
  },
}).catch(() => process.exit(1)) // it has said why
removeOldChunks(metafile)
writeManual()
run(join(top, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.types.json'])
const why = await buildEngine(top, shared).catch(() => process.exit(1))
if (why !== undefined) console.log(`built without the quick engine, Node compiles: ${why}`)
run('make', ['-s', '-C', 'native'])

/** Puts what a module of plan/ exports in its place: the bundles need not work it out. */
function valuesOf(name: string, module: object): Plugin {
  const values = Object.entries(module).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return {
    name,
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/src/plan/${name}\\.ts$`) }, () => ({
        contents: `export const ${values.join()}`,
      }))
    },
  }
}

function readVersion(): string {
  return String(JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).version)
}

// A tree without git, or of another owner, has none.
function readCommit(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: top, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}

// After the new ones are there: a tsoci that runs meanwhile finds either.
function removeOldChunks({ outputs }: Metafile): void {
  const dir = join(top, 'dist/js')
  mkdirSync(dir, { recursive: true })
  for (const name of readdirSync(dir)) {
    if (!(relative(top, join(dir, name)) in outputs)) rmSync(join(dir, name))
  }
}

function writeManual(): void {
  const dir = join(top, 'dist/man')
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  for (const [name, text] of manPages(readVersion())) writeFileSync(join(dir, name), text)
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: top, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}`)
  console.error(`build failed: ${command} ${args.join(' ')}`)
  process.exit(1)
}
