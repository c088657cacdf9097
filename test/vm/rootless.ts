// Cases: an ordinary user, with and without a part of the hierarchy to call his own.

import assert from 'node:assert/strict'
import type { Config } from '../../src/spec/config.ts'
import { rootlessConfig } from '../../src/spec/defaults.ts'
import { type Case, type Loose, ROOTFS } from './cases.ts'

function userShell(line: string, change: (config: Loose) => void = () => {}): Config {
  const config = structuredClone(rootlessConfig(1000, 1000, { cgroup2: true })) as Loose
  config.process.terminal = false
  config.process.args = ['sh', '-c', line]
  config.root.path = ROOTFS
  change(config)
  return config as Config
}

const limited = (config: Loose) => {
  config.linux.resources = { memory: { limit: 67108864 }, pids: { limit: 20 } }
}
const withoutCgroupNamespace = (config: Loose) => {
  config.linux.namespaces = config.linux.namespaces.filter((it: Loose) => it.type !== 'cgroup')
}

/** What systemd does for `Delegate=`: the user owns the directory and the files that make cgroups. */
const delegate = `
echo '+memory +pids' >$CG/cgroup.subtree_control
mkdir -p $CG/user/session
for dir in $CG/user $CG/user/session; do
	chown 1000:1000 $dir $dir/cgroup.procs $dir/cgroup.threads $dir/cgroup.subtree_control
done`
const undelegate = `
rmdir $CG/user/session $CG/user
echo '-memory -pids' >$CG/cgroup.subtree_control`

export const rootless: Case[] = [
  {
    why: 'without a delegated cgroup a user goes without',
    bundles: { box: userShell('id -u; cat /proc/self/cgroup') },
    script: `
mkdir $CG/session
inside session su -s /bin/sh user -c "XDG_RUNTIME_DIR=/run/user/1000 tsoci run -b box box"
echo "exit $?"
rmdir $CG/session`,
    check: (output) => assert.equal(output, '0\n0::/\nexit 0'),
  },
  {
    why: 'without a delegated cgroup limits are refused',
    bundles: { box: userShell('echo ran', limited) },
    script: 'try as_user "tsoci run -b box box"',
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.match(output, /memory\.max/)
      assert.match(output, /exit 1$/)
    },
  },
  {
    why: 'in a delegated cgroup a user gets limits',
    bundles: { box: userShell('cat /proc/self/cgroup', limited) },
    script: `${delegate}
in_session() { inside user/session su -s /bin/sh user -c "export XDG_RUNTIME_DIR=/run/user/1000; $1"; }
try in_session 'tsoci create -b box box'
show user/box memory.max pids.max
try in_session 'tsoci start box'
until_true sh -c '! grep -q . $1/cgroup.procs' sh $CG/user/box
try as_user 'tsoci delete box'
ls -d $CG/user/box
${undelegate}`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        'memory.max: 67108864',
        'pids.max: 20',
        'exit 0',
        '0::/',
        'exit 0',
        'ls: /sys/fs/cgroup/user/box: No such file or directory',
      ])
    },
  },
  ...[
    { where: 'with', before: delegate, after: undelegate },
    {
      where: 'without',
      before: 'mkdir -p $CG/user/session',
      after: 'rmdir $CG/user/session $CG/user',
    },
  ].map(
    ({ where, before, after }): Case => ({
      why: `a user's mount without a cgroup namespace is read-only, ${where} a delegated cgroup`,
      bundles: {
        box: userShell(
          `awk '$5 == "/sys/fs/cgroup" { print $4, $6 }' /proc/self/mountinfo | tail -n 1`,
          (config) => {
            withoutCgroupNamespace(config)
            config.mounts.find((it: Loose) => it.type === 'cgroup').options = ['nosuid', 'nodev']
          },
        ),
      },
      script: `${before}
inside user/session su -s /bin/sh user -c "XDG_RUNTIME_DIR=/run/user/1000 tsoci run -b box box"
echo "exit $?"
${after}`,
      check: (output) => assert.match(output, /^\/ ro,\S*\nexit 0$/),
    }),
  ),
]
