// tsoci under podman of an ordinary user: containers in a user namespace, without cgroups of their own.

import { test } from 'node:test'
import { hasProgram } from '../kernel/container.ts'
import { type Case, type Pair, tryCases } from './compare.ts'
import { type Engine, run as runWith, sleeping } from './engine.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpRootless } from './podman.ts'

const engine: Engine = { cli: 'podman', rm: 'podman rm -f -t 0' }
const run = (words: string, flags = '') => runWith(engine, words, flags)
const inside = (script: string) => sleeping(engine, script)

const cases: Case[] = [
  {
    what: 'run: output and exit code',
    script: run("sh -c 'echo out; exit 3'"),
    code: 3,
    prints: 'out',
  },
  {
    what: 'run: ids are mapped',
    script: run('sh -c \'id -u; tr -s " " </proc/self/uid_map\''),
    prints: '0\n 0 7777 1\n 1 400000 65536',
  },
  {
    what: 'run: user, read-only root, a tmpfs',
    script: run("sh -c 'id -u; touch /t/a; touch /a'", '-u 1000 --read-only --tmpfs /t'),
    code: 1,
    prints: '1000',
    complains: /\/a: Read-only file system/,
  },
  {
    what: 'run --userns keep-id: the user is itself inside',
    script: run("sh -c 'id -u; id -g; touch /tmp/f; stat -c %u /tmp/f'", '--userns keep-id'),
    prints: '7777\n7777\n7777',
  },
  {
    what: 'run --userns auto: a range of its own',
    script: run(
      'sh -c \'id -u; tr -s " " </proc/self/uid_map; touch /a; stat -c %u /a\'',
      '--userns auto:size=1000',
    ),
    prints: '0\n 0 1 1000\n0',
  },
  {
    what: 'run: names of the host, its network and its pids',
    script: run("sh -c 'hostname >/dev/null; test -d /proc/1; id -u'", '--uts host --pid host'),
    prints: '0',
  },
  {
    what: 'run: a volume, its files, and a file system that is writable',
    script: `mkdir -p /run/home/data; chown 7777:7777 /run/home/data
      ${run("sh -c 'echo x >/data/f; stat -c %u /data/f'", '-v /run/home/data:/data')}
      stat -c %u /run/home/data/f; rm -r /run/home/data`,
    prints: '0\n7777',
  },
  {
    what: 'run: an image as a volume',
    script: run('cat /image/etc/group', '--mount type=image,src=box,dst=/image'),
    prints: /^root:x:0:\nweb:x:1000:/,
  },
  {
    what: 'exec: a directory to work in that is not there',
    script: inside('podman exec -w /nowhere web true; echo $?; podman diff web | grep nowhere'),
    code: 1,
    prints: '127',
  },
  {
    what: 'run --privileged, a device, a terminal that nobody has',
    script: run("sh -c 'test -c /dev/null; cat /dev/full | head -c 1 | wc -c'", '--privileged'),
    prints: '1',
  },
  {
    what: 'create, start, stop, rm',
    script: `podman create --name web --network none box sleep 1000 >/dev/null
      podman start web; podman stop -t 0 web; podman inspect web --format '{{.State.Status}}'
      podman rm web >/dev/null; podman ps -aq`,
    prints: 'web\nweb\nexited',
  },
  {
    what: 'rm: of what was created and never started',
    script: 'podman create --name web --network none box true >/dev/null; podman rm web >/dev/null',
  },
  {
    what: 'a pod whose members share their namespaces',
    script: `podman pod create --name p --hostname shared --network none --share net,uts,ipc,pid >/dev/null
      podman run -d --pod p --name a box sleep 1000 >/dev/null
      podman run --rm --pod p box sh -c 'hostname; grep -c sleep /proc/[0-9]*/comm | grep -c :1'
      podman exec a hostname; podman pod stop -t 0 p >/dev/null
      podman pod start p >/dev/null; podman exec a hostname
      podman pod rm -f -t 0 p >/dev/null`,
    prints: 'shared\n1\nshared\nshared',
  },
  {
    what: 'exec: user, directory and environment; exec of what was started again',
    script: inside(`podman restart -t 0 web >/dev/null
      podman exec -u 1000 -e A=b -w /tmp web sh -c 'id -u; echo $A; pwd'`),
    prints: '1000\nb\n/tmp',
  },
  {
    what: 'exec: output and exit code',
    script: inside("podman exec web sh -c 'echo in; exit 4'"),
    code: 4,
    prints: 'in',
  },
  { what: 'top', script: inside('podman top web pid comm'), prints: /^PID +COMMAND\n1 +sleep/ },
  {
    what: 'kill and stop',
    script: inside('podman kill web; podman wait web; podman start web; podman stop -t 0 web'),
    prints: 'web\n137\nweb\nweb',
  },
  {
    what: 'run: no such program',
    script: run('nowhere'),
    code: 127,
    complains: /executable file .*not found in \$PATH/,
  },
]

const skip = whyNoClient('podman', 'conmon', 'newuidmap', 'setpriv')

test('podman of an ordinary user runs containers by tsoci', {
  skip,
  timeout: 290_000,
}, async (t) => {
  const open = async (...runtime: [string, string] | []) => {
    const host = await Host.open(t)
    await setUpRootless(host, ...runtime)
    return host
  }
  const pair: Pair = {
    tidy: 'podman rm -fa -t 0',
    tsoci: await open(),
    crun: hasProgram('crun') ? await open('crun', 'crun') : undefined,
  }
  await tryCases(t, pair, cases)
})
