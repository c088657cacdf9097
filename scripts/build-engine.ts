// Bundles the JavaScript that compiles bundles, for the quick engine and for Node, which takes over
// where there is no Bun.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { keepCode, linkNode, makeEngine } from './engine.mjs'

/** The verbs that compile a bundle; all else is loaded when it is asked for. */
const COMPILE = ['create', 'run']

/** Makes dist/tsoci-engine; returns why there is none. */
export async function buildEngine(top: string, shared: BuildOptions): Promise<string | undefined> {
  writeFileSync(join(top, 'dist/engine.cjs'), await bundleEngine(top, shared))
  copyFileSync(join(top, 'scripts/compile.cjs'), join(top, 'dist/compile.cjs'))
  linkNode(join(top, 'dist'))
  keepCode(join(top, 'dist'))
  return makeEngine(join(top, 'dist'))
}

/**
 * Two bundles in one script. The functions of a scope are all made when it is entered, called or
 * not, which for the whole program takes longer than to compile a plan: so what compiles is in the
 * scope of the script, and the rest in that of one function.
 */
async function bundleEngine(top: string, shared: BuildOptions): Promise<string> {
  const lazy = new Map<string, string>() // what is imported, and from which directory
  const compile = await bundle(top, shared, [compileAtOnce, lazyModules(top, lazy)], {
    entryPoints: ['src/cli/main.ts'],
  })
  const entries = [...lazy].map(
    ([name, path]) => `${JSON.stringify(name)}: () => require(${JSON.stringify(path)})`,
  )
  const rest = await bundle(top, shared, [koffiBeside, sharedErrors], {
    stdin: { contents: `module.exports = {${entries}}`, resolveDir: top },
  })
  return `"use strict";
const tsociUrl="file://"+(typeof Bun==="undefined"?__filename:process.execPath).split("/").map(encodeURIComponent).join("/");
let tsociLoaded;
const tsociRest=(tsociErrors)=>{const module={exports:{}};${rest}
return module.exports};
${compile}`
}

async function bundle(
  top: string,
  shared: BuildOptions,
  plugins: readonly Plugin[],
  from: BuildOptions,
): Promise<string> {
  const { outputFiles } = await build({
    ...shared,
    ...from,
    absWorkingDir: top,
    plugins: [...(shared.plugins ?? []), ...plugins],
    bundle: true,
    write: false,
    format: 'cjs',
    minifyIdentifiers: true,
    define: { ...shared.define, 'import.meta.url': 'tsociUrl' },
  })
  return outputFiles![0]!.text
}

/**
 * Imports what compiles with the script itself: what is imported dynamically esbuild makes a
 * function of for each module, and to enter those takes as long as to check a config.
 */
const compileAtOnce: Plugin = {
  name: 'compile-at-once',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/cli\/main\.ts$/ }, ({ path }) => {
      let contents = readFileSync(path, 'utf8')
      for (const verb of COMPILE) {
        const lazy = `import('./${verb}.ts')`
        if (!contents.includes(lazy)) throw new Error(`src/cli/main.ts has no ${lazy}`)
        contents = `import * as ${verb}Verb from './${verb}.ts'
${contents.replace(lazy, `Promise.resolve(${verb}Verb)`)}`
      }
      return { contents, loader: 'ts' }
    })
  },
}

/** Takes what is imported dynamically from the other bundle. */
function lazyModules(top: string, lazy: Map<string, string>): Plugin {
  return {
    name: 'lazy-modules',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined
        const file = path.startsWith('.') ? resolve(resolveDir, path) : path
        const name = path.startsWith('.') ? relative(top, file) : path
        lazy.set(name, file)
        return { path: name, namespace: 'lazy' }
      })
      onLoad({ filter: /^/, namespace: 'lazy' }, ({ path }) => ({
        contents: `import * as errors from './src/errors.ts'
module.exports = (tsociLoaded ??= tsociRest(errors))[${JSON.stringify(path)}]()`,
        resolveDir: top,
      }))
    },
  }
}

/** The error is of one class in both bundles. */
const sharedErrors: Plugin = {
  name: 'shared-errors',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/errors\.ts$/ }, () => ({
      contents: 'export const TsociError = tsociErrors.TsociError',
    }))
  },
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
