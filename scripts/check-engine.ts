// Checks the types of what is in the executable against what src/engine/ has in the place of Node.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listSources } from './build-engine.ts'

const top = fileURLToPath(new URL('..', import.meta.url))

const sources = new Set(await listSources(top))
const tsc = [join(top, 'node_modules/.bin/tsc'), '-p', 'tsconfig.engine.json']
const { stdout } = spawnSync(process.execPath, tsc, { cwd: top, encoding: 'utf8' })
// It follows what is left to Node, too.
const problems = stdout.split('\n').filter((line) => sources.has(line.split('(')[0]!))
for (const problem of problems) console.log(problem)
process.exitCode = problems.length === 0 ? 0 : 1
