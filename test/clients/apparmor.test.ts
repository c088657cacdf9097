// The AppArmor profile of docs/apparmor: what apparmor_parser says to it.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../kernel/container.ts'

const profile = readFileSync(
  fileURLToPath(new URL('../../docs/apparmor/tsoci', import.meta.url)),
  'utf8',
)
const parser = findProgram('apparmor_parser')
const skip = parser === undefined && 'apparmor_parser is not installed'

/** Parses without asking the kernel anything; its exit code and what it complained. */
function parse(text: string) {
  const words = ['--skip-kernel-load', '--skip-cache']
  const { status, stderr } = spawnSync(parser!, words, { input: text, encoding: 'utf8' })
  return { status, stderr }
}

test('the profile is one that apparmor_parser takes', { skip }, (t) => {
  const version = /version (\d+)[\d.]*/.exec(
    spawnSync(parser!, ['--version'], { encoding: 'utf8' }).stdout,
  )
  // What an older one does not know is the point of the profile, so the rest is looked at.
  const isOld = Number(version?.[1]) < 4
  if (isOld) t.diagnostic(`${version?.[0]} knows no userns rule: looked at the rest`)
  const known = isOld ? profile.replace(/^abi .*$|^ *userns,$/gm, '') : profile
  const { status, stderr } = parse(known)
  assert.equal(status, 0, stderr)
  assert.notEqual(parse(known.replace('flags=', 'flag=')).status, 0)
})

test('the profile names each path that an installation has', () => {
  const path = /^profile tsoci (\S+)/m.exec(profile)![1]!
  const pattern = path.replace(
    /\{([^}]*)\}/g,
    (_, words: string) => `(${words.replaceAll(',', '|')})`,
  )
  for (const dir of [
    'bin',
    'local/bin',
    'lib/node_modules/tsoci/dist',
    'local/lib/node_modules/tsoci/dist',
  ]) {
    assert.match(`/usr/${dir}/tsoci`, new RegExp(`^${pattern}$`))
  }
})
