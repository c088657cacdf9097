// docs/conformance.md, row by row. Each row is a test; what tsoci does on the page is what they found:
// UPDATE=1 node --import tsx --test test/conformance/conformance.test.ts

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { hooks } from './hooks.ts'
import { linux } from './linux.ts'
import { mounts } from './mounts.ts'
import { type Found, readPage, type Section, writePage } from './page.ts'
import { processes } from './process.ts'
import { resources } from './resources.ts'
import { rest } from './rest.ts'
import { top } from './top.ts'

const PAGE = new URL('../../docs/conformance.md', import.meta.url)

const sections: readonly Section[] = [
  { title: 'Top level and `/root`', rows: top },
  { title: '`/mounts`', rows: mounts },
  { title: '`/process`', rows: processes },
  { title: '`/hooks`', rows: hooks },
  { title: '`/linux`: namespaces, ids, devices, network', rows: linux },
  { title: '`/linux/resources`', rows: resources },
  { title: '`/linux`: the rest', rows: rest },
]

const found: Found = new Map()

for (const { title, rows } of sections) {
  for (const row of rows) {
    const { property, tsoci, skip, proof } = row
    test(`${title}: ${property}`, { skip }, async (t) => {
      let isSkipped = false
      const skipLater = t.skip.bind(t)
      t.skip = (reason) => {
        isSkipped = true
        skipLater(reason)
      }
      found.set(row, 'no')
      await proof(t)
      if (isSkipped) found.delete(row)
      else found.set(row, tsoci)
    })
  }
}

test('docs/conformance.md says what was found', () => {
  const before = process.env.UPDATE ? readOrNothing() : readFileSync(PAGE, 'utf8')
  const page = writePage(sections, found, readPage(before))
  if (process.env.UPDATE) writeFileSync(PAGE, page)
  else assert.equal(before, page, 'UPDATE=1 writes it again')
})

test('no property is there twice', () => {
  for (const { title, rows } of sections) {
    const names = rows.map(({ property }) => property)
    assert.equal(new Set(names).size, names.length, title)
  }
})

function readOrNothing(): string {
  try {
    return readFileSync(PAGE, 'utf8')
  } catch {
    return ''
  }
}
