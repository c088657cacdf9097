// The JavaScript of the executable: one script, which native/engine.c evaluates at build time.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import * as systemErrors from '../src/engine/system-errors.ts'
import { shared } from './bundle.ts'
import { helpTexts } from './help-texts.ts'

/** What the executable has in the place of a module of Node's, or of ours that stands on one. */
const REPLACED: Readonly<Record<string, string>> = {
  'node:child_process': 'child-process',
  'node:fs': 'fs',
  'node:os': 'os',
  'node:path': 'path',
  'node:path/posix': 'path',
  'node:timers/promises': 'timers',
  'node:util': 'util',
  'src/launch/foreign.ts': 'foreign',
  'src/launch/front-path.ts': 'front-path',
  'src/launch/front-process.ts': 'front-process',
  'src/launch/watch.ts': 'watch',
}

/** Modules that need Node, and what others import of them: whoever calls it goes on as Node. */
const LEFT_TO_NODE: Readonly<Record<string, string>> = {
  'src/bundle/archive.ts': 'unpackArchive',
  'src/bundle/survey-archive.ts': 'surveyArchive',
  'src/cli/doctor.ts': 'run',
  'src/cli/install-check.ts': 'run',
  'src/cli/unpack.ts': 'run',
}

/** Writes build/engine.js. */
export async function buildEngine(top: string): Promise<void> {
  const file = join(top, 'build/engine.js')
  const text = (await bundle(top)).outputFiles[0]!.text
  mkdirSync(dirname(file), { recursive: true })
  // make(1) goes by the time of the file.
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** Files of ours whose own text is in the executable. */
export async function listSources(top: string): Promise<string[]> {
  const { metafile } = await bundle(top)
  const values = ['src/plan/abi.ts', 'src/engine/system-errors.ts', 'src/cli/help.ts']
  const replaced = [...Object.keys(REPLACED), ...Object.keys(LEFT_TO_NODE), ...values]
  return Object.keys(metafile.inputs).filter((file) => !replaced.includes(file))
}

function bundle(top: string) {
  return build({
    ...shared,
    absWorkingDir: top,
    entryPoints: ['src/engine/main.ts'],
    plugins: [replaceNode(top), ...(shared.plugins ?? []), importAtOnce],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'neutral',
    target: 'es2023',
    format: 'iife',
    define: { ...shared.define, 'import.meta.url': '""' },
    mainFields: ['module', 'main'],
    conditions: ['import'],
  })
}

function replaceNode(top: string): Plugin {
  const engine = (name: string) => join(top, 'src/engine', `${name}.ts`)
  return {
    name: 'replace-node',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^node:/ }, ({ path, importer }) => {
        const name = REPLACED[path]
        if (name === undefined)
          return { errors: [{ text: `${importer}: the executable has no ${path}` }] }
        return { path: engine(name) }
      })
      const own = /\/src\/(launch|bundle|cli|engine)\/[\w-]+\.ts$/
      onLoad({ filter: own }, async ({ path }) => {
        const file = path.slice(top.length).replace(/^\//, '')
        const name = REPLACED[file]
        if (name !== undefined) {
          return { contents: `export * from ${JSON.stringify(engine(name))}`, resolveDir: top }
        }
        const left = LEFT_TO_NODE[file]
        if (left !== undefined) {
          const from = JSON.stringify(engine('leave-to-node'))
          return { contents: `export { leaveToNode as ${left} } from ${from}`, resolveDir: top }
        }
        if (file === 'src/cli/help.ts') {
          const texts = JSON.stringify(await helpTexts())
          return {
            contents: `import { ownName } from './as-runc.ts'
const texts = ${texts}
export const describeHelp = async (command) => texts[ownName()][command?.name ?? '']`,
            resolveDir: dirname(path),
          }
        }
        if (file === 'src/engine/system-errors.ts') return { contents: describeSystemErrors() }
        return loadAtOnce(path)
      })
    },
  }
}

function describeSystemErrors(): string {
  const { SYSTEM_ERRORS, ERRNO, SIGNALS } = systemErrors
  return `export const SYSTEM_ERRORS = new Map(${JSON.stringify([...SYSTEM_ERRORS])})
export const ERRNO = ${JSON.stringify(ERRNO)}
export const SIGNALS = ${JSON.stringify(SIGNALS)}`
}

/** What is imported when it is needed, by Node, is there from the start in the image of the heap. */
const importAtOnce: Plugin = {
  name: 'import-at-once',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => loadAtOnce(path))
  },
}

function loadAtOnce(path: string) {
  const names: string[] = []
  const text = readFileSync(path, 'utf8').replaceAll(/\bimport\('([^']+)'\)/g, (_, name) => {
    names.push(name)
    return `Promise.resolve(atOnce${names.length})`
  })
  const imports = names.map((name, i) => `import * as atOnce${i + 1} from '${name}'\n`)
  return {
    contents: imports.join('') + text,
    loader: 'ts' as const,
    resolveDir: dirname(path),
  }
}
