// What the bundles for Node and for the executable share.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Plugin } from 'esbuild'
import * as abi from '../src/plan/abi.ts'
import * as layout from '../src/plan/layout.ts'

const top = fileURLToPath(new URL('..', import.meta.url))

export const shared: BuildOptions = {
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

/** The version in package.json. */
export function readVersion(): string {
  return String(JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')).version)
}

// A tree without git, or of another owner, has none.
function readCommit(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: top, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 'unknown'
}
