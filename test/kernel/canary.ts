// A directory of the host that attacks on it would change.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Site } from './container.ts'

/** A directory of the host that no container is told about. */
export function makeCanary(site: Site): { dir: string; check: () => void } {
  const dir = join(site.dir, 'canary')
  mkdirSync(join(dir, 'sub'), { recursive: true })
  writeFileSync(join(dir, 'file'), 'untouched')
  const look = () => {
    const { mode, uid, ino } = statSync(dir)
    const file = statSync(join(dir, 'file'))
    return [mode, uid, ino, file.uid, file.mode, file.rdev, readdirSync(dir).sort().join()].join()
  }
  const before = look()
  return {
    dir,
    check: () => {
      assert.equal(look(), before)
      assert.equal(readFileSync(join(dir, 'file'), 'utf8'), 'untouched')
      assert.deepEqual(readdirSync(join(dir, 'sub')), [])
    },
  }
}
