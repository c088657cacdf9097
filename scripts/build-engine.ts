// Bundles the JavaScript for the quick engine, and has it made. Where there is no Bun the front door
// takes Node.

import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { makeEngine } from './engine.mjs'

/** Makes dist/tsoci-engine; returns why there is none. */
export async function buildEngine(top: string, shared: BuildOptions): Promise<string | undefined> {
  await build({
    ...shared,
    plugins: [...(shared.plugins ?? []), koffiBeside],
    entryPoints: ['src/cli/main.ts'],
    outfile: 'dist/engine.cjs',
    bundle: true,
    format: 'cjs',
    minifyIdentifiers: true,
    define: { ...shared.define, 'import.meta.url': 'tsociUrl' },
    banner: {
      js: 'const tsociUrl="file://"+process.execPath.split("/").map(encodeURIComponent).join("/");',
    },
  })
  return makeEngine(join(top, 'dist'))
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
