import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { manPages } from '../../scripts/generate-man.ts'

const pages = manPages('1.2.3')
const hasGroff = spawnSync('groff', ['--version'], { stdio: 'ignore' }).error === undefined

test('package.json names every manual page, so that npm installs it', () => {
  const { man } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  assert.deepEqual(
    man,
    [...pages.keys()].map((name) => `./dist/man/${name}`),
  )
})

for (const [name, text] of pages) {
  const skip = hasGroff ? false : 'groff is not installed'
  test(`${name} is a page that groff has no warning about`, { skip }, () => {
    const options = ['-man', '-Tascii', '-ww']
    const { stdout, stderr } = spawnSync('groff', options, { input: text, encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.ok(stdout.includes(`${name.replace('.8', '').toUpperCase()}(8)`))
  })
}
