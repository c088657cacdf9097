// npm test: sets up, builds, and runs every check and test. Arguments narrow it to test files.

import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { hasCommand, Missing, mainOrMissing, runShown, setUp, top } from './setup.mjs'

await mainOrMissing(() => {
  const named = process.argv.slice(2).map((file) => relative(top, resolve(file)))
  for (const file of named) {
    if (!existsSync(join(top, file))) throw new Missing(`no test file "${file}"`)
  }
  setUp()
  if (runShown(process.execPath, ['--import', 'tsx', 'scripts/build.ts']) !== 0) {
    throw new Missing('the build failed, see above')
  }
  const failed = []
  if (named.length === 0) {
    if (runShown(process.execPath, ['--import', 'tsx', 'scripts/check.ts']) !== 0)
      failed.push('checks')
    if (runShown('make', ['-s', '-C', 'native', 'test']) !== 0) failed.push('native tests')
  }
  // Last, so that the runner's closing lines close the output.
  if (runTests(named.length > 0 ? named : findTests('test')) !== 0) failed.push('tests')
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`)
  process.exitCode = failed.length === 0 ? 0 : 1
})

/** Node 20's runner takes no patterns, hence the list of files. */
function findTests(dir) {
  return readdirSync(join(top, dir), { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join(dir, file))
    .sort()
}

/**
 * One file after another: tests share the kernel's mounts, cgroups and process list. As root in a
 * mount namespace of their own, so that a test that fails midway leaves no mount on the host.
 */
function runTests(files) {
  const runner = [process.execPath, '--import', 'tsx', '--test', '--test-concurrency=1']
  const command = [...runner, '--test-timeout=1200000', '--test-reporter=spec', ...files]
  const isRoot = process.getuid() === 0
  if (isRoot && !hasCommand('unshare')) {
    console.log('no unshare(1): the tests run in the mount namespace of the host')
  }
  const words = isRoot && hasCommand('unshare') ? ['unshare', '-m', ...command] : command
  return runShown(words[0], words.slice(1))
}
