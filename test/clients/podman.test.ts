// tsoci under podman, as root: each operation that reaches the runtime, beside crun.

import { test } from 'node:test'
import { hasProgram } from '../kernel/container.ts'
import { type Case, type Pair, tryCases } from './compare.ts'
import { type Engine, run as runWith, sleeping } from './engine.ts'
import { failureCases } from './engine-failures.ts'
import { lifeCases } from './engine-life.ts'
import { settingCases } from './engine-settings.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

const engine: Engine = { cli: 'podman', rm: 'podman rm -f -t 0' }
const run = (words: string, flags = '') => runWith(engine, words, flags)
const inside = (script: string, flags = '') => sleeping(engine, script, flags)
const noInit = hasProgram('catatonit') ? false : 'catatonit is not installed'

const life: Case[] = [
  {
    what: 'rm -f: a container that was only initialized',
    script: `podman create --name web --network none box true >/dev/null
      podman init web; podman inspect web --format '{{.State.Status}}'; podman rm -f web`,
    prints: /^web\n(created|initialized)\n/,
  },
  {
    what: 'top: by ps in the container',
    script: inside('podman top web -o pid,args'),
    prints: /sleep 1000/,
    notCrun: 'ps shows its own arguments',
  },
  {
    what: 'top: by what podman reads itself',
    script: inside('podman top web pid comm'),
    prints: /^PID +COMMAND\n1 +sleep/,
  },
  {
    what: 'healthcheck run',
    script: inside(
      'podman healthcheck run web; echo $?; podman exec web touch /tmp/well; podman healthcheck run web; echo $?',
      "--health-interval disable --health-cmd 'test -e /tmp/well'",
    ),
    prints: /1\n0$/,
  },
  {
    what: 'checkpoint: says that CRIU is missing',
    script: inside('podman container checkpoint web'),
    code: 125,
    complains: /criu|checkpoint/i,
    notCrun: 'whether it can depends on how it was built',
  },
]

const settings: Case[] = [
  { what: 'umask', script: run('sh -c umask', '--umask 0027'), prints: '0027' },
  {
    what: 'no paths masked',
    script: run('head -c 1 /proc/keys', '--security-opt unmask=ALL'),
    prints: /./,
  },
  {
    what: '--cgroup-parent',
    script: `${run("grep -c 'pids.*:/ours/' /proc/self/cgroup", '--cgroupns host --cgroup-parent /ours')}
      find /sys/fs/cgroup -depth -type d -path '*/ours*' -exec rmdir {} +`,
    prints: /^[01]$/,
  },
  {
    what: '--cgroups disabled',
    script: run('grep libpod- /proc/self/cgroup', '--cgroups disabled --cgroupns host'),
    code: 1,
    prints: '',
  },
  {
    what: 'mapped ids',
    script: run('sh -c \'tr -s " " </proc/self/uid_map; stat -c %u /\'', '--uidmap 0:100000:5000'),
    prints: ' 0 100000 5000\n0',
  },
  {
    what: 'standard streams of mapped ids',
    script: run(
      "sh -c 'echo out >/dev/stdout; echo err >/dev/stderr'",
      '--uidmap 0:100000:5000 -u 1000',
    ),
    prints: 'out',
  },
  {
    what: 'a warning of the runtime, which is nothing that the container said',
    script: `podman run --name web --network none --annotation org.tsoci.unknown=1 box echo said >/dev/null
      podman logs web 2>&1; podman rm web >/dev/null`,
    prints: 'said',
  },
  {
    what: 'the error of the runtime, beside a warning',
    script: run('no-such-program', '--annotation org.tsoci.unknown=1'),
    code: 127,
    complains: /no-such-program.*(not found|no such file)/i,
  },
  {
    what: 'ids mapped by podman',
    script: `grep -q ^containers /etc/subuid ||
        for file in /etc/subuid /etc/subgid; do echo containers:2000000:131072 >>$file; done
      ${run('sh -c \'id -u; tr -s " " </proc/self/uid_map | cut -d" " -f2,3\'', '--userns auto')}`,
    prints: '0\n0 2000000',
  },
  {
    what: 'a volume given to mapped ids',
    script: `mkdir -p /run/u; ${run('stat -c %u /u', '--uidmap 0:100000:5000 -v /run/u:/u:U')}
      stat -c %u /run/u; rmdir /run/u`,
    prints: '0\n100000',
  },
  {
    what: '--preserve-fds',
    script: `${run("sh -c 'cat <&3'", '--preserve-fds 1')} 3</etc/hostname | cmp - /etc/hostname`,
  },
  {
    what: '--sdnotify: readiness from the container',
    script: `socat -u UNIX-RECV:/run/n,unlink-close=0 OPEN:/run/said,create & until [ -S /run/n ]; do :; done
      NOTIFY_SOCKET=/run/n ${run('test -S /run/notify/notify.sock', '--sdnotify container')}
      code=$?; kill $!; rm -f /run/n; exit $code`,
    skip: hasProgram('socat') ? false : 'socat is not installed',
  },
  {
    what: 'a network namespace that is there',
    script: `ip netns add mine; ip -n mine address add 10.9.8.7/32 dev lo
      podman run --rm --network ns:/run/netns/mine box ip -o address | grep -c 10.9.8.7
      ip netns del mine; umount /run/netns`,
    prints: '1',
  },
]

