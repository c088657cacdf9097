// tsoci under containerd, by ctr: each operation that reaches the runtime, beside crun.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FRONT, findProgram, hasProgram } from '../kernel/container.ts'
import { assertNothingLeft, type Case, type Pair, tryCases } from './compare.ts'
import { setUpContainerd, startContainerd } from './containerd.ts'
import { Host, whyNoClient } from './host.ts'

// $RT is the runtime of the host.
const run = (words: string, flags = '') =>
  `ctr run --rm --runc-binary $RT ${flags} localhost/box:1 web ${words}`
const inside = (script: string, flags = '', words = 'sleep 1000') =>
  `ctr run -d --null-io --runc-binary $RT ${flags} localhost/box:1 web ${words} || exit
  { ${script}
  }; code=$?; ctr tasks rm -f web >/dev/null 2>&1; ctr containers rm web; exit $code`
const status = 'ctr tasks ls | awk \'$1 == "web" { print $3 }\''

const life: Case[] = [
  {
    what: 'run: output and exit code are those of the program',
    script: run("sh -c 'echo out; echo err >&2; exit 3'"),
    code: 3,
    prints: 'out',
    complains: /^err$/m,
  },
  { what: 'run: input reaches the program', script: `echo hi | ${run('head -n 1')}`, prints: 'hi' },
  {
    what: 'exec: output and exit code',
    script: inside("ctr tasks exec --exec-id one web sh -c 'echo in; exit 4'"),
    code: 4,
    prints: 'in',
  },
  {
    what: 'exec: user and directory',
    script: inside("ctr tasks exec --exec-id one --user 1000 --cwd /tmp web sh -c 'id -u; pwd'"),
    prints: '1000\n/tmp',
  },
  {
    what: 'exec -d, then kill the exec alone',
    script: inside(`ctr tasks exec -d --exec-id one web sleep 1001 || exit
      ctr tasks kill --exec-id one -s KILL web; ${status}`),
    prints: 'RUNNING',
  },
  {
    what: 'ps: pids of the host',
    script: inside(`ctr tasks exec -d --exec-id one web sleep 1001
      ctr tasks ps web | awk 'NR > 1 { print $1 }' | while read -r pid; do tr '\\0' ' ' </proc/$pid/cmdline; echo; done`),
    prints: /^sleep 1000 *\nsleep 1001 *$/,
  },
  {
    what: 'pause and resume',
    script: inside(`ctr tasks pause web; ${status}; ctr tasks resume web; ${status}`),
    prints: 'PAUSED\nRUNNING',
  },
  { what: 'rm -f: a paused task', script: inside('ctr tasks pause web') },
  {
    what: 'kill: a signal by name',
    script: inside(
      `until ctr tasks exec --exec-id one web test -e /tmp/ready; do :; done
      ctr tasks kill -s USR1 web; while ${status} | grep -q RUNNING; do :; done
      ctr tasks rm web 2>&1 | grep -o 'code 5'`,
      '',
      'sh -c \'trap "exit 5" USR1; touch /tmp/ready; while :; do sleep 0.1; done\'',
    ),
    prints: 'code 5',
  },
  {
    what: 'kill -a: every process',
    script: inside(`ctr tasks exec -d --exec-id one web sleep 1001
      ctr tasks kill -a -s KILL web; while ${status} | grep -q RUNNING; do :; done; ${status}`),
    prints: 'STOPPED',
  },
  {
    what: 'kill: a task that has ended',
    script: inside(`ctr tasks kill -s KILL web; while ${status} | grep -q RUNNING; do :; done
      ctr tasks kill -s KILL web`),
    code: 1,
    complains: /process already finished|not found/,
  },
  {
    what: 'the program is killed from outside',
    script: inside(`kill -9 $(ctr tasks ls | awk '$1 == "web" { print $2 }')
      while ${status} | grep -q RUNNING; do :; done; ${status}`),
    prints: 'STOPPED',
  },
  {
    what: 'metrics',
    script: inside(
      'ctr tasks metrics web | grep -o ^pids.current || ctr tasks metrics web | grep -o pids',
    ),
    prints: /pids/,
    notCrun: 'other values',
  },
  {
    what: 'checkpoint: says that CRIU is missing',
    script: inside('ctr tasks checkpoint web'),
    code: 1,
    complains: /criu|checkpoint/i,
    notCrun: 'whether it can depends on how it was built',
  },
]

