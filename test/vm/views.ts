// Cases: where the container's cgroup lies, and what the container sees of it.

import assert from 'node:assert/strict'
import { type Case, type Loose, shell } from './cases.ts'

const LOOK = `cat /proc/self/cgroup
awk '$5 == "/sys/fs/cgroup" { print $4, $6, $(NF - 2) }' /proc/self/mountinfo
cat /sys/fs/cgroup/pids.max
mkdir /sys/fs/cgroup/below 2>&1`

const LOOK_BELOW = LOOK.replaceAll(/cgroup\/(pids|below)/g, 'cgroup/box/$1')

const limited = ({ linux }: Loose) => {
  linux.resources.pids = { limit: 30 }
}
const mapped = (config: Loose) => {
  limited(config)
  config.linux.namespaces.push({ type: 'user' })
  config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
  config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }]
}
const without = (type: string) => (config: Loose) => {
  limited(config)
  config.linux.namespaces = config.linux.namespaces.filter((it: Loose) => it.type !== type)
}
const at = (cgroupsPath: string) => (config: Loose) => {
  limited(config)
  config.linux.cgroupsPath = cgroupsPath
}

/** Makes a container from inside of a cgroup, and deletes it from outside. */
const fromSession = `
mkdir -p $CG/caller/session
inside caller/session tsoci create -b box box
find $CG -name pids.max | grep -v caller/session/pids.max | while read -r file; do
	[ "$(cat $file)" = 30 ] && echo "\${file%/pids.max}"
done
try tsoci delete --force box
rmdir $CG/caller/session`