// podman leaves the pod's own cgroup in the hierarchy of systemd, whatever the runtime.
const TIDY = 'rmdir /sys/fs/cgroup/systemd/libpod_parent/[0-9a-f]* 2>/dev/null; true'

const groups: Case[] = [
  {
    what: 'pod: containers share namespaces',
    script: `podman pod create --name p --hostname shared --network none >/dev/null
      podman run --rm --pod p box hostname
      podman run -d --pod p --name a box sleep 1000 >/dev/null
      podman pod pause p >/dev/null; podman inspect a --format '{{.State.Status}}'
      podman pod unpause p >/dev/null; podman pod stop -t 0 p >/dev/null
      podman pod start p >/dev/null; podman exec a hostname
      podman pod rm -f -t 0 p >/dev/null; ${TIDY}`,
    prints: 'shared\npaused\nshared',
    skip: noInit,
  },
  {
    what: 'play kube, and down',
    script: `cat >/run/pod.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: {name: site}
spec:
  hostNetwork: true
  containers:
  - name: a
    image: localhost/box:latest
    command: ['/bin/sh', '-c', 'echo from kube; sleep 1000']
    securityContext: {readOnlyRootFilesystem: true}
    resources: {limits: {memory: 64Mi}}
END
      podman play kube /run/pod.yaml >/dev/null
      until podman logs site-a | grep kube; do :; done
      podman play kube --down /run/pod.yaml >/dev/null; ${TIDY}`,
    prints: 'from kube',
    skip: noInit,
  },
]

const hook = (
  stage: string,
  script: string,
  more = '',
) => `mkdir -p /run/hooks; cat >/run/hooks/h.json <<'END'
{"version": "1.0.0", "when": {"always": true}, "stages": ["${stage}"],
 "hook": {"path": "/bin/sh", "args": ["sh", "-c", "${script}"]${more}}}
END
  podman --hooks-dir /run/hooks run --rm --network none box true
  code=$?; rm -r /run/hooks; exit $code`

const failures: Case[] = [
  ...['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart'].map(
    (stage) => ({
      what: `a ${stage} hook that fails`,
      script: hook(stage, 'echo no luck >&2; exit 3'),
      code: 126,
      notCrun: 'the moment and so the code differ',
    }),
  ),
  {
    what: 'a hook that hangs',
    script: hook('createRuntime', 'sleep 100', ', "timeout": 1'),
    code: 126,
    complains: /hook.*(time|1 s)/,
    notCrun: 'its words differ',
  },
  {
    what: 'a user whose id is not mapped',
    script: run('true', '--uidmap 0:100000:10 -u 5000'),
    code: 126,
    notCrun: 'its words differ',
  },
]

const skip = whyNoClient('podman', 'conmon')

test('podman as root runs containers by tsoci', { skip, timeout: 290_000 }, async (t) => {
  const pair: Pair = {
    tidy: 'podman rm -fa -t 0; podman pod rm -fa',
    tsoci: await Host.open(t),
    crun: hasProgram('crun') ? await Host.open(t) : undefined,
  }
  await Promise.all([setUpPodman(pair.tsoci), pair.crun && setUpPodman(pair.crun, 'crun', 'crun')])
  // The first one sets up what podman keeps for all.
  for (const host of [pair.tsoci, pair.crun]) await host?.ok('podman run --rm box true')
  const tables = {
    'the life of a container': [...lifeCases(engine), ...life],
    settings: [...settingCases(engine), ...settings],
    'groups of containers': groups,
    failures: [...failureCases(engine), ...failures],
  }
  for (const [name, cases] of Object.entries(tables)) {
    await t.test(name, (t) => tryCases(t, pair, cases))
  }
})
