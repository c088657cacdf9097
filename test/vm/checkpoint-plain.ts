// Cases: containers saved and brought back, with their cgroups and when they stand still.

import assert from 'node:assert/strict'
import { type Case, type Loose, shell } from './cases.ts'
import { COUNT, small } from './criu.ts'

const limited = ({ linux }: Loose) => {
  linux.resources = { ...linux.resources, pids: { limit: 50 }, memory: { limit: 67108864 } }
}

export const plain: Case[] = [
  {
    why: 'a container of the default config is gone, comes back as it was, and counts on',
    bundles: {
      box: shell('peer count /tmp/count; exit', (config) => {
        limited(config)
        config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
      }),
    },
    script: `counted box
save images box
tsoci list -q; ls $CG | grep box
bring images -b box box
status box; goes_on box $was
show box pids.max memory.max
tsoci exec box sh -c 'cat /sys/fs/cgroup/pids.max; cat /proc/self/cgroup; hostname'
end box`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'running',
        'box goes on',
        'pids.max: 50',
        'memory.max: 67108864',
        '50',
        '0::/',
        'runc',
      ]),
  },
  {
    why: 'one that is left running goes on; a paused one stays paused, and runs under another id',
    bundles: {
      // Without a cgroup namespace the mount is the host's.
      box: small(COUNT, ({ mounts }: Loose) => {
        mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' })
      }),
    },
    script: `counted box; first=$(pid box)
save images --leave-running box
[ $(pid box) = $first ] && status box; goes_on box 3
tsoci pause box; was=$(number box)
save images2 --leave-running box
status box; [ $(number box) = $was ] && echo 'stands still'
save images2 box; tsoci list -q
bring images2 --manage-cgroups-mode ignore -b box other
status other; goes_on other $was
[ "$(cat /proc/$(pid other)/root/sys/fs/cgroup/other/cgroup.procs)" = $(pid other) ] && echo 'sees its own cgroup'
end other`,
    check: (output) =>
      assert.deepEqual(output.split('\n'), [
        'running',
        'box goes on',
        'paused',
        'stands still',
        'running',
        'other goes on',
        'sees its own cgroup',
      ]),
  },
  {
    why: '--manage-cgroups-mode: limits of the images or of the config, cgroups made within',
    bundles: {
      box: small(
        `mkdir /sys/fs/cgroup/inner && echo 0 >/sys/fs/cgroup/inner/cgroup.procs && echo 33 >/sys/fs/cgroup/inner/cgroup.max.depth; ${COUNT}`,
        (config) => {
          limited(config)
          config.linux.namespaces.push({ type: 'cgroup' })
          config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' })
        },
      ),
    },
    script: `counted box
echo 40 >$CG/box/pids.max; echo 30 >$CG/box/cgroup.max.descendants
save images box; for mode in soft full ignore; do
	echo "$mode:"; bring images --manage-cgroups-mode $mode -b box box 2>&1 | grep -v hint
	[ "$(status box 2>/dev/null)" = running ] || continue
	show box pids.max cgroup.max.descendants inner/cgroup.max.depth | sed 's/.*: //' | tr '\\n' ' '; cat /proc/$(pid box)/cgroup
	tsoci delete --force box
done
end`,
    // Of a cgroup that we have made no mode changes anything; CRIU before 4 knows no limit of v2.
    check: (output) =>
      assert.match(
        output,
        /^soft:\n50 max (33|max) 0::\/box\/inner\nfull:\n50 max (33|max) 0::\/box\/inner\nignore:\n50 max No such file or directory 0::\/box$/,
      ),
  },
  {
    why: 'a failure tells what CRIU has said of it, and leaves nothing',
    bundles: { box: small('exec peer lock /tmp/lock peer count /tmp/count') },
    script: `counted box
save images box 2>&1; status box
save images --file-locks box
mv /tmp/images/core-1.img /tmp/kept
bring images --file-locks -b box box; tsoci list -q; ls $CG | grep box
mv /tmp/kept /tmp/images/core-1.img
bring images --file-locks -b box box; peer lock /proc/$(pid box)/root/tmp/lock true
goes_on box 3; end box`,
    check: (output) => {
      const lines = output.split('\n')
      assert.match(
        lines[0]!,
        /^error: criu failed to checkpoint: Error .* --file-locks to dump them/,
      )
      assert.match(lines[1]!, /^hint: CRIU's whole log is in \/tmp\/images\/dump.log$/)
      assert.deepEqual(lines.slice(2, 5), ['not saved: 1', 'running', 'not restored: 1'])
      assert.match(lines[5]!, /^error: criu failed to restore: .*core-1.img/)
      assert.match(lines[6]!, /^hint: CRIU's whole log is in \/tmp\/images\/restore.log$/)
      assert.match(lines[7]!, /^flock: /)
      assert.deepEqual(lines.slice(8), ['box goes on'])
    },
  },
]
