// tsoci under podman of an ordinary user: containers in a user namespace, without cgroups of their own.

import { test } from 'node:test'
import { hasProgram } from '../kernel/container.ts'
import { type Case, type Pair, tryCases } from './compare.ts'
import { type Engine, run as runWith, sleeping } from './engine-cases.ts'
import { Host, whyNoClient } from './host.ts'
import { setUpPodman } from './podman.ts'

// A user with ids to map, and podman called as that user wherever a script says podman.
const USER = `echo 'tester:x:7777:7777::/run/home:/bin/sh' >>/etc/passwd; echo 'tester:x:7777:' >>/etc/group
for file in /etc/subuid /etc/subgid; do echo tester:400000:65536 >>$file; done
mkdir -p /run/home /run/xdg; chown 7777:7777 /run/home /run/xdg; chmod 700 /run/xdg
sed -i '/graphroot/d; /runroot/d' /etc/containers/storage.conf
sed -i '/network_config_dir/d' /etc/containers/containers.conf
cat >>/run/join <<'END'
podman() {
  setpriv --reuid 7777 --regid 7777 --init-groups --inh-caps=-all --reset-env \\
    env XDG_RUNTIME_DIR=/run/xdg HOME=/run/home PATH=/usr/bin:/bin:/usr/sbin:/sbin \\
    sh -c 'cd; exec podman "$@"' - "$@"
}
END
chmod 755 "$DIR"; . /run/join; podman import -c 'ENV PATH=/bin' "$DIR/image.tar" box
podman run --rm --network none box true`

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
    await setUpPodman(host, ...runtime)
    await host.ok(`DIR=${host.dir}\n${USER}`)
    return host
  }
  const pair: Pair = {
    tidy: 'podman rm -fa -t 0',
    tsoci: await open(),
    crun: hasProgram('crun') ? await open('crun', 'crun') : undefined,
  }
  await tryCases(t, pair, cases)
})
