// tsoci under Docker's daemon: each operation that reaches the runtime, beside crun.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findProgram, hasProgram } from '../kernel/container.ts'
import { assertNothingLeft, type Case, type Pair, tryCases } from './compare.ts'
import { setUpDocker, startDocker } from './docker.ts'
import { type Engine, sleeping } from './engine.ts'
import { failureCases } from './engine-failures.ts'
import { lifeCases } from './engine-life.ts'
import { settingCases } from './engine-settings.ts'
import { Host, whyNoClient } from './host.ts'

const engine: Engine = { cli: 'docker', rm: 'docker rm -f' }
const inside = (script: string, flags = '') => sleeping(engine, script, flags)

const more: Case[] = [
  {
    what: 'top: processes of the container',
    script: inside('docker top web -o pid,args | sed "s/^[0-9]* *//"'),
    prints: /^PID +COMMAND\nsleep 1000$/,
  },
  {
    what: 'health checks',
    script: inside(
      "until docker inspect web --format '{{.State.Health.Status}}' | grep ^healthy; do sleep 0.1; done",
      "--health-interval 200ms --health-cmd 'true'",
    ),
    prints: 'healthy',
  },
  {
    what: 'update: one limit leaves the others alone',
    script: inside(
      `docker update --memory 64m --memory-swap 64m web >/dev/null
      docker update --cpus 0.5 web >/dev/null
      docker exec web true; echo $?`,
    ),
    prints: '0',
    notCrun: 'it takes the zeros that Docker sends for limits',
  },
  {
    what: '--cgroup-parent',
    script: `docker run --rm --network none --cgroup-parent /ours box grep -c 'pids.*:/ours/' /proc/self/cgroup
      find /sys/fs/cgroup -depth -type d -path '*/ours*' -exec rmdir {} +`,
    prints: /^[01]$/,
  },
]

const skip = whyNoClient('dockerd', 'docker', 'containerd', 'iptables')

test('Docker runs containers by tsoci', { skip, timeout: 290_000 }, async (t) => {
  const pair: Pair = {
    tidy: 'docker rm -f web',
    tsoci: await Host.open(t),
    crun: hasProgram('crun') ? await Host.open(t) : undefined,
  }
  await Promise.all([
    setUpDocker(pair.tsoci),
    pair.crun && setUpDocker(pair.crun, 'crun', findProgram('crun')!),
  ])
  // The first one sets up what Docker keeps for all.
  for (const host of [pair.tsoci, pair.crun]) {
    await host?.ok('docker run --rm box true; docker run --rm --network host box true')
  }
  const before = await pair.tsoci.look()
  const tables = {
    'the life of a container': [...lifeCases(engine), ...more],
    settings: settingCases(engine),
    failures: failureCases(engine),
  }
  for (const [name, cases] of Object.entries(tables)) {
    await t.test(name, (t) => tryCases(t, pair, cases))
  }
  await t.test('containers live on while the daemon is started anew', async () => {
    const host = pair.tsoci
    await host.ok('docker run -d --name web --network none box sleep 1000')
    await host.ok(
      'kill -9 $(cat /run/docker.pid); while docker version; do :; done >/dev/null 2>&1',
    )
    await startDocker(host)
    const say = 'for i in $(seq 50); do docker exec web echo here && exit; sleep 0.1; done; exit 1'
    assert.equal(await host.ok(say), 'here')
    await host.ok('docker rm -f web')
    await assertNothingLeft(host, before)
  })
})
