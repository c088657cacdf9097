// Cases: containers whose cgroup systemd makes.

import assert from 'node:assert/strict'
import type { Config } from '../../src/spec/config.ts'
import { rootlessConfig } from '../../src/spec/defaults.ts'
import { type Case, type Loose, ROOTFS, shell } from './cases.ts'

/** The shell words of these cases, beside those of a system with systemd. */
export const systemdWords = `CG=/sys/fs/cgroup
stty -F /dev/ttyS1 raw
mkdir -p ${ROOTFS}/bin ${ROOTFS}/dev ${ROOTFS}/proc ${ROOTFS}/sys ${ROOTFS}/tmp ${ROOTFS}/etc
cp /usr/bin/busybox ${ROOTFS}/bin && chroot ${ROOTFS} /bin/busybox --install -s /bin
chmod 1777 /tmp
echo 'user:x:1000:1000:user:/tmp:/bin/sh' >>/etc/passwd
echo 'user:x:1000:' >>/etc/group
echo 'user:*:19000:0:99999:7:::' >>/etc/shadow

# try COMMAND...: says how it ended.
try() { "$@"; echo "exit $?"; }
# show UNIT PROPERTY...: as systemd has them, one line for each.
show() { unit=$1; shift; systemctl $USERFLAG show --all $unit $(printf -- ' -p %s' "$@"); }
# file NAME...: of the cgroup in $dir.
file() { for name; do echo "$name: $(cat $dir/$name)"; done; }
# until_true COMMAND...: waits for it, up to ten seconds.
until_true() {
	n=0
	until "$@" 2>/dev/null || [ $n -ge 100 ]; do sleep 0.1; n=$((n + 1)); done
}
# as_user COMMAND: as an ordinary user whose systemd runs, from outside of it.
# start_user: what logging in does.
start_user() { mkdir -p /run/user; systemctl start user@1000.service; }
as_user() { su -s /bin/sh user -c "export XDG_RUNTIME_DIR=/run/user/1000; $1"; }
# Scopes, failed units and containers.
left() {
	systemctl list-units --all --plain --no-legend '*.scope' | grep -v -e '^init' -e '^session'
	[ -e /run/user/1000/bus ] &&
		as_user 'systemctl --user list-units --all --plain --no-legend "*.scope"' | grep -v '^init'
	find $CG -name '*tsoci*.scope' -o -name '*box*.scope'
	ls -d /run/tsoci/[!@]* /run/user/1000/tsoci/[!@]* 2>/dev/null
}
clean() {
	for unit in $(systemctl list-units --all --plain --no-legend '*box*.scope' | cut -d ' ' -f 1); do
		systemctl stop $unit; systemctl reset-failed $unit
	done
	rm -rf /run/tsoci/[!@]* /run/user/1000/tsoci/[!@]*
}
`

const at = (cgroupsPath: string) => (config: Loose) => {
  config.linux.cgroupsPath = cgroupsPath
}

/** Limits that systemd has properties for, and some that it has not. */
const limited = (config: Loose) => {
  config.linux.cgroupsPath = 'box-pod.slice:try:limited'
  config.linux.resources = {
    ...config.linux.resources,
    memory: { limit: 67108864, reservation: 33554432, swap: 100663296 },
    cpu: { shares: 512, quota: 50000, period: 200000, cpus: '0-1' },
    pids: { limit: 30 },
    hugepageLimits: [{ pageSize: '2MB', limit: 4194304 }],
  }
  config.annotations = {
    'org.systemd.property.TimeoutStopSec': '7',
    'org.systemd.property.CPUWeight': 'uint64 33',
  }
}

const USER = '/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service'

