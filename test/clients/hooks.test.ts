// Hooks that fail or hang, under clients that ask for none themselves: a program between them and the
// runtime adds them to config.json, as those of graphics cards do.

import { test } from 'node:test'
import { FRONT, findProgram, hasProgram } from '../kernel/container.ts'
import { CLIENTS, type Client } from './client.ts'
import { type Case, type Pair, tryCases } from './compare.ts'
import { Host, whyNoClient } from './host.ts'

// /run/hook has the hook of one stage. Docker has hooks of its own, ctr has none.
const WRAPPER = (program: string) => `#!/bin/sh
bundle=$(echo "$*" | sed -n 's/.*--bundle \\([^ ]*\\) .*/\\1/p')
if [ -n "$bundle" ] && [ -s /run/hook ]; then
  hook=$(cat /run/hook)
  if grep -q '"hooks":{' $bundle/config.json; then
    sed -i "s|\\"hooks\\":{|&$hook,|" $bundle/config.json
  else
    sed -i "s|\\"linux\\":{|\\"hooks\\":{$hook},&|" $bundle/config.json
  fi
fi
exec ${program} "$@"
`

interface Fault {
  readonly stage: string
  readonly script: string
  readonly timeout?: number
}

// The script runs with the hook in its place; the container that may be left is removed.
function withHook({ run, tidy }: Client, { stage, script, timeout }: Fault): string {
  const hook = { path: '/bin/sh', args: ['sh', '-c', script], timeout }
  return `echo '"${stage}":[${JSON.stringify(hook)}]' >/run/hook
    ${run('true')}; code=$?; rm /run/hook; { ${tidy}; } >/dev/null 2>&1; exit $code`
}

function cases(client: Client): Case[] {
  const code = client.name === 'Docker' ? 125 : 1
  const stages = ['createRuntime', 'createContainer', 'startContainer']
  return [
    ...stages.map((stage) => ({
      what: `a ${stage} hook that fails`,
      script: withHook(client, { stage, script: 'exit 3' }),
      code,
      complains: /hook/,
      ...(stage === 'startContainer' ? { notCrun: 'it starts, and ends at once' } : {}),
    })),
    {
      what: 'a poststart hook that fails',
      script: withHook(client, { stage: 'poststart', script: 'exit 3' }),
      code,
      complains: /hook/,
      notCrun: 'it goes on',
    },
    {
      what: 'a warning of the runtime, which is nothing that the container says',
      script: `echo '"createRuntime":[{"path":"/bin/true","unknown":1}]' >/run/hook
        { ${client.run("sh -c 'echo out; echo err >&2'")}; } 2>&1 | sort; rm /run/hook
        { ${client.tidy}; } >/dev/null 2>&1`,
      prints: 'err\nout',
    },
    {
      what: 'a poststop hook that fails',
      script: withHook(client, { stage: 'poststop', script: 'exit 3' }),
    },
    ...stages.map((stage) => ({
      what: `a ${stage} hook that hangs`,
      script: withHook(client, { stage, script: 'sleep 100', timeout: 1 }),
      code,
      complains: /hook.*(time|1 s)/,
      notCrun: 'its words differ',
    })),
  ]
}

for (const client of CLIENTS.filter(({ name }) => /^(containerd|Docker)$/.test(name))) {
  const skip = whyNoClient(...client.programs)
  test(`hooks under ${client.name}`, { skip, timeout: 290_000 }, async (t) => {
    const open = async (program: string) => {
      const host = await Host.open(t)
      await host.write('/run/bin/runtime', WRAPPER(program), '755')
      await client.setUp(host, '/run/bin/runtime')
      await host.ok(`${client.run('true')}; ${client.tidy}`)
      return host
    }
    const pair: Pair = {
      tidy: client.tidy,
      tsoci: await open(FRONT),
      crun: hasProgram('crun') ? await open(findProgram('crun')!) : undefined,
    }
    await tryCases(t, pair, cases(client))
  })
}