const settings: Case[] = [
  {
    what: 'user, directory, environment, capabilities',
    script: run(
      'sh -c \'pwd; echo $A; grep -E "CapEff|NoNewPrivs" /proc/self/status\'',
      '--cwd /tmp --env A=b --env PATH=/bin --cap-drop CAP_MKNOD --allow-new-privs',
    ),
    prints: /^\/tmp\nb\nCapEff:.*\nNoNewPrivs:\t0$/,
  },
  {
    what: '--read-only and mounts',
    script: `mkdir -p /run/v; echo v >/run/v/f
      ${run(
        "sh -c 'touch /a; cat /v/f; touch /v/g'",
        '--read-only --mount type=bind,src=/run/v,dst=/v,options=rbind:ro',
      )}; code=$?; rm -r /run/v; exit $code`,
    code: 1,
    prints: 'v',
    complains: /a: Read-only file system\n.*g: Read-only file system/,
  },
  {
    what: '--privileged',
    script: run("sh -c 'mount -t tmpfs tmpfs /tmp && echo ok'", '--privileged'),
    prints: 'ok',
  },
  {
    what: 'a seccomp filter',
    script: run("grep '^Seccomp:' /proc/self/status", '--seccomp'),
    prints: 'Seccomp:\t2',
  },
  {
    what: 'a device',
    script: run('dd if=/dev/fuse count=0', '--device /dev/full --env PATH=/bin'),
    code: 1,
  },
  {
    what: 'the network of the host',
    script: `${run('ip -o link', '--net-host')} | wc -l >/run/a; ip -o link | wc -l | cmp - /run/a`,
  },
  {
    what: 'a network namespace that is there',
    script: `ip netns add mine; ip -n mine address add 10.9.8.7/32 dev lo
      ${run('ip -o address', '--with-ns network:/run/netns/mine')} | grep -c 10.9.8.7
      ip netns del mine; umount /run/netns`,
    prints: '1',
  },
  {
    what: 'limits',
    script: inside(
      `path=$(grep -E ':memory:|^0::' /proc/$(ctr tasks ls | awk '$1 == "web" { print $2 }')/cgroup | head -1 | cut -d: -f3)
      cat /sys/fs/cgroup/memory$path/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup$path/memory.max`,
      '--memory-limit 33554432 --cpus 0.5',
    ),
    prints: '33554432',
  },
  {
    what: 'a rootfs in a directory',
    script: `mkdir -p /run/fs; tar -C /run/fs -xf $IMAGE
      ctr run --rm --runc-binary $RT --rootfs /run/fs web /bin/sh -c 'echo from a directory'
      rm -r /run/fs`,
    prints: 'from a directory',
  },
]

const failures: Case[] = [
  {
    what: 'no such program',
    script: run('nowhere'),
    code: 1,
    complains: /executable file .*not found in \$PATH/,
  },
  {
    what: 'no such program by its path',
    script: run('/bin/nowhere'),
    code: 1,
    complains: /no such file or directory/i,
  },
  {
    what: 'a program that is not executable',
    script: run('/etc/passwd'),
    code: 1,
    complains: /permission denied/i,
  },
  {
    what: 'a directory to work in that is a file',
    script: run('true', '--cwd /etc/passwd'),
    code: 1,
    complains: /\/etc\/passwd/,
  },
  {
    what: 'a mount whose source is not there',
    script: run('true', '--mount type=bind,src=/nowhere,dst=/v,options=rbind'),
    code: 1,
    complains: /\/nowhere/,
  },
  {
    what: 'exec: no such program',
    script: inside('ctr tasks exec --exec-id one web nowhere'),
    code: 1,
    complains: /executable file .*not found in \$PATH/,
  },
  {
    what: 'exec: the container lives on after a failure',
    script: inside(
      'ctr tasks exec --exec-id one web nowhere 2>/dev/null; ctr tasks exec --exec-id two web echo here',
    ),
    prints: 'here',
  },
  {
    what: 'more memory than the limit allows',
    script: run('dd if=/dev/zero of=/dev/null bs=67108864 count=1', '--memory-limit 16777216'),
    code: 137,
  },
  {
    what: 'an id that is taken',
    script: inside('ctr run --rm --runc-binary $RT localhost/box:1 web true'),
    code: 1,
    complains: /already exists/,
  },
  {
    what: 'a runtime that is not there',
    script: 'ctr run --rm --runc-binary /nowhere/tsoci localhost/box:1 web true',
    code: 1,
    complains: /\/nowhere\/tsoci/,
  },
]

const skip = whyNoClient('containerd', 'ctr')

test('containerd runs containers by tsoci', { skip, timeout: 290_000 }, async (t) => {
  const open = async (runtime: string) => {
    const host = await Host.open(t)
    await setUpContainerd(host)
    await host.ok(`echo export RT=${runtime} IMAGE=${host.dir}/image.tar >>/run/join
      ctr run --rm --runc-binary ${runtime} localhost/box:1 web true`)
    return host
  }
  const [tsoci, crun] = await Promise.all([
    open(FRONT),
    hasProgram('crun') ? open(findProgram('crun')!) : undefined,
  ])
  const pair: Pair = {
    tidy: 'ctr tasks rm -f web; ctr containers rm web; ctr snapshot rm web',
    tsoci,
    crun,
  }
  const before = await tsoci.look()
  for (const [name, cases] of Object.entries({
    'the life of a container': life,
    settings,
    failures,
  })) {
    await t.test(name, (t) => tryCases(t, pair, cases))
  }
  await t.test('containers live on while the daemon is started anew', async () => {
    await tsoci.ok('ctr run -d --null-io --runc-binary $RT localhost/box:1 web sleep 1000')
    await tsoci.ok('kill -9 $(cat /run/containerd.pid)')
    await startContainerd(tsoci)
    assert.equal(await tsoci.ok('ctr tasks exec --exec-id one web echo here'), 'here')
    await tsoci.ok('ctr tasks rm -f web; ctr containers rm web')
    await assertNothingLeft(tsoci, before)
  })
})
