// What the executable's JavaScript takes besides a C compiler: the sources of QuickJS-ng, by cargo, and
// a Node for the rest. Plain JavaScript: the installed package runs it, too.

import { spawnSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Leaves word for native/Makefile where cargo keeps the sources of QuickJS-ng, those that
 * native/quickjs/Cargo.lock names; returns why there are none.
 */
export function findQuickjs(top) {
  const file = join(top, 'build/quickjs.path')
  const { dir, why } = fetchSources(join(top, 'native/quickjs'))
  mkdirSync(dirname(file), { recursive: true })
  if (dir === undefined) rmSync(file, { force: true })
  else writeFileSync(file, dir)
  return why
}

function fetchSources(crate) {
  const cargo = (...words) =>
    spawnSync('cargo', words, { cwd: crate, encoding: 'utf8', maxBuffer: 1 << 24 })
  const list = () => cargo('metadata', '--format-version', '1', '--locked', '--offline')
  let listed = list()
  if (listed.error !== undefined) return { why: 'there is no cargo to fetch QuickJS-ng with' }
  if (listed.status !== 0) {
    const { stderr } = cargo('fetch', '--locked')
    listed = list()
    if (listed.status !== 0) return { why: `cargo fetch: ${stderr.trim()}` }
  }
  const sys = JSON.parse(listed.stdout).packages.find(({ name }) => name === 'rquickjs-sys')
  return { dir: join(dirname(sys.manifest_path), 'quickjs') }
}

/** Leaves word for the executable which Node is to run what its engine does not. */
export function linkNode(dist) {
  const draft = join(dist, `node.${process.pid}`)
  symlinkSync(process.execPath, draft)
  renameSync(draft, join(dist, 'node'))
}
