// The engine of the executable and Node make the same plan of a config, and find the same words for what
// is wrong with one: of the sample bundles, of every wrong value, and of generated configs.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { readSample, sampleBundles } from '../plan/samples.ts'
import { listBadProperties } from '../spec/bad-values.ts'
import { BETWEEN } from './between.ts'

const FRONT = fileURLToPath(new URL('../../dist/tsoci', import.meta.url))
const GENERATED = Number(process.env.TSOCI_MANY ?? 600)
const hasEngine = existsSync(FRONT) && readFileSync(FRONT).subarray(-32).includes('tsoci image')
const skip = hasEngine ? false : 'the build made no engine: it had no cargo'

const dir = mkdtempSync(join(tmpdir(), 'tsoci-both-'))
after(() => rmSync(dir, { recursive: true, force: true }))

let made = 0

function makeBundle(configText: string): string {
  const bundle = join(dir, String(made++))
  mkdirSync(join(bundle, 'rootfs'), { recursive: true })
  writeFileSync(join(bundle, 'config.json'), configText)
  return bundle
}

/** Compares what both say of these configs. */
function compare(texts: readonly string[]): void {
  const bundles = texts.map(makeBundle)
  const script = fileURLToPath(new URL('plan-all.ts', import.meta.url))
  const node = spawnSync(process.execPath, ['--import', 'tsx', script], {
    encoding: 'utf8',
    input: bundles.join('\n'),
    maxBuffer: 1 << 30,
    env: { ...process.env, TSOCI_FRONT: FRONT },
  })
  assert.equal(node.status, 0, node.stderr)
  const said = [node.stdout.split(BETWEEN), node.stderr.split(BETWEEN)]
  for (const [i, bundle] of bundles.entries()) {
    const { status, stdout, stderr } = spawnSync(FRONT, ['plan', '--bundle', bundle], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const config = join(bundle, 'config.json')
    assert.deepEqual(
      { config, out: `${stdout}${status}`, errors: `${stderr}${status}` },
      { config, out: said[0]![i], errors: said[1]![i] },
    )
  }
}

test('both make the same plan of the sample bundles', { skip }, () => {
  compare(sampleBundles().map((name) => readSample(name).configText))
})

test('both say the same of every wrong value', { skip }, () => {
  const texts = listBadProperties().flatMap(({ values }) => values.map(({ text }) => text))
  assert.ok(texts.length > 100)
  compare(texts)
})

/** mulberry32: the same numbers each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const WORDS = ['ro', 'rbind', 'bind', 'nosuid', 'idmap', 'private', 'mode=755', 'Z', 'size=64k']
const TEXTS = ['/tmp', 'a b', 'ä☃𝄞', '', '/proc/../x', '$y', '/dev/shm/', 'x'.repeat(300)]

/** A config as engines write them, with this and that otherwise. */
function generate(random: () => number): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const maybe = (chance: number) => random() < chance
  const number = (most: number) => Math.floor(random() * most)
  const config = defaultConfig()
  const linux = config.linux!
  const process = config.process!
  process.terminal = false
  process.args = Array.from({ length: number(4) }, () => pick(TEXTS))
  process.env = Array.from({ length: number(6) }, () => `${pick(['A', 'HOME', ''])}=${pick(TEXTS)}`)
  if (maybe(0.5)) process.user = { uid: number(70000), gid: number(3), additionalGids: [number(9)] }
  if (maybe(0.3)) process.cwd = pick(TEXTS)
  if (maybe(0.3)) process.noNewPrivileges = maybe(0.5)
  if (maybe(0.3)) process.oomScoreAdj = number(2200) - 1100
  if (maybe(0.2)) delete process.capabilities
  for (let i = number(4); i > 0; i--) {
    const options = Array.from({ length: number(4) }, () => pick(WORDS))
    config.mounts!.push({ destination: pick(TEXTS), source: pick(TEXTS), type: 'bind', options })
  }
  if (maybe(0.4)) config.mounts!.sort(() => random() - 0.5)
  if (maybe(0.4)) config.hostname = pick(TEXTS)
  if (maybe(0.3)) config.annotations = { [pick(TEXTS)]: pick(TEXTS) }
  if (maybe(0.3)) linux.namespaces = linux.namespaces!.filter(() => maybe(0.8))
  if (maybe(0.3)) {
    const map = [{ containerID: 0, hostID: number(100000), size: number(70000) }]
    linux.namespaces!.push({ type: 'user' })
    linux.uidMappings = map
    linux.gidMappings = map
  }
  if (maybe(0.5)) {
    linux.resources = {
      memory: { limit: number(1e9), swap: number(2e9) },
      cpu: { quota: number(1e6) - 1000, period: number(1e6), shares: number(300000) },
      pids: { limit: number(4000) - 1 },
      devices: [
        { allow: maybe(0.5), type: pick(['a', 'b', 'c']), major: number(9), access: 'rwm' },
      ],
    }
  }
  if (maybe(0.3)) linux.sysctl = { [pick(['net.ipv4.ip_forward', 'kernel.x', 'a'])]: pick(TEXTS) }
  if (maybe(0.3)) linux.maskedPaths = Array.from({ length: number(4) }, () => pick(TEXTS))
  if (maybe(0.2)) linux.cgroupsPath = pick(TEXTS)
  if (maybe(0.2)) config.hooks = { poststop: [{ path: pick(TEXTS), timeout: number(9) - 1 }] }
  return JSON.stringify(config, null, number(4))
}

test(`both say the same of ${GENERATED} generated configs`, { skip }, () => {
  const random = numbers(1)
  compare(Array.from({ length: GENERATED }, () => generate(random)))
})
