import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { makeTempDir, tsoci } from './tsoci.ts'

test('plan prints the plan of a bundle with a terminal and without a rootfs, and touches nothing', (t) => {
  const dir = makeTempDir(t)
  const config = defaultConfig()
  assert.equal(config.process?.terminal, true)
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config))
  // No tar: unpacked, it would be refused.
  writeFileSync(join(dir, 'rootfs.tar'), 'x'.repeat(2000))
  const { code, stdout, stderr } = tsoci(['plan', dir])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /\[\/process\/terminal\]$/m)
  assert.deepEqual(readdirSync(dir).sort(), ['config.json', 'rootfs.tar'])
})