const rooted: Case[] = [
  {
    why: 'the init is in a scope of system.slice, named after the container',
    bundles: { box: shell('sleep 1000') },
    script: `
try tsoci --systemd-cgroup create -b box --pid-file /tmp/pid box
cat /proc/$(cat /tmp/pid)/cgroup
show tsoci-box.scope Slice Delegate DefaultDependencies CollectMode Description TasksAccounting
try tsoci start box
tsoci state box | grep status
try tsoci exec box cat /proc/self/cgroup
try tsoci pause box
cat $CG/system.slice/tsoci-box.scope/cgroup.freeze
try tsoci resume box
try tsoci kill --all box KILL
until_true sh -c 'tsoci state box | grep -q stopped'
try tsoci delete box
systemctl show -p LoadState tsoci-box.scope`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        '0::/system.slice/tsoci-box.scope',
        'Slice=system.slice',
        'Delegate=yes',
        'TasksAccounting=yes',
        'Description=container box',
        'DefaultDependencies=no',
        'CollectMode=inactive-or-failed',
        'exit 0',
        '  "status": "running",',
        '0::/',
        'exit 0',
        'exit 0',
        '1',
        'exit 0',
        'exit 0',
        'exit 0',
        'LoadState=not-found',
      ])
    },
  },
  {
    why: 'systemd knows the limits, and the kernel has them, after a reload and an update, too',
    bundles: { box: shell('sleep 1000', limited) },
    script: `
try tsoci --cgroup-manager systemd create -b box box
dir=$CG/box.slice/box-pod.slice/try-limited.scope
unit=try-limited.scope
show $unit MemoryMax MemoryLow MemorySwapMax CPUWeight CPUQuotaPerSecUSec CPUQuotaPeriodUSec TasksMax
show $unit AllowedCPUs TimeoutStopUSec
file memory.max memory.low memory.swap.max cpu.weight cpu.max pids.max cpuset.cpus hugetlb.2MB.max
systemctl daemon-reload
file memory.max cpu.max pids.max hugetlb.2MB.max
try tsoci update --memory 50331648 --pids-limit 40 --cpu-quota 123456 --cpu-period 200000 box
show $unit MemoryMax TasksMax CPUQuotaPerSecUSec
file memory.max cpu.max pids.max
try tsoci update --cpuset-cpus 0 box; show $unit AllowedCPUs; file cpuset.cpus
try tsoci update --cpu-idle 1 --cpu-share 200 box; systemctl daemon-reload; file cpu.idle
try tsoci update --cpu-share 200 box; systemctl daemon-reload; file cpu.idle cpu.weight
echo '{ "unified": { "cpu.idle": "1", "cpu.weight": "8" } }' >idle
try tsoci update --resources idle box; systemctl daemon-reload; file cpu.idle
echo '{ "unified": { "cpu.weight": "8" } }' >weight
try tsoci update --resources weight box; systemctl daemon-reload; file cpu.idle cpu.weight
try tsoci delete --force box`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        'CPUWeight=59',
        'CPUQuotaPerSecUSec=250ms',
        'CPUQuotaPeriodUSec=200ms',
        'MemoryLow=33554432',
        'MemoryMax=67108864',
        'MemorySwapMax=33554432',
        'TasksMax=30',
        'TimeoutStopUSec=7s',
        'AllowedCPUs=0-1',
        'memory.max: 67108864',
        'memory.low: 33554432',
        'memory.swap.max: 33554432',
        'cpu.weight: 59',
        'cpu.max: 50000 200000',
        'pids.max: 30',
        'cpuset.cpus: 0-1',
        'hugetlb.2MB.max: 4194304',
        'memory.max: 67108864',
        'cpu.max: 50000 200000',
        'pids.max: 30',
        'hugetlb.2MB.max: 4194304',
        'exit 0',
        'CPUQuotaPerSecUSec=620ms',
        'MemoryMax=50331648',
        'TasksMax=40',
        'memory.max: 50331648',
        'cpu.max: 123456 200000',
        'pids.max: 40',
        'exit 0',
        'AllowedCPUs=0',
        'cpuset.cpus: 0',
        'warning: resources: /linux/resources/cpu/shares: unable to apply both idle and shares: what is idle has the least weight',
        'exit 0',
        'cpu.idle: 1',
        'exit 0',
        'cpu.idle: 0',
        'cpu.weight: 29',
        'warning: resources: /linux/resources/unified/cpu.weight: unable to apply both idle and cpu.weight: what is idle has the least weight',
        'exit 0',
        'cpu.idle: 1',
        'exit 0',
        'cpu.idle: 0',
        'cpu.weight: 8',
        'exit 0',
      ])
    },
  },
  {
    why: 'a name is free again as soon as it was deleted, however the container ended',
    bundles: {
      box: shell('exit 3', at('system.slice:box:again')),
      oom: shell('tail /dev/zero', (config) => {
        at('system.slice:box:again')(config)
        config.linux.resources.memory = { limit: 16777216, swap: 16777216 }
      }),
    },
    script: `
for n in 1 2 3; do try tsoci --systemd-cgroup run -b box box; done
tsoci --systemd-cgroup run -b oom box; [ $? -ne 0 ] && echo 'killed'
try tsoci --systemd-cgroup run -b box box
try systemctl is-failed box-again.scope`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        ...['exit 3', 'exit 3', 'exit 3', 'killed', 'exit 3'],
        ...['inactive', 'exit 1'],
      ])
    },
  },
  {
    why: 'a scope that another version of tsoci asked for is gone after delete',
    bundles: { box: shell('sleep 1000', at('system.slice:box:old')) },
    script: `
tsoci --systemd-cgroup run --detach -b box box
printf 'old' | dd of=/run/tsoci/box/plan bs=1 seek=4 conv=notrunc status=none
try tsoci kill box KILL
until_true sh -c 'tsoci state box | grep -q stopped'
printf 'old' | dd of=/run/tsoci/box/plan bs=1 seek=4 conv=notrunc status=none
try tsoci delete box
try systemctl is-active box-old.scope
ls -d $CG/system.slice/box-old.scope /run/tsoci/box 2>/dev/null | wc -l`,
    check(output) {
      const [killed, removed, ...scope] = output.split('\n')
      assert.deepEqual([killed, removed], ['exit 0', 'exit 0'])
      assert.deepEqual(scope, ['inactive', 'exit 3', '0'])
    },
  },
  {
    why: "somebody else's scope is neither joined nor ended",
    bundles: { box: shell('echo ran', at('system.slice:box:other')) },
    script: `
systemd-run --quiet --scope --unit box-other.scope sleep 1000 & pid=$!
until_true grep -q . $CG/system.slice/box-other.scope/cgroup.procs
try tsoci --systemd-cgroup run -b box box
try tsoci delete --force box
kill -0 $pid && echo 'alive'
kill $pid; wait $pid
until_true sh -c '! systemctl is-active box-other.scope'`,
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.match(output, /box-other\.scope.*EBUSY/)
      assert.match(output, /exit 1\n.*exit 0\nalive/s)
    },
  },
  {
    why: 'what systemd refuses is told in its words, and nothing is left',
    bundles: {
      property: shell('echo ran', (config) => {
        config.annotations = { 'org.systemd.property.NoSuchProperty': 'true' }
      }),
      value: shell('echo ran', (config) => {
        config.annotations = { 'org.systemd.property.KillMode': "'sometimes'" }
      }),
      slice: shell('echo ran', at('no-such--slice.slice:box:it')),
      text: shell('echo ran', (config) => {
        config.annotations = { 'org.systemd.property.KillMode': 'mixed' }
      }),
    },
    script: 'for box in *; do [ -d $box ] && try tsoci --systemd-cgroup run -b $box box; done',
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.match(output, /StartTransientUnit tsoci-box\.scope.*NoSuchProperty/)
      assert.match(output, /StartTransientUnit tsoci-box\.scope.*sometimes|KillMode/)
      assert.match(output, /cannot put a scope into the slice "no-such--slice\.slice"/)
      assert.match(output, /annotation "org\.systemd\.property\.KillMode": "mixed"/)
      assert.equal(output.match(/exit 1/g)?.length, 4)
    },
  },
  {
    why: 'below the scope there can be a cgroup for the container, and for what is executed in it',
    bundles: {
      box: shell('sleep 1000', (config) => {
        config.annotations = { 'run.oci.systemd.subgroup': 'container' }
        config.linux.resources.pids = { limit: 30 }
      }),
    },
    script: `
try tsoci --systemd-cgroup run --detach --pid-file /tmp/pid -b box box
cat /proc/$(cat /tmp/pid)/cgroup
dir=$CG/system.slice/tsoci-box.scope/container
file pids.max
tsoci exec --detach --pid-file /tmp/second box sleep 1000
cat /proc/$(cat /tmp/second)/cgroup
try tsoci delete --force box`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        '0::/system.slice/tsoci-box.scope/container',
        'pids.max: 30',
        '0::/system.slice/tsoci-box.scope/container',
        'exit 0',
      ])
    },
  },
  {
    why: 'devices that no rule allows are denied, after a reload, too',
    bundles: {
      box: shell('mknod /tmp/node c 1 11; (true </tmp/node) 2>&1; sleep 1000', (config) => {
        config.mounts.push({ destination: '/tmp', type: 'tmpfs', options: ['mode=1777'] })
        for (const set of ['bounding', 'effective', 'permitted']) {
          config.process.capabilities[set] = ['CAP_MKNOD', 'CAP_SYSLOG']
        }
        config.process.capabilities.ambient = []
      }),
    },
    script: `
tsoci --systemd-cgroup run --detach -b box box >/tmp/log
until_true grep -q . /tmp/log; cat /tmp/log
systemctl daemon-reload
tsoci exec box sh -c '(true </tmp/node) 2>&1; echo nothing >/dev/null && echo fine'
try tsoci delete --force box`,
    check(output) {
      const denied = "sh: can't open /tmp/node: Operation not permitted"
      assert.deepEqual(output.split('\n'), [denied, denied, 'fine', 'exit 0'])
    },
  },
  {
    why: 'each container of a bundle has a scope of its own',
    bundles: { box: shell('sleep 1000') },
    script: `
for id in box1 box2; do tsoci --systemd-cgroup run --detach -b box $id; done
systemctl list-units --plain --no-legend 'tsoci-*' | cut -d ' ' -f 1
for id in box1 box2; do try tsoci delete --force $id; done`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'tsoci-box1.scope',
        'tsoci-box2.scope',
        'exit 0',
        'exit 0',
      ])
    },
  },
]

