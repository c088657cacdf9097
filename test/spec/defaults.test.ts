import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Config } from '../../src/spec/config.ts'
import { defaultConfig, rootlessConfig } from '../../src/spec/defaults.ts'
import { parseConfig } from '../../src/spec/parse.ts'

// What runc's version decides: the version it knows, ambient capabilities since 1.2 no more, and
// on a cgroup v2 host a cgroup namespace.
function comparable(config: Config): Config {
  const { process, linux, ...rest } = structuredClone(config)
  delete process?.capabilities?.ambient
  const namespaces = linux?.namespaces?.filter(({ type }) => type !== 'cgroup') ?? []
  return { ...rest, ociVersion: '', ...(process && { process }), linux: { ...linux, namespaces } }
}

function runcSpec(...flags: string[]): Config | string {
  const bundle = mkdtempSync(join(tmpdir(), 'tsoci-spec-'))
  try {
    execFileSync('runc', ['spec', '--bundle', bundle, ...flags], { stdio: 'ignore' })
    return JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as Config
  } catch {
    return 'runc is not installed'
  } finally {
    rmSync(bundle, { recursive: true })
  }
}

test('defaultConfig() has the content of runc spec', (t) => {
  const theirs = runcSpec()
  if (typeof theirs === 'string') return t.skip(theirs)
  assert.deepEqual(comparable(defaultConfig()), comparable(theirs))
})

test('rootlessConfig() has the content of runc spec --rootless', (t) => {
  const theirs = runcSpec('--rootless')
  if (typeof theirs === 'string') return t.skip(theirs)
  const uid = process.geteuid?.() ?? 0
  const gid = process.getegid?.() ?? 0
  assert.deepEqual(comparable(rootlessConfig(uid, gid)), comparable(theirs))
})

test('defaultConfig() makes seven mounts and hides ten paths', () => {
  const { mounts, linux } = defaultConfig()
  assert.deepEqual(
    mounts?.map(({ destination }) => destination),
    ['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue', '/sys', '/sys/fs/cgroup'],
  )
  assert.equal(linux?.maskedPaths?.length, 10)
  assert.equal(linux?.readonlyPaths?.length, 5)
})

test('rootlessConfig() maps one id and shares the network', () => {
  const { mounts, linux } = rootlessConfig(1000, 100)
  assert.deepEqual(linux?.uidMappings, [{ containerID: 0, hostID: 1000, size: 1 }])
  assert.deepEqual(linux?.gidMappings, [{ containerID: 0, hostID: 100, size: 1 }])
  const types = linux?.namespaces?.map(({ type }) => type)
  assert.deepEqual(types, ['pid', 'ipc', 'uts', 'mount', 'user'])
  assert.equal(linux?.resources, undefined)
  assert.ok(mounts?.every(({ options = [] }) => !options.includes('gid=5')))
})

test('defaultConfig() and rootlessConfig() are valid, on cgroup v2 as well', () => {
  for (const cgroup2 of [false, true]) {
    for (const config of [defaultConfig({ cgroup2 }), rootlessConfig(1000, 1000, { cgroup2 })]) {
      assert.deepEqual(parseConfig(JSON.stringify(config), 'c').problems, [])
      assert.equal(
        config.linux?.namespaces?.some(({ type }) => type === 'cgroup'),
        cgroup2,
      )
    }
  }
})

test('defaultConfig() gives each caller a copy of its own', () => {
  defaultConfig().process!.capabilities!.bounding!.push('CAP_BPF')
  assert.equal(defaultConfig().process?.capabilities?.bounding?.length, 3)
})
