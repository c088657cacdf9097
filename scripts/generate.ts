// Writes every generated file, or with --check says which ones are stale.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateDocs } from './generate-docs.ts'
import { manPages } from './generate-man.ts'
import { generateNative } from './generate-native.ts'
import { generateSpec } from './generate-spec.ts'

const top = fileURLToPath(new URL('..', import.meta.url))
const check = process.argv.includes('--check')
const files = new Map([
  ...(await generateSpec()),
  ...generateNative(),
  ...generateDocs(),
  ['package.json', listManPages(readFileSync(join(top, 'package.json'), 'utf8'))] as const,
])
const stale: string[] = []
for (const [path, content] of files) {
  const file = join(top, path)
  let old: string | undefined
  try {
    old = readFileSync(file, 'utf8')
  } catch {
    old = undefined
  }
  if (old === content) continue
  stale.push(path)
  if (check) continue
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
if (check && stale.length > 0) {
  console.error(`stale generated files: ${stale.join(', ')}\nrun: npm run generate`)
  process.exit(1)
}

// npm installs those pages only that package.json names one by one.
function listManPages(text: string): string {
  const names = [...manPages('').keys()].map((name) => `    "./dist/man/${name}"`)
  return text.replace(/"man": \[[^\]]*\]/, `"man": [\n${names.join(',\n')}\n  ]`)
}
