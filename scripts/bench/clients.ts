// npm run bench -- clients: `run --rm` of podman, ctr and docker, with tsoci against crun.

import { execFileSync } from 'node:child_process'
import { setUpContainerd } from '../../test/clients/containerd.ts'
import { setUpDocker } from '../../test/clients/docker.ts'
import { Host, whyNoClient } from '../../test/clients/host.ts'
import { setUpPodman } from '../../test/clients/podman.ts'
import { FRONT } from '../../test/kernel/container.ts'
import { formatTable, type Row } from './report.ts'

const RUNTIMES = ['tsoci', 'crun'] as const
type RuntimeName = (typeof RUNTIMES)[number]

interface Client {
  readonly name: string
  /** Sets it up on a host with both runtimes by these paths. */
  readonly setUp: (host: Host, paths: Record<RuntimeName, string>) => Promise<void>
  /** One container that ends at once, by the runtime at that path. */
  readonly run: (path: string, name: RuntimeName) => string
}

const CLIENTS: readonly Client[] = [
  {
    name: 'podman',
    setUp: (host, { tsoci }) => setUpPodman(host, 'tsoci', tsoci),
    run: (path) => `podman --runtime ${path} run --rm --network none box true`,
  },
  {
    name: 'ctr',
    setUp: (host, { tsoci }) => setUpContainerd(host, tsoci),
    run: (path) => `ctr run --rm --runc-binary ${path} localhost/box:1 web true`,
  },
  {
    name: 'docker',
    setUp: async (host, { tsoci, crun }) => {
      await setUpDocker(host, 'tsoci', tsoci)
      await host.ok(
        `jq '.runtimes.crun.path = "${crun}"' /etc/docker/daemon.json >/run/daemon.json
        cp /run/daemon.json /etc/docker/daemon.json; kill -HUP $(cat /run/docker.pid); sleep 1`,
      )
    },
    run: (_path, name) => `docker run --rm --runtime ${name} --network none box true`,
  },
]

// Stands before a runtime and adds up what its calls take, in nanoseconds.
const TIMED = (real: string, file: string) => `#!/bin/sh
begin=$(date +%s%N)
${real} "$@"
code=$?
echo $(($(date +%s%N) - begin)) >>${file}
exit $code
`

/** The table of wall time and of the time inside the runtime. */
export async function benchClients(rounds: number): Promise<string> {
  const crun = execFileSync('sh', ['-c', 'command -v crun'], { encoding: 'utf8' }).trim()
  const rows: Row[] = []
  for (const client of CLIENTS) {
    const program = client.name === 'docker' ? 'dockerd' : client.name
    const why = whyNoClient(program, 'crun', 'jq')
    if (why !== false) {
      console.error(`without ${client.name}: ${why}`)
      continue
    }
    console.error(`… ${client.name}`)
    rows.push(await measure(client, { tsoci: FRONT, crun }, rounds, 'wall time'))
    const timed = { tsoci: '/run/timed/tsoci', crun: '/run/timed/crun' }
    rows.push(await measure(client, timed, rounds, 'inside the runtime', { tsoci: FRONT, crun }))
  }
  return formatTable(rows, [...RUNTIMES])
}

async function measure(
  client: Client,
  paths: Record<RuntimeName, string>,
  rounds: number,
  what: string,
  real?: Record<RuntimeName, string>,
): Promise<Row> {
  const undo: (() => void | Promise<void>)[] = []
  const context = { after: (it: () => void) => undo.push(it) }
  const values: Record<string, number[]> = { tsoci: [], crun: [] }
  try {
    const host = await Host.open(context as never)
    for (const name of RUNTIMES) {
      if (real === undefined) continue
      await host.write(paths[name], TIMED(real[name], `/run/timed/${name}.times`), '755')
    }
    await client.setUp(host, paths)
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const name of round % 2 === 0 ? RUNTIMES : RUNTIMES.toReversed()) {
        const spent = await time(host, client.run(paths[name], name), name, real !== undefined)
        if (round > 0) values[name]!.push(spent)
      }
    }
  } finally {
    for (const it of undo.reverse()) await it()
  }
  return { name: `${client.name} run --rm: ${what}`, unit: 'ms', values }
}

/** Milliseconds of a script, or of the runtime's calls in it. */
async function time(host: Host, script: string, name: string, inside: boolean): Promise<number> {
  const times = `/run/timed/${name}.times`
  const total = inside
    ? `cat ${times} | { sum=0; while read -r n; do sum=$((sum + n)); done; echo $sum; }`
    : 'echo $(($(date +%s%N) - begin))'
  const text = await host.ok(
    `rm -f ${times}; begin=$(date +%s%N); ${script} >/dev/null 2>/run/errors || { cat /run/errors >&2; exit 1; }; ${total}`,
  )
  return Number(text.split('\n').at(-1)) / 1e6
}
