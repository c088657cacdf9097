// tsoci under buildah: each RUN and each `buildah run` is a container, beside crun.

import { test } from 'node:test'
import { hasProgram } from '../kernel/container.ts'
import { type Case, type Pair, tryCases } from './compare.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

const inside = (words: string, flags = '') =>
  `buildah from --name work box >/dev/null && buildah run --isolation oci --network none ${flags} work ${words}
  code=$?; buildah rm work >/dev/null; exit $code`

const cases: Case[] = [
  {
    what: 'run: output and exit code',
    script: inside("-- sh -c 'echo out; exit 3'"),
    code: 3,
    prints: 'out',
  },
  {
    what: 'run: input reaches the program',
    script: `echo hi | { ${inside('cat')}\n}`,
    prints: 'hi',
  },
  {
    what: 'run: user, directory and volumes',
    script: `mkdir -p /run/v; echo v >/run/v/f
      ( ${inside("-- sh -c 'id -u; pwd; cat /v/f; touch /v/g'", '--user 1000 --workingdir /tmp -v /run/v:/v:ro')}
      ); code=$?; rm -r /run/v; exit $code`,
    code: 1,
    prints: '1000\n/tmp\nv',
    complains: /Read-only file system/,
  },
  {
    what: 'run: capabilities',
    script: inside('grep CapEff /proc/self/status', '--cap-drop CAP_MKNOD --cap-add CAP_SYS_TIME'),
    prints: /CapEff/,
  },
  {
    what: 'run: no such program',
    script: inside('/nowhere'),
    code: 1,
    complains: /nowhere.*no such file or directory/i,
  },
  {
    what: 'run: interrupted',
    script: `buildah from --name work box >/dev/null
      timeout -s INT 3 buildah run --isolation oci --network none work sleep 1000; echo $?
      buildah rm work >/dev/null`,
    notCrun: 'when exactly it ends differs',
  },
  {
    what: 'bud: steps see what those before have left',
    script: `mkdir -p /run/build; cd /run/build
      printf 'FROM box\\nENV A=b\\nRUN echo $A >/f && chmod 600 /f\\nUSER 1000\\nWORKDIR /tmp\\nRUN id -u; pwd; cat /f || true\\n' >Dockerfile
      buildah bud --isolation oci --network none --no-cache -t made . 2>&1 | grep -vE '^(STEP|COMMIT|Getting|Copying|Writing|Storing|Successfully|-->|[0-9a-f]{64})'
      buildah rmi -f made >/dev/null; rm -r /run/build`,
    prints: /^1000\n\/tmp\ncat: .*Permission denied$/,
  },
  {
    what: 'bud: a step that fails',
    script: `mkdir -p /run/build; cd /run/build; printf 'FROM box\\nRUN exit 9\\n' >Dockerfile
      buildah bud --isolation oci --network none -q -t made .; code=$?; rm -r /run/build; exit $code`,
    code: 9,
    complains: /exit status 9|exit code 9/,
    notCrun: 'the same, but for numbers',
  },
]

const skip = whyNoClient('buildah', 'podman')

test('buildah runs containers by tsoci', { skip, timeout: 290_000 }, async (t) => {
  const open = async (...runtime: [string, string] | []) => {
    const host = await Host.open(t)
    await setUpPodman(host, ...runtime)
    return host
  }
  const pair: Pair = {
    tidy: 'buildah rm -a',
    tsoci: await open(),
    crun: hasProgram('crun') ? await open('crun', 'crun') : undefined,
  }
  await tryCases(t, pair, cases)
})
