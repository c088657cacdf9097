// Many containers at once, and two clients that use the same ids.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRONT } from '../kernel/container.ts'
import { CLIENTS } from './client.ts'
import { assertNothingLeft } from './compare.ts'
import { setUpContainerd } from './containerd.ts'
import { setUpDocker } from './docker.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

const MANY = 50

const many: Record<string, string> = {
  podman: `podman run --rm --network none box`,
  containerd: 'ctr run --rm --runc-binary $RT localhost/box:1 many-$i',
  Docker: 'docker run --rm --network none box',
}

for (const client of CLIENTS.filter(({ name }) => name in many)) {
  test(`${MANY} containers at once by ${client.name}`, {
    skip: whyNoClient(...client.programs),
    timeout: 290_000,
  }, async (t) => {
    const host = await Host.open(t)
    await client.setUp(host, FRONT)
    await host.ok(`${client.run('true')}; ${client.tidy}`)
    const before = await host.look()
    const script = `for i in $(seq ${MANY}); do ${many[client.name]} echo said $i & done; wait`
    const lines = (await host.ok(script, { limit: 240_000 })).split('\n').sort()
    assert.deepEqual(lines, Array.from({ length: MANY }, (_, i) => `said ${i + 1}`).sort())
    await assertNothingLeft(host, before)
  })
}

test('the same id under several clients', {
  skip: whyNoClient('containerd', 'ctr', 'dockerd', 'docker', 'podman', 'conmon', 'iptables'),
  timeout: 120_000,
}, async (t) => {
  const host = await Host.open(t)
  await Promise.all([setUpContainerd(host), setUpPodman(host)])
  await setUpDocker(host)
  const ctr = (namespace: string) => `ctr -n ${namespace}`
  const run = (namespace: string) =>
    `${ctr(namespace)} run -d --null-io --runc-binary ${FRONT} localhost/box:1 web`
  const remove = (namespace: string) =>
    `${ctr(namespace)} tasks rm -f web; ${ctr(namespace)} containers rm web`
  for (const namespace of ['default', 'k8s.io']) {
    await host.ok(`${run(namespace)} sleep 1000; ${remove(namespace)}`)
  }
  await host.ok('podman run --rm --network none box true; docker run --rm --network none box true')
  const before = await host.look()
  // Each says its own name, so that a mix-up would show.
  for (const namespace of ['default', 'k8s.io']) {
    await host.ok(`${run(namespace)} sh -c 'echo ${namespace} >/tmp/name; sleep 1000'`)
  }
  await host.ok(`for cli in podman docker; do
    $cli run -d --name web --network none box sh -c "echo $cli >/tmp/name; sleep 1000"; done`)
  const names = {
    default: 'ctr -n default tasks exec --exec-id one web',
    'k8s.io': 'ctr -n k8s.io tasks exec --exec-id one web',
    podman: 'podman exec web',
    docker: 'docker exec web',
  }
  const removals = {
    default: remove('default'),
    'k8s.io': remove('k8s.io'),
    podman: 'podman rm -f -t 0 web',
    docker: 'docker rm -f web',
  }
  const left = new Set(Object.keys(names) as (keyof typeof names)[])
  for (const gone of [...left]) {
    for (const name of left) assert.equal(await host.ok(`${names[name]} cat /tmp/name`), name)
    await host.ok(removals[gone])
    left.delete(gone)
  }
  await assertNothingLeft(host, before)
})
