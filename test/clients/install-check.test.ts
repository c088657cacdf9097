// tsoci install-check: what it says of clients that are set up, and of those that are not.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FRONT } from '../kernel/container.ts'
import { assertNothingLeft } from './compare.ts'
import { setUpContainerd } from './containerd.ts'
import { setUpDocker } from './docker.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

interface Spoilt {
  /** A script that takes something out of the configuration. */
  readonly script: string
  /** What is to be told then. */
  readonly tells: RegExp
  /** Does the client use tsoci all the same? */
  readonly installed?: true
}

interface Client {
  readonly name: string
  readonly programs: readonly string[]
  readonly setUp: (host: Host) => Promise<void>
  /** One after another. */
  readonly spoilt: readonly Spoilt[]
}

const conf = '/etc/containers/containers.conf'
const noRuntime = `sed -i '/tsoci/d' ${conf}`
const brokenRuntime = `sed -i 's|^tsoci = .*|tsoci = ["/etc/passwd"]|' ${conf}`

const daemonJson = (config: string) => `echo '${config}' >/etc/docker/daemon.json
  kill -HUP $(cat /run/docker.pid)`

const clients: readonly Client[] = [
  {
    name: 'podman',
    programs: ['podman', 'conmon'],
    setUp: setUpPodman,
    spoilt: [
      {
        script: `sed -i '/^runtime_supports_json/d' ${conf}`,
        tells:
          /limited +runtime_supports_json: does not name tsoci\n.*\n.*mend: +in containers.conf: /,
        installed: true,
      },
      {
        script: brokenRuntime,
        tells:
          /missing +default runtime: what containers.conf names is no program that runs\n(.*\n)*.*mend: +in containers.conf: /,
      },
      {
        script: noRuntime,
        tells:
          /missing +default runtime: (?!tsoci)(.*\n)*.*mend: +in containers.conf: \[engine\] runtime = "tsoci"/,
      },
    ],
  },
  {
    name: 'buildah',
    programs: ['buildah'],
    setUp: setUpPodman,
    spoilt: [
      {
        script: noRuntime,
        tells: /missing +default runtime: another one\n.*\n.*mend: +export BUILDAH_RUNTIME=/,
      },
    ],
  },
  {
    name: 'docker',
    programs: ['dockerd', 'docker', 'iptables'],
    setUp: setUpDocker,
    spoilt: [
      {
        script: `${daemonJson(`{"runtimes": {"mine": {"path": "${FRONT}"}}, "default-runtime": "runc"}`)}
          until docker info | grep -q 'Default Runtime: runc'; do :; done 2>/dev/null`,
        tells:
          /limited +runtime: mine; by default runc\n.*--runtime mine.*\n.*mend: +in \/etc\/docker\/daemon.json: "default-runtime"/,
        installed: true,
      },
      {
        script: `${daemonJson('{"runtimes": {}, "default-runtime": "runc"}')}
          while docker info | grep -q mine; do :; done 2>/dev/null`,
        tells:
          /missing +runtime: none is (.*\n)*.*mend: +in \/etc\/docker\/daemon.json: "runtimes"/,
      },
    ],
  },
  {
    name: 'containerd',
    programs: ['containerd', 'ctr'],
    setUp: setUpContainerd,
    spoilt: [
      {
        script: "sed -i '/BinaryName/d' /etc/containerd/config.toml",
        tells:
          /missing +runtime of pods: none is (.*\n)*.*mend: +in \/etc\/containerd\/config.toml: .*BinaryName = /,
      },
      {
        script:
          'pid=$(cat /run/containerd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done',
        tells: /missing +runtime of pods: ctr version: (.*\n)*.*is the daemon running/,
      },
    ],
  },
]

test('install-check of a client that is not there', { skip: whyNoClient() }, async (t) => {
  const host = await Host.open(t)
  const { code, stdout } = await host.call(`
    for dir in bin sbin; do [ ! -e /usr/$dir/podman ] || mount --bind /etc/passwd /usr/$dir/podman; done
    ${FRONT} install-check podman`)
  assert.match(stdout, /missing +podman: not installed\n(.*\n)*.*mend: +apt-get install podman/)
  assert.equal(code, 1)
})

for (const client of clients) {
  const skip = whyNoClient(...client.programs)
  test(`install-check ${client.name}`, { skip, timeout: 120_000 }, (t) => check(t, client))
}

async function check(t: TestContext, { name, setUp, spoilt }: Client): Promise<void> {
  const host = await Host.open(t)
  const words = `${FRONT} install-check ${name}`
  const missing = await host.call(words)
  if (name !== 'podman' && name !== 'buildah') {
    assert.match(missing.stdout, /is the daemon running/)
    assert.equal(missing.code, 1)
  }
  await setUp(host)
  await host.call(words) // the client sets up what it keeps
  const before = await host.look()
  const { code, stdout, stderr } = await host.call(words)
  assert.equal(code, 0, stdout + stderr)
  assert.match(stdout, /ok +a container: ran by tsoci\n$/)
  assert.doesNotMatch(stdout, /missing|limited/)
  await assertNothingLeft(host, before)
  for (const { script, tells, installed = false } of spoilt) {
    await host.ok(script)
    const found = await host.call(words)
    assert.match(found.stdout, tells)
    assert.equal(found.code, installed ? 0 : 1)
    assert.equal(JSON.parse((await host.call(`${words} --json`)).stdout).installed, installed)
  }
}
