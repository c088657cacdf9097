// Runs when npm installs the package: makes what the package does not bring for this machine.

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, renameSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findQuickjs, linkNode } from './engine.mjs'
import { packageName } from './platform.mjs'

const top = fileURLToPath(new URL('..', import.meta.url))
const dist = join(top, 'dist')

// In a clone `npm run build` makes everything.
if (!existsSync(join(top, 'src'))) install()

function install() {
  linkNode(dist)
  if (!runs() && !(takePrebuilt() && runs())) build()
}

/** Is the executor in the package one for this machine? */
function runs() {
  const { stdout } = spawnSync(join(dist, 'tsoci'), ['--version'], { encoding: 'utf8' })
  return stdout?.startsWith('tsoci version ') === true
}

/** Puts the files of the package for this platform into dist/, when it is there and of our version. */
function takePrebuilt() {
  const version = (file) => JSON.parse(readFileSync(file, 'utf8')).version
  const manifest = findManifest()
  if (manifest === undefined) return false
  if (version(manifest) !== version(join(top, 'package.json'))) return false
  for (const name of ['libtsoci.so', 'tsoci-seccomp', 'tsoci']) {
    const draft = join(dist, `${name}.${process.pid}`)
    copyFileSync(join(dirname(manifest), name), draft)
    renameSync(draft, join(dist, name))
  }
  return true
}

function findManifest() {
  try {
    return createRequire(import.meta.url).resolve(`${packageName(process.arch)}/package.json`)
  } catch {
    return undefined // npm leaves out what is optional and can't be had
  }
}

function build() {
  const why = findQuickjs(top)
  if (why !== undefined)
    console.log(`tsoci: built without an engine, Node runs the JavaScript: ${why}`)
  const { status, error } = spawnSync('make', ['-s', '-B', '-C', join(top, 'native')], {
    stdio: 'inherit',
  })
  if (status === 0 && runs()) return
  console.error(`tsoci: there is no executor for this machine (${packageName(process.arch)}), and building one \
failed${error === undefined ? ', see above' : `: ${error.message}`}`)
  console.error('it takes a C compiler, make and a static C library')
  process.exit(1)
}
