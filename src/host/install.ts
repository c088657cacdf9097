// Asks a client on this host whether it uses tsoci, and has it run a container. For people only.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Finding } from './doctor.ts'
import { findTool } from './user.ts'

export type Client = 'podman' | 'buildah' | 'docker' | 'containerd'

interface Answer {
  readonly ok: boolean
  readonly out: string
  /** The last line of what it complained. */
  readonly error: string
}

/** What the check itself needs to know about the place where it runs. */
interface Site {
  /** The executable that the client should call. */
  readonly front: string
  /** A root file system with nothing but the program below. */
  readonly rootfs: string
  /** A name for containers and images that nobody else has. */
  readonly name: string
}

/** What native/front.c takes as the wish to answer from inside of a container. */
const PROGRAM = '/tsoci:check'

/** What is in order with this client, and what is not. Leaves nothing behind. */
export function checkInstall(client: Client, front: string): Finding[] {
  const program = client === 'containerd' ? 'ctr' : client
  if (findTool(program) === undefined) {
    return [
      {
        area: client,
        name: program,
        status: 'missing',
        detail: 'not installed',
        cost: 'there is no client to check',
        mend: `apt-get install ${client === 'docker' ? 'docker.io' : client}`,
      },
    ]
  }
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'tsoci-install-check-'))
  try {
    const rootfs = join(dir, 'rootfs')
    for (const name of ['proc', 'sys', 'dev', 'etc', 'run', 'tmp']) {
      mkdirSync(join(rootfs, name), { recursive: true })
    }
    copyFileSync(front, join(rootfs, PROGRAM))
    for (const path of [dir, rootfs, join(rootfs, PROGRAM)]) chmodSync(path, 0o755)
    const site = { front, rootfs, name: `tsoci-install-check-${process.pid}` }
    return CHECKS[client](site)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const CHECKS: Readonly<Record<Client, (site: Site) => Finding[]>> = {
  podman: checkPodman,
  buildah: checkBuildah,
  docker: checkDocker,
  containerd: checkContainerd,
}

interface PodmanRuntime {
  readonly name?: string
  readonly path?: string
}

function checkPodman(site: Site): Finding[] {
  const base = { area: 'podman', name: 'default runtime' }
  const info = call('podman', ['info', '--format', '{{json .Host.OCIRuntime}}'])
  if (!info.ok) return [notAnswering(base, info, 'podman info')]
  // null for one that does not tell its version.
  const { name, path = 'no program that runs' } = (parseJson(info.out) ?? {}) as PodmanRuntime
  const isOurs = isSameFile(path, site.front)
  const runtime: Finding = isOurs
    ? { ...base, status: 'ok', detail: `${name} is ${path}` }
    : {
        ...base,
        status: 'missing',
        detail: `${name ?? 'what containers.conf names'} is ${path}`,
        cost: 'podman uses tsoci only where --runtime says so',
        mend: `in containers.conf: [engine] runtime = "tsoci", and [engine.runtimes] tsoci = ["${site.front}"]`,
      }
  const words = ['run', '--rm', '--network', 'none', ...(isOurs ? [] : ['--runtime', site.front])]
  return [
    runtime,
    ...checkContainersConf(),
    ran('podman', call('podman', [...words, '--rootfs', site.rootfs, PROGRAM])),
  ]
}

// podman has no word for what it takes from these lists, so the files are read as it reads them.
function checkContainersConf(): Finding[] {
  const home = join(process.env.HOME ?? '/root', '.config/containers')
  const files = process.env.CONTAINERS_CONF
    ? [process.env.CONTAINERS_CONF]
    : ['/usr/share/containers', '/etc/containers', home].flatMap((dir) => [
        join(dir, 'containers.conf'),
        ...listConfs(join(dir, 'containers.conf.d')),
      ])
  const lists = { runtime_supports_json: '', runtime_supports_nocgroup: '' }
  for (const text of files.map(readText)) {
    for (const [, name, list] of text.matchAll(/^\s*(runtime_supports_\w+)\s*=\s*\[([^\]]*)\]/gm)) {
      if (name === 'runtime_supports_json' || name === 'runtime_supports_nocgroup') {
        lists[name] = list!
      }
    }
  }
  const costs = {
    runtime_supports_json: 'podman asks for no log, and takes errors from other output',
    runtime_supports_nocgroup: 'podman refuses --cgroups=disabled',
  }
  return (['runtime_supports_json', 'runtime_supports_nocgroup'] as const).map((name): Finding => {
    const base = { area: 'podman', name }
    if (lists[name].includes('"tsoci"')) return { ...base, status: 'ok', detail: 'names tsoci' }
    const mend = `in containers.conf: [engine] ${name} = ["crun", "runc", "tsoci"]`
    return { ...base, status: 'limited', detail: 'does not name tsoci', cost: costs[name], mend }
  })
}

