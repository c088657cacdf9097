// Runs when npm installs the package: makes what the package does not bring for this machine.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepCode, makeEngine } from './engine.mjs'

const top = fileURLToPath(new URL('..', import.meta.url))
const dist = join(top, 'dist')

// In a clone `npm run build` makes everything.
if (!existsSync(join(top, 'src'))) install()

function install() {
  if (!runs()) build()
  keepCode(dist)
  // Wanted for its speed only: without it Node does the same.
  const why = makeEngine(dist)
  if (why !== undefined) console.log(`tsoci: Node compiles new bundles, for ${why}`)
}

/** Is the executor in the package one for this machine? */
function runs() {
  const { stdout } = spawnSync(join(dist, 'tsoci'), ['--version'], { encoding: 'utf8' })
  return stdout?.startsWith('tsoci version ') === true
}

function build() {
  const words = ['-s', '-B', '-C', join(top, 'native'), `NODE=${process.execPath}`]
  const { status, error } = spawnSync('make', words, { stdio: 'inherit' })
  if (status === 0 && runs()) return
  console.error(`tsoci: the package has no executor for this machine (${process.arch}), and building one \
failed${error === undefined ? ', see above' : `: ${error.message}`}`)
  console.error('it takes a C compiler, make and a static C library')
  process.exit(1)
}
