// Seccomp filters that are kept for the next bundle with the same profile.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Seccomp } from '../../src/spec/config.ts'
import { openSite, type Site, whyNot } from './container.ts'

const skip = whyNot()

const refuseMkdir = (errnoRet: number): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet }],
})

let runs = 0

/** Runs a new bundle; how mkdir fails in it. */
function run(site: Site, errnoRet: number): string {
  const { stderr } = site.run('mkdir /dev/shm/x', (config) => {
    config.linux.seccomp = refuseMkdir(errnoRet)
    config.process.rlimits!.push({ type: 'RLIMIT_CORE', soft: 0, hard: runs++ }) // a plan of its own
  })
  return /(not permitted|output error)$/m.exec(stderr)?.[1] ?? stderr
}

function keptFiles(site: Site): string[] {
  const dir = join(site.root, '@filters')
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : []
}

/** Where the program begins: after the lines of the key and the head. */
function programAt(bytes: Buffer): number {
  return bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1
}

/** A site whose kept filter for EPERM is another one, so that its use shows. */
function openForged(site: Site): string {
  assert.equal(run(site, 5), 'output error')
  const [other] = keptFiles(site)
  assert.equal(run(site, 1), 'not permitted')
  const file = keptFiles(site).find((it) => it !== other)!
  const [bytes, forged] = [readFileSync(file), readFileSync(other!)]
  const program = forged.subarray(programAt(forged))
  writeFileSync(file, Buffer.concat([bytes.subarray(0, programAt(bytes)), program]))
  return file
}

test('a filter is made once for all bundles with its profile', { skip }, (t) => {
  const site = openSite(t)
  openForged(site)
  assert.equal(run(site, 1), 'output error')
  assert.equal(
    run(site, 2),
    "mkdir: can't create directory '/dev/shm/x': No such file or directory\n",
  )
})

const spoils: [what: string, spoil: (file: string, site: Site) => void][] = [
  ['others may write there', (_file, site) => chmodSync(join(site.root, '@filters'), 0o777)],
  ['it is cut short', (file) => writeFileSync(file, readFileSync(file).subarray(0, -8))],
  [
    'its head is damaged',
    (file) => {
      const bytes = readFileSync(file)
      bytes[bytes.indexOf('\n') + 1] = 0
      writeFileSync(file, bytes)
    },
  ],
  [
    'libseccomp is another one since',
    (file) => {
      const bytes = readFileSync(file)
      const text = bytes.toString('latin1').replace(/"stamp":"\d/, '"stamp":"x')
      writeFileSync(file, text, 'latin1')
    },
  ],
  [
    'it was made by another build',
    (file) => {
      const text = readFileSync(file, 'latin1').replace(/\d"\]\n/, 'x"]\n')
      writeFileSync(file, text, 'latin1')
    },
  ],
]
for (const [what, spoil] of spoils) {
  test(`a kept filter is not used when ${what}`, { skip }, (t) => {
    const site = openSite(t)
    const file = openForged(site)
    const before = readFileSync(file)
    spoil(file, site)
    if (!what.includes('others')) assert.notDeepEqual(readFileSync(file), before)
    assert.equal(run(site, 1), 'not permitted')
  })
}
