// Each property of config.json with what it can't be: an error at its place, and nothing left behind.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { listBadProperties } from '../spec/bad-values.ts'
import { Site, whyNot } from './container.ts'
import { viewHost } from './host-view.ts'

const skip = whyNot()
const site = new Site()
after(() => site.close())
const bundle = skip === false ? site.bundle() : ''
const before = skip === false ? viewHost(site) : undefined

for (const { pointer, values } of listBadProperties()) {
  test(`create refuses ${pointer}: ${values.map(({ why }) => why).join(', ')}`, { skip }, () => {
    for (const { why, text } of values) {
      writeFileSync(join(bundle, 'config.json'), text)
      const { code, stderr } = site.tsoci(['create', '--bundle', bundle, site.id()])
      assert.equal(code, 1, `${why}: ${stderr}`)
      assert.ok(
        stderr.includes(`${pointer}: `) || stderr.includes(`${pointer} `),
        `${why}: ${stderr}`,
      )
      assert.match(stderr, /^error: /m)
      assert.deepEqual(site.ids(), [])
    }
  })
}

test('nothing of all this is left', { skip }, () => assert.deepEqual(viewHost(site), before))
