// npm run check: types, format, lint, and that generated files are fresh.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Check {
  readonly name: string
  readonly command: readonly string[]
  /** Why the check can't be done here. */
  readonly skip?: string | undefined
}

const top = fileURLToPath(new URL('..', import.meta.url))

const scratch = mkdtempSync(join(tmpdir(), 'tsoci-check-'))

const checks: readonly Check[] = [
  { name: 'types', command: ['node_modules/.bin/tsc', '-p', '.'] },
  {
    name: 'types of the executable',
    command: [process.execPath, '--import', 'tsx', 'scripts/check-engine.ts'],
  },
  {
    name: 'format and lint',
    command: ['node_modules/.bin/biome', 'ci', '--colors=off', '.'],
  },
  {
    name: 'generated files',
    command: [process.execPath, '--import', 'tsx', 'scripts/generate.ts', '--check'],
  },
  {
    name: 'C format',
    command: ['clang-format', '--dry-run', '-Werror', ...findSources()],
    skip: missing('clang-format'),
  },
  {
    // The build itself is by cc; the other compiler knows other warnings.
    name: 'C warnings of clang',
    command: ['make', '-s', '-C', 'native', 'CC=clang', `BUILD=${scratch}`],
    skip: missing('clang'),
  },
]

const failed: string[] = []
for (const { name, command, skip } of checks) {
  if (skip !== undefined) {
    console.log(`skip  ${name}: ${skip}`)
    continue
  }
  const [program, ...args] = command
  const result = spawnSync(program!, args, { cwd: top, encoding: 'utf8' })
  const isOk = result.status === 0
  console.log(`${isOk ? 'ok  ' : 'FAIL'}  ${name}`)
  if (isOk) continue
  failed.push(name)
  console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`)
}
rmSync(scratch, { recursive: true, force: true })
process.exitCode = failed.length === 0 ? 0 : 1

// Ours only: what is generated is not read by people.
function findSources(): string[] {
  return readdirSync(join(top, 'native'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[ch]$/.test(file) && !file.startsWith('generated'))
    .map((file) => join('native', file))
    .sort()
}

function missing(program: string): string | undefined {
  const found = spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
  return found ? undefined : `${program} is not installed`
}
