// A tsoci of a test's own, whose JavaScript can be broken: what still works, works without it.

import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type Change, type Draft, FRONT, openSite } from './container.ts'

/** A site with a copy of dist/, and a bundle in which that is called. */
export function openOwnBuild(t: TestContext, change: Change, config: Draft) {
  const site = openSite(t)
  const dist = join(site.dir, 'dist')
  cpSync(dirname(FRONT), dist, {
    recursive: true,
    // Without the quick engine, which can't be broken this way.
    filter: (path) => !/\/(test|types|tsoci-engine)$/.test(path),
  })
  const bundle = site.bundle(change, config)
  const call = (words: readonly string[]) =>
    spawnSync(join(dist, 'tsoci'), ['--root', site.root, ...words], {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: bundle,
      // A container that waits for start would hold a pipe open.
      stdio: words[0] === 'create' ? 'ignore' : 'pipe',
    })
  // engine.cjs is a part of what a plan depends on, what loads it is not.
  const breakEngine = () => {
    writeFileSync(join(dist, 'compile.cjs'), 'throw 1')
    for (const name of readdirSync(join(dist, 'js')))
      writeFileSync(join(dist, 'js', name), 'throw 1')
  }
  return { site, dist, bundle, call, breakEngine }
}
