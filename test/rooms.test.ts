// The order of the rooms, and which of them owns each dependency. A cycle between rooms is how a
// small program becomes one that nobody can change; see docs/architecture.md.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const src = fileURLToPath(new URL('../src', import.meta.url))

// A room imports from itself and from those below it.
const rooms = [
  'engine',
  'cli',
  'runtime',
  'launch',
  'plan',
  'state',
  'host',
  'image',
  'bundle',
  'spec',
  'linux',
  'log.ts',
  'errors.ts',
]

const owners: Readonly<Record<string, string>> = {
  yargs: 'cli',
  uuid: 'runtime',
  koffi: 'launch',
  'tar-stream': 'image',
  ajv: 'spec',
  'jsonc-parser': 'spec',
}

// The compile is pure: same input, same bytes. Of node:crypto it takes the hash. `process` is also
// what config.json calls the program, so only what Node's has is looked for.
const impureImport = /^node:(?!path$|path\/posix$|crypto$)/
const impureUse =
  /\bprocess\.(?:env\.[A-Z]|env\[|argv|cwd\(|get\w+\(|hrtime|pid\b)|\bDate\b|\brandom\w*\(/

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()

for (const file of files) {
  test(`src/${file} imports no room above its own, and no package of another`, () => {
    const room = file.split('/')[0]!
    assert.ok(rooms.includes(room), `"${room}" is no room`)
    for (const name of readImports(file)) {
      if (name.startsWith('.')) {
        const other = relative(src, join(src, dirname(file), name)).split('/')[0]!
        // package.json and the like lie outside of src.
        if (other === '..') continue
        assert.ok(rooms.indexOf(other) >= rooms.indexOf(room), `${room} imports ${name}`)
        continue
      }
      const owner = owners[packageOf(name)]
      if (name.startsWith('node:')) continue
      assert.equal(room, owner, `${name} belongs to ${owner ?? 'no room'}`)
    }
  })
}

for (const file of files.filter((it) => it.startsWith('plan/'))) {
  test(`src/${file} is pure`, () => {
    const text = readFileSync(join(src, file), 'utf8').replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
    const found = readImports(file).filter((name) => impureImport.test(name))
    assert.deepEqual(found, [])
    assert.doesNotMatch(text, impureUse)
  })
}

function readImports(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  const pattern = /^\s*(?:import|export)\b[^'"]*?\bfrom\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2]!)
}

function packageOf(name: string): string {
  const parts = name.split('/')
  return name.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!
}
