// Configs that no runtime has met before: of the kinds that engines write, another one each round.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount, Seccomp } from '../../src/spec/config.ts'

export const KINDS = ['podman', 'containerd', 'docker'] as const
type Kind = (typeof KINDS)[number]

/** Files of the host that an engine binds, by what the container calls them. */
const ETC = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']
const CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID']
  .concat('SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'SETFCAP')
  .map((name) => `CAP_${name}`)

/** Writes COUNT configs of each kind to DIR/fresh/KIND/ROUND.json, from the one in BUNDLE. */
export function writeFreshConfigs(dir: string, bundle: string, count: number, seccomp: Seccomp) {
  const text = readFileSync(join(bundle, 'config.json'), 'utf8')
  const sources = join(dir, 'fresh/sources')
  mkdirSync(sources, { recursive: true })
  for (const file of ETC) writeFileSync(join(sources, file.replaceAll('/', '-')), 'bench\n')
  for (let i = 0; i < MOST_BINDS; i++) mkdirSync(join(sources, String(i)))
  for (const kind of KINDS) {
    mkdirSync(join(dir, 'fresh', kind))
    for (let round = 0; round < count; round++) {
      const config = vary(JSON.parse(text), kind, round, sources)
      config.linux.seccomp = seccomp
      config.root.path = join(dir, 'rootfs')
      writeFileSync(join(dir, 'fresh', kind, `${round}.json`), JSON.stringify(config))
    }
  }
}

const MOST_BINDS = 7

// biome-ignore lint/suspicious/noExplicitAny: the config is read-only in its type, and made here.
function vary(config: any, kind: Kind, round: number, sources: string): any {
  const random = makeRandom(round * KINDS.length + KINDS.indexOf(kind) + 1)
  const some = <T>(from: readonly T[]) => from.filter(() => random(3) > 0)
  const list = (length: number, word: string) =>
    Array.from({ length }, (_, i) => `${word}${i}=${random(1e9)}`)
  const { process, linux } = config
  const capabilities = some(CAPABILITIES)
  const root = random(2) === 0
  process.args = ['/bin/true', ...list(random(6), '--option')]
  process.env = ['PATH=/usr/bin:/bin', ...list(3 + random(20), kind === 'containerd' ? 'SVC' : 'V')]
  process.user = root ? { uid: 0, gid: 0 } : { uid: 1 + random(60_000), gid: 1 + random(60_000) }
  process.user.additionalGids = list(random(4), '').map((_, i) => 10 + i + random(5) * 10)
  process.capabilities = { bounding: capabilities, permitted: root ? capabilities : [] }
  process.capabilities.effective = process.capabilities.permitted
  process.noNewPrivileges = random(2) === 0
  process.rlimits =
    kind === 'containerd' ? [] : [{ type: 'RLIMIT_NOFILE', soft: 512, hard: 1024 + random(1000) }]
  config.hostname = `${kind}-${random(1e9)}`
  config.annotations = Object.fromEntries(
    list(1 + random(5), 'org.example.').map((it) => it.split('=')),
  )
  linux.resources = {
    ...linux.resources,
    memory: { limit: (64 + random(64)) * 2 ** 20 },
    cpu: { shares: 2 + random(2000) },
    pids: { limit: 100 + random(1000) },
  }
  const [proc, ...mounts] = config.mounts as Mount[]
  const rest = shuffle([...mounts, ...makeBinds(kind, 1 + random(MOST_BINDS), sources)], random)
  // What lies in another mount comes after it, as engines sort them too.
  const depth = ({ destination }: Mount) => destination.split('/').length
  config.mounts = [proc, ...rest.sort((a, b) => depth(a) - depth(b))]
  return config
}

function makeBinds(kind: Kind, count: number, sources: string): Mount[] {
  const how = kind === 'containerd' ? ['rbind', 'rprivate', 'rw'] : ['rbind', 'rprivate']
  const bind = (destination: string, name: string, ...more: string[]): Mount => ({
    destination,
    type: 'bind',
    source: join(sources, name),
    options: [...how, ...more],
  })
  const files = ETC.map((file) => bind(file, file.replaceAll('/', '-')))
  const volumes = Array.from({ length: count }, (_, i) =>
    bind(`/volumes-${i}`, String(i), ...(kind === 'podman' ? ['nosuid', 'nodev'] : ['ro'])),
  )
  return [...files, ...volumes]
}

/** The same numbers for the same seed, so that two benches measure the same configs. */
function makeRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function shuffle<T>(list: readonly T[], random: (below: number) => number): T[] {
  const keyed = list.map((value) => ({ value, key: random(1e9) }))
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value)
}
