// Callers make exit codes and advice of their own from some phrases, wherever these stand. A hint is
// printed beside the message, so it may have none of them.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { HINTS } from '../../src/launch/hints.ts'

const MAPPED =
  /is a directory|not a directory|permission denied|not permitted|no such file|executable file not found|no such process/i

for (const [op, hints] of Object.entries(HINTS)) {
  test(`the hints of ${op} have no phrase that callers map`, () => {
    for (const hint of Object.values(hints)) assert.doesNotMatch(hint, MAPPED)
  })
}

// What follows the word, to the end of its line or of the lines that go on; and texts with a name.
const ADVICE =
  /(?:\bhint\w*\s*[:=?]|^(?:export )?const [A-Z_]+ =)[\s\S]*?(?=[,;]?\n\s*[}\])]|\n\n|\n\S|,\n)/gim

test('no other hint in the sources has such a phrase', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url))
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const hints = files.flatMap((file) => {
    const text = readFileSync(join(src, file), 'utf8').replaceAll(/(^|\s)(\/\/|\/?\*+) .*/g, '')
    return [...text.matchAll(ADVICE)].map(([hint]) => ({ file, hint }))
  })
  assert.ok(hints.length > 200, String(hints.length))
  assert.ok(hints.some(({ hint }) => hint.includes('give NAME=VALUE')))
  for (const { file, hint } of hints) assert.doesNotMatch(hint, MAPPED, file)
})
