// Runs the command line from source, as a caller would.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `tsoci` with these words. */
export function tsoci(words: readonly string[], env: Record<string, string> = {}): Result {
  const result = spawnSync(process.execPath, ['--import', 'tsx', main, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  return { code: result.status, stdout: result.stdout, stderr: result.stderr }
}

/** A directory that goes with the test. */
export function makeTempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-test-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
