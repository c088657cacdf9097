// Builds dist/: the bundled JavaScript, the types, the native executables.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { buildEngine } from './build-engine.ts'
import { readVersion, shared } from './bundle.ts'
import { findQuickjs, linkNode } from './engine.mjs'
import { manPages } from './generate-man.ts'

const top = fileURLToPath(new URL('..', import.meta.url))

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
await buildEngine(top).catch(() => process.exit(1))
linkNode(join(top, 'dist'))
const why = findQuickjs(top)
if (why !== undefined) console.log(`built without an engine, Node runs the JavaScript: ${why}`)
run('make', ['-s', '-C', 'native'])

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
