// tsoci install-check: what it says of clients that are set up, and of those that are not.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FRONT } from '../kernel/container.ts'
import { assertNothingLeft } from './compare.ts'
import { setUpContainerd } from './containerd.ts'
import { setUpDocker } from './docker.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

interface Client {
  readonly name: string
  readonly programs: readonly string[]
  readonly setUp: (host: Host) => Promise<void>
  /** Takes tsoci out of the configuration again. */
  readonly spoil: string
  /** What is to be told then, with exit code 1. */
  readonly tells: RegExp
}

const clients: readonly Client[] = [
  {
    name: 'podman',
    programs: ['podman', 'conmon'],
    setUp: setUpPodman,
    spoil: "sed -i '/tsoci/d' /etc/containers/containers.conf",
    tells:
      /missing +default runtime: (?!tsoci)(.*\n)*.*mend: +in containers.conf: \[engine\] runtime = "tsoci"/,
  },
  {
    name: 'buildah',
    programs: ['buildah'],
    setUp: setUpPodman,
    spoil: "sed -i '/tsoci/d' /etc/containers/containers.conf",
    tells: /missing +default runtime: another one\n.*\n.*mend: +export BUILDAH_RUNTIME=/,
  },
  {
    name: 'docker',
    programs: ['dockerd', 'docker', 'iptables'],
    setUp: setUpDocker,
    spoil: `echo '{"runtimes": {}, "default-runtime": "runc"}' >/etc/docker/daemon.json
      kill -HUP $(cat /run/docker.pid); while docker info | grep -q tsoci; do :; done 2>/dev/null`,
    tells: /missing +runtime: none is (.*\n)*.*mend: +in \/etc\/docker\/daemon.json: "runtimes"/,
  },
  {
    name: 'containerd',
    programs: ['containerd', 'ctr'],
    setUp: setUpContainerd,
    spoil:
      'pid=$(cat /run/containerd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done',
    tells: /missing +runtime of pods: ctr version: (.*\n)*.*is the daemon running/,
  },
]

for (const client of clients) {
  const skip = whyNoClient(...client.programs)
  test(`install-check ${client.name}`, { skip, timeout: 120_000 }, (t) => check(t, client))
}

async function check(t: TestContext, { name, setUp, spoil, tells }: Client): Promise<void> {
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
  await host.ok(spoil)
  const spoilt = await host.call(words)
  assert.match(spoilt.stdout, tells)
  assert.equal(spoilt.code, 1)
  const { installed } = JSON.parse((await host.call(`${words} --json`)).stdout)
  assert.equal(installed, false)
}