export const views: Case[] = [
  {
    why: 'in a cgroup namespace the container is at the top of what it sees',
    bundles: { box: shell(LOOK, limited) },
    script: 'tsoci run -b box box',
    check(output) {
      const [own, mount, limit, refusal] = output.split('\n')
      assert.equal(own, '0::/')
      assert.match(mount!, /^\/ ro,\S* cgroup2$/)
      assert.equal(limit, '30')
      assert.match(refusal!, /Read-only file system/)
    },
  },
  {
    why: 'without a cgroup namespace the whole hierarchy is mounted, and its options stay',
    bundles: { box: shell(LOOK_BELOW, without('cgroup')) },
    script: `
grep cgroup2 /proc/mounts >before; tsoci run -b box box; grep cgroup2 /proc/mounts | cmp before`,
    check(output) {
      const [own, mount, limit, refusal] = output.split('\n')
      assert.equal(own, '0::/box')
      assert.match(mount!, /^\/ ro,\S* cgroup2$/)
      assert.equal(limit, '30')
      assert.match(refusal!, /Read-only file system/)
    },
  },
  {
    why: 'with a writable mount it may make cgroups, but not raise its limits',
    bundles: {
      box: shell(
        `cd /sys/fs/cgroup
mkdir below && echo 1 >below/cgroup.procs && echo +pids >cgroup.subtree_control && cat /proc/1/cgroup
(echo 100 >pids.max) 2>&1`,
        (config) => {
          limited(config)
          const mount = config.mounts.find((it: Loose) => it.type === 'cgroup')
          mount.options = mount.options.filter((word: string) => word !== 'ro')
        },
      ),
    },
    script: 'tsoci run -b box box',
    check(output) {
      const [own, refusal] = output.split('\n')
      assert.equal(own, '0::/below')
      assert.match(refusal!, /Operation not permitted/)
    },
  },
  {
    why: 'in a user namespace it sees the same',
    bundles: { box: shell(LOOK, mapped) },
    script: 'tsoci run -b box box',
    check(output) {
      const [own, mount, limit, refusal] = output.split('\n')
      assert.equal(own, '0::/')
      assert.match(mount!, /^\/ ro,\S* cgroup2$/)
      assert.equal(limit, '30')
      assert.match(refusal!, /Read-only file system/)
    },
  },
  {
    why: 'root of a user namespace owns the cgroup that is mounted writable',
    bundles: {
      box: shell('mkdir /sys/fs/cgroup/below && stat -c %u /sys/fs/cgroup/pids.max', (config) => {
        mapped(config)
        const mount = config.mounts.find((it: Loose) => it.type === 'cgroup')
        mount.options = mount.options.filter((word: string) => word !== 'ro')
      }),
    },
    script: 'try tsoci run -b box box',
    check: (output) => assert.equal(output, '65534\nexit 0'),
  },
  ...['/top/middle/it', '/top/./middle//it/'].map(
    (path): Case => ({
      why: `an absolute cgroupsPath counts from the top (${path})`,
      bundles: { box: shell('true', at(path)) },
      script: `${fromSession}; rmdir $CG/caller $CG/top/middle $CG/top`,
      check: (output) => assert.equal(output, '/sys/fs/cgroup/top/middle/it\nexit 0'),
    }),
  ),
  {
    why: 'a relative cgroupsPath counts from where the caller may make cgroups, each time anew',
    bundles: { box: shell('true', at('middle/it')) },
    script: `${fromSession}; rmdir $CG/caller/middle $CG/caller
mkdir -p $CG/other/session
inside other/session tsoci create -b box box
ls -d $CG/other/middle/it
tsoci delete --force box; rmdir $CG/other/session $CG/other/middle $CG/other`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        '/sys/fs/cgroup/caller/middle/it',
        'exit 0',
        '/sys/fs/cgroup/other/middle/it',
      ])
    },
  },
  {
    why: 'without cgroupsPath the cgroup is named after the container',
    bundles: { box: shell('true', limited) },
    script: `${fromSession}; rmdir $CG/caller`,
    check: (output) => assert.equal(output, '/sys/fs/cgroup/caller/box\nexit 0'),
  },
  {
    why: 'a cgroupsPath never leads out of the hierarchy',
    bundles: { box: shell('true', at('/../../../outside')) },
    script: `${fromSession}; rmdir $CG/caller; ls -d /outside /sys/outside /sys/fs/outside 2>/dev/null`,
    check: (output) => assert.match(output, /^\/sys\/fs\/cgroup\/outside\nexit 0$/m),
  },
  ...['/full', '/above'].map(
    (path): Case => ({
      why: `a cgroup that has processes is not shared, and they live on (${path})`,
      bundles: { box: shell('echo ran', at(path)) },
      script: `
mkdir -p $CG/full $CG/above/full
member full; a=$!; member above/full; b=$!
try tsoci run -b box box
try tsoci delete --force box
kill -0 $a && kill -0 $b && echo 'alive'
kill $a $b; wait $a $b; until_true rmdir $CG/full $CG/above/full $CG/above`,
      check(output) {
        assert.doesNotMatch(output, /^ran$/m)
        assert.match(output, /busy.*EBUSY/)
        assert.match(output, /exit 1\n.*exit 0\nalive/s)
      },
    }),
  ),
  ...['/', '.'].map(
    (path): Case => ({
      why: `the top of the hierarchy, or the caller's own, is nobody's to take (${path})`,
      bundles: { box: shell('echo ran', at(path)) },
      script: `
mkdir $CG/session; member session
try inside session tsoci run -b box box
try tsoci delete --force box
kill -0 $! && echo 'alive'
kill $!; wait $!; until_true rmdir $CG/session`,
      check(output) {
        assert.doesNotMatch(output, /^ran$/m)
        assert.match(output, /exit 1\n.*exit 0\nalive/s)
      },
    }),
  ),
  {
    why: 'processes in the way of a controller are told about, and live on',
    bundles: {
      box: shell('echo ran', (config) => {
        at('/full/inner')(config)
        config.linux.resources.memory = { limit: 67108864 }
      }),
    },
    script: `
mkdir $CG/full; member full
try tsoci run -b box box
kill -0 $! && echo 'alive'
kill $!; wait $!; until_true rmdir $CG/full`,
    check(output) {
      assert.doesNotMatch(output, /^ran$/m)
      assert.match(output, /memory\.max.*\/linux\/resources\/memory\/limit/)
      assert.match(output, /exit 1\nalive/)
    },
  },
]
