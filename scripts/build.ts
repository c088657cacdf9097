// Builds dist/: the bundled JavaScript, the types, the native executables.

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const top = fileURLToPath(new URL('..', import.meta.url))

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: top, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  console.error(`build failed: ${command} ${args.join(' ')}`)
  process.exit(1)
}

rmSync(`${top}/dist/js`, { recursive: true, force: true })
await build({
  absWorkingDir: top,
  entryPoints: { main: 'src/cli/main.ts', index: 'src/runtime/index.ts' },
  outdir: 'dist',
  chunkNames: 'js/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // koffi brings machine code, which stays where npm put it.
  external: ['koffi'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
})
run('npx', ['tsc', '-p', 'tsconfig.types.json'])
run('make', ['-s', '-C', 'native', `NODE=${process.execPath}`])
