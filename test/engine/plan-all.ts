// Runs `tsoci plan` for many bundles in one process of Node: `both.test.ts` compares what it prints.

import { readFileSync, writeSync } from 'node:fs'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { BETWEEN } from './between.ts'

for (const bundle of readFileSync(0, 'utf8').trim().split('\n')) {
  const code = await runCommandLine(['plan', '--bundle', bundle])
  const end = `${code}${BETWEEN}`
  process.stdout.write(end)
  writeSync(2, end)
}