function checkBuildah(site: Site): Finding[] {
  const base = { area: 'buildah', name: 'default runtime' }
  const from = call('buildah', ['from', '--name', site.name, 'scratch'])
  if (!from.ok) return [notAnswering(base, from, 'buildah from scratch')]
  try {
    const copied = call('buildah', ['copy', site.name, site.rootfs, '/'])
    if (!copied.ok) return [notAnswering(base, copied, 'buildah copy')]
    const words = ['run', '--isolation', 'oci', '--network', 'none']
    const before = rootTime()
    const plain = call('buildah', [...words, site.name, PROGRAM])
    // Nothing else tells which runtime it took: each container makes a directory in the root.
    if (rootTime() !== before) {
      return [{ ...base, status: 'ok', detail: 'tsoci' }, ran('buildah', plain)]
    }
    const named = call('buildah', [...words, '--runtime', site.front, site.name, PROGRAM])
    return [
      {
        ...base,
        status: 'missing',
        detail: 'another one',
        cost: 'buildah uses tsoci only where --runtime says so',
        mend: `export BUILDAH_RUNTIME=${site.front}, or containers.conf as for podman`,
      },
      ran('buildah', named),
    ]
  } finally {
    call('buildah', ['rm', site.name])
  }
}

interface DockerInfo {
  readonly Runtimes?: Readonly<Record<string, { readonly path?: string }>> | null
  readonly DefaultRuntime?: string
  readonly ServerErrors?: readonly string[]
}

function checkDocker(site: Site): Finding[] {
  const base = { area: 'docker', name: 'runtime' }
  const info = call('docker', ['info', '--format', '{{json .}}'])
  const { Runtimes, DefaultRuntime, ServerErrors } = parseJson(info.out) as DockerInfo
  if (!info.ok || !Runtimes) {
    // The client answers even where no daemon does.
    const error = ServerErrors?.[0] ?? info.error
    return [notAnswering(base, { ...info, error }, 'docker info')]
  }
  const names = Object.keys(Runtimes).filter((it) => isSameFile(Runtimes[it]?.path, site.front))
  const name = names.find((it) => it === DefaultRuntime) ?? names[0]
  const line = `"runtimes": {"tsoci": {"path": "${site.front}"}}`
  if (name === undefined) {
    return [
      {
        ...base,
        status: 'missing',
        detail: `none is ${site.front}`,
        cost: 'Docker does not know tsoci',
        mend: `in /etc/docker/daemon.json: ${line}, "default-runtime": "tsoci"; then systemctl reload docker`,
      },
    ]
  }
  const runtime: Finding =
    name === DefaultRuntime
      ? { ...base, status: 'ok', detail: `${name}, by default` }
      : {
          ...base,
          status: 'limited',
          detail: `${name}; by default ${DefaultRuntime}`,
          cost: `only docker run --runtime ${name} uses tsoci`,
          mend: `in /etc/docker/daemon.json: "default-runtime": "${name}"; then systemctl reload docker`,
        }
  return [runtime, runInDocker(site, name)]
}

function runInDocker({ rootfs, name }: Site, runtime: string): Finding {
  const archive = `${rootfs}.tar`
  const steps = [
    ['tar', '-C', rootfs, '-cf', archive, '.'],
    ['docker', 'import', archive, name],
  ]
  for (const [program, ...args] of steps) {
    const answer = call(program!, args)
    if (!answer.ok) return ran('docker', answer)
  }
  try {
    const words = ['run', '--rm', '--network', 'none', '--runtime', runtime]
    return ran('docker', call('docker', [...words, name, PROGRAM]))
  } finally {
    call('docker', ['rmi', '-f', name])
  }
}

