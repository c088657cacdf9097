// Limits of a running container, changed all or not at all.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHostFacts } from '../../src/host/facts.ts'
import { openSite, type Site, whyNot } from './container.ts'

const v2 = readHostFacts().cgroups.layout === 'v2'
const skip = whyNot()
const v1Only = skip || (v2 ? 'the files are those of cgroup v1' : false)

const read = (site: Site, id: string, controller: string, file: string) =>
  readFileSync(join(site.cgroup(id, controller), file), 'utf8').trim()

const flags: [words: string[], controller: string, file: string, value: string][] = [
  [['--memory', '64m'], 'memory', 'memory.limit_in_bytes', '67108864'],
  [['--memory-reservation', '32M'], 'memory', 'memory.soft_limit_in_bytes', '33554432'],
  [['--pids-limit', '20'], 'pids', 'pids.max', '20'],
  [['--pids-limit', '-1'], 'pids', 'pids.max', 'max'],
  [['--cpu-share', '512'], 'cpu', 'cpu.shares', '512'],
  [['--cpu-quota', '50000'], 'cpu', 'cpu.cfs_quota_us', '50000'],
  [['--cpu-quota', '500000', '--cpu-period', '1000000'], 'cpu', 'cpu.cfs_period_us', '1000000'],
  [['--cpuset-cpus', '0'], 'cpuset', 'cpuset.cpus', '0'],
]
for (const [words, controller, file, value] of flags) {
  test(`update ${words.join(' ')} writes ${value} to ${file}`, { skip: v1Only }, (t) => {
    const site = openSite(t)
    const id = site.start()
    site.ok(['update', ...words, id])
    assert.equal(read(site, id, controller, file), value)
  })
}

test('update takes resources from standard input, zero and null as unset', {
  skip: v1Only,
}, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--memory', '64m', id])
  const resources = {
    memory: { limit: 0, swap: null },
    cpu: { shares: 0, quota: 30000 },
    devices: null,
  }
  site.ok(['update', '--resources', '-', id], {
    input: JSON.stringify(resources),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  assert.equal(read(site, id, 'memory', 'memory.limit_in_bytes'), '67108864')
  assert.equal(read(site, id, 'cpu', 'cpu.cfs_quota_us'), '30000')
})

test('update takes resources from a file', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  const file = join(site.dir, 'resources.json')
  writeFileSync(file, '{"pids":{"limit":33}}')
  site.ok(['update', `--resources=${file}`, id])
  assert.equal(read(site, id, 'pids', 'pids.max'), '33')
})

test('update changes nothing when one of the values is refused', { skip: v1Only }, (t) => {
  const site = openSite(t)
  const id = site.start()
  site.ok(['update', '--memory', '64m', '--pids-limit', '20', id])
  const { code, stderr } = site.tsoci([
    'update',
    '--memory',
    '128m',
    '--pids-limit',
    '50',
    '--cpuset-cpus',
    '4000',
    id,
  ])
  assert.equal(code, 1)
  assert.match(stderr, /cpuset\.cpus/)
  assert.equal(read(site, id, 'memory', 'memory.limit_in_bytes'), '67108864')
  assert.equal(read(site, id, 'pids', 'pids.max'), '20')
})

const bad: [why: string, words: string[], message: RegExp][] = [
  ['a value that is no number', ['--memory', 'lots'], /--memory "lots": not a number/],
  ['a missing file', ['--resources', '/no/such'], /cannot read the resources/],
  ['no container', [], /container does not exist/],
]
for (const [why, words, message] of bad) {
  test(`update refuses ${why}`, { skip }, (t) => {
    const site = openSite(t)
    const id = words.length === 0 ? 'missing' : site.start()
    const { code, stderr } = site.tsoci(['update', ...words, id])
    assert.equal(code, 1)
    assert.match(stderr, message)
  })
}