function userShell(line: string, change: (config: Loose) => void = () => {}): Config {
  const config = structuredClone(rootlessConfig(1000, 1000, { cgroup2: true })) as Loose
  config.process.terminal = false
  config.process.args = ['sh', '-c', line]
  config.root.path = ROOTFS
  change(config)
  return config as Config
}

const rootless: Case[] = [
  {
    why: 'a user without a systemd is told so',
    bundles: { box: userShell('echo ran') },
    script:
      'mkdir -p /run/user/1000; chown 1000 /run/user/1000; try as_user "tsoci --systemd-cgroup run -b box box"',
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.match(output, /systemd is not running on this host, or not for this user/)
    },
  },
  {
    why: "a user's systemd makes a scope, from outside of it as well, and takes what is executed",
    bundles: {
      box: userShell('sleep 1000', ({ linux }) => {
        linux.resources = { memory: { limit: 67108864 }, pids: { limit: 20 } }
      }),
    },
    script: `
start_user
try as_user 'tsoci --systemd-cgroup create -b box --pid-file /tmp/user-pid box'
cat /proc/$(cat /tmp/user-pid)/cgroup
dir=${USER}/user.slice/tsoci-box.scope
file memory.max pids.max
as_user 'systemctl --user show -p MemoryMax -p TasksMax tsoci-box.scope'
try as_user 'tsoci start box'
try as_user 'tsoci exec --detach --pid-file /tmp/user-second box sleep 1000'
cat /proc/$(cat /tmp/user-second)/cgroup
try as_user 'tsoci update --pids-limit 25 box'
as_user 'systemctl --user show -p TasksMax tsoci-box.scope'
file pids.max
try as_user 'tsoci delete --force box'
ls -d $dir 2>&1`,
    check(output) {
      const scope = '0::/user.slice/user-1000.slice/user@1000.service/user.slice/tsoci-box.scope'
      assert.deepEqual(output.split('\n'), [
        'exit 0',
        scope,
        'memory.max: 67108864',
        'pids.max: 20',
        'MemoryMax=67108864',
        'TasksMax=20',
        'exit 0',
        'exit 0',
        scope,
        'exit 0',
        'TasksMax=25',
        'pids.max: 25',
        'exit 0',
        `ls: cannot access '${scope.replace('0::', '/sys/fs/cgroup')}': No such file or directory`,
      ])
    },
  },
  {
    why: 'the message bus does where systemd has no socket of its own',
    bundles: { box: userShell('cat /proc/self/cgroup', at('box.slice::bus')) },
    script: `
mv /run/user/1000/systemd/private /run/user/1000/systemd/away
try as_user 'tsoci --systemd-cgroup run -b box box'
mv /run/user/1000/systemd/away /run/user/1000/systemd/private`,
    check: (output) => assert.equal(output, '0::/\nexit 0'),
  },
  {
    why: 'a container whose systemd has gone can be deleted',
    bundles: { box: userShell('sleep 1000') },
    script: `
as_user 'tsoci --systemd-cgroup run --detach -b box box'
systemctl stop user@1000.service
mkdir -p /run/user/1000; chown 1000 /run/user/1000
as_user 'tsoci state box'
try as_user 'tsoci delete --force box'`,
    check: (output) => assert.match(output, /exit 0$/),
  },
]

export const systemdCases: Case[] = [...rooted, ...rootless]