function checkContainerd(site: Site): Finding[] {
  const base = { area: 'containerd', name: 'runtime of pods' }
  const version = call('ctr', ['--connect-timeout', '2s', 'version'])
  if (!version.ok) return [notAnswering(base, version, 'ctr version')]
  const config = call('containerd', ['config', 'dump']).out
  const names = listHandlers(config, site.front)
  const isDefault = names.some((name) => config.includes(`default_runtime_name = "${name}"`))
  const plugin = /^\s*version = [3-9]/m.test(config)
    ? "'io.containerd.cri.v1.runtime'"
    : '"io.containerd.grpc.v1.cri"'
  const table = `[plugins.${plugin}.containerd.runtimes.tsoci]`
  const mend = `in /etc/containerd/config.toml: ${table} runtime_type = "io.containerd.runc.v2", and in its .options BinaryName = "${site.front}"`
  const runtime: Finding =
    names.length > 0
      ? { ...base, status: 'ok', detail: names.join(', ') + (isDefault ? ', by default' : '') }
      : {
          ...base,
          status: 'missing',
          detail: `none is ${site.front}`,
          cost: 'Kubernetes can not use tsoci; ctr run --runc-binary can',
          mend,
        }
  const words = ['run', '--rm', '--runc-binary', site.front, '--rootfs', site.rootfs]
  return [runtime, ran('containerd', call('ctr', [...words, site.name, PROGRAM]))]
}

// Runtimes of the pods by name; `[… .runtimes.NAME.options]` says which program each one calls.
function listHandlers(config: string, front: string): string[] {
  const names: string[] = []
  let handler: string | undefined
  for (const line of config.split('\n')) {
    const table = /^\s*\[(.*)\]\s*$/.exec(line)?.[1]
    if (table !== undefined) handler = /\.runtimes\.([\w-]+)\.options$/.exec(table)?.[1]
    const path = /^\s*BinaryName = ["'](.*)["']/.exec(line)?.[1]
    if (handler !== undefined && isSameFile(path, front)) names.push(handler)
  }
  return names
}

function notAnswering(base: { area: string; name: string }, answer: Answer, what: string): Finding {
  return {
    ...base,
    status: 'missing',
    detail: `${what}: ${answer.error}`,
    cost: 'nothing can be checked',
    mend: `mend "${what}" first: is the daemon running, and may this user talk to it?`,
  }
}

function ran(area: string, answer: Answer): Finding {
  const base = { area, name: 'a container' }
  if (answer.ok && /pid \d+ in the container/.test(answer.out)) {
    return { ...base, status: 'ok', detail: 'ran by tsoci' }
  }
  return {
    ...base,
    status: 'missing',
    detail: answer.error || 'it printed nothing',
    cost: `no container runs through ${area}`,
    mend: `see docs/clients/${area}.md, and tsoci doctor`,
  }
}

function call(program: string, args: readonly string[]): Answer {
  const { status, stdout, stderr, error } = spawnSync(findTool(program) ?? program, args, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines = `${stderr ?? ''}`.trim().split('\n')
  return {
    ok: status === 0,
    out: `${stdout ?? ''}`.trim(),
    error: error?.message ?? lines.at(-1) ?? '',
  }
}

// When a container was last made or removed by whoever we are.
function rootTime(): number {
  const dir = process.geteuid!() === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? '/run')
  try {
    return statSync(join(dir, 'tsoci')).mtimeMs
  } catch {
    return 0 // none yet
  }
}

function isSameFile(one: string | undefined, other: string): boolean {
  try {
    return realpathSync(one?.trim() ?? '') === realpathSync(other)
  } catch {
    return false // not there
  }
}

function listConfs(dir: string): string[] {
  try {
    return readdirSync(dir)
      .sort()
      .map((name) => join(dir, name))
  } catch {
    return [] // none
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // none, or not ours to read: then podman does not read it either
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {} // said by the exit code
  }
}
