// Cases: freezing, killing and removing by cgroup v2's own means.

import assert from 'node:assert/strict'
import { type Case, type Loose, shell } from './cases.ts'

const ownPids = (config: Loose) => {
  config.linux.namespaces = config.linux.namespaces.filter((it: Loose) => it.type !== 'pid')
}
const writableCgroup = (config: Loose) => {
  const mount = config.mounts.find((it: Loose) => it.type === 'cgroup')
  mount.options = mount.options.filter((word: string) => word !== 'ro')
}
const status = (id: string) => `tsoci state ${id} | sed -n 's/.*"status": *"\\([a-z]*\\)".*/\\1/p'`
const members = (id: string) => `cat $CG/${id}/cgroup.procs | wc -l`

/** A process that outlives the first one, in a cgroup of its own making. */
const LEAVE_CHILD = `mkdir -p /sys/fs/cgroup/a/.b
setsid sleep 1000 </dev/null >/dev/null 2>&1 &
echo $! >/sys/fs/cgroup/a/.b/cgroup.procs`

export const lifecycle: Case[] = [
  {
    why: 'delete ends and removes what the first process left in cgroups below',
    bundles: {
      box: shell(LEAVE_CHILD, (config) => {
        ownPids(config)
        writableCgroup(config)
      }),
    },
    script: `
tsoci create -b box box && tsoci start box
until_true sh -c 'tsoci state box | grep -q stopped'
${status('box')}
show box/a/.b cgroup.events
try tsoci delete box`,
    check: (output) =>
      assert.equal(output, 'stopped\ncgroup.events: populated 1; frozen 0\nexit 0'),
  },
  {
    why: 'run removes what the first process left',
    bundles: {
      box: shell(LEAVE_CHILD, (config) => {
        ownPids(config)
        writableCgroup(config)
      }),
    },
    script: 'try tsoci run -b box box',
    check: (output) => assert.equal(output, 'exit 0'),
  },
  {
    why: 'a frozen container is paused, and can be thawed, killed and deleted',
    bundles: { box: shell('sleep 1000') },
    script: `
tsoci create -b box box; tsoci start box
echo 1 >$CG/box/cgroup.freeze; until_true grep -q 'frozen 1' $CG/box/cgroup.events; ${status('box')}
tsoci resume box; ${status('box')}
tsoci pause box; ${status('box')}; show box cgroup.freeze
try tsoci delete --force box`,
    check(output) {
      assert.deepEqual(output.split('\n'), [
        'paused',
        'running',
        'paused',
        'cgroup.freeze: 1',
        'exit 0',
      ])
    },
  },
  {
    why: 'SIGKILL reaches a frozen container',
    bundles: { box: shell('sleep 1000') },
    script: `
tsoci create -b box box; tsoci start box; tsoci pause box
tsoci kill box KILL
until_true sh -c '! grep -q . $1/cgroup.procs' sh $CG/box
${status('box')}
try tsoci delete box`,
    check: (output) => assert.equal(output, 'stopped\nexit 0'),
  },
  {
    why: 'kill --all signals every process',
    bundles: { box: shell('sleep 1000 & sleep 1000 & sleep 1000 & wait', ownPids) },
    script: `
tsoci create -b box box; tsoci start box
until_true sh -c '[ $(cat $1/cgroup.procs | wc -l) = 4 ]' sh $CG/box
${members('box')}
tsoci kill --all box TERM
until_true sh -c '! grep -q . $1/cgroup.procs' sh $CG/box
${members('box')}; show box cgroup.freeze
try tsoci delete box`,
    check: (output) => assert.equal(output, '4\n0\ncgroup.freeze: 0\nexit 0'),
  },
  {
    why: 'without an own pid namespace SIGKILL takes all processes along',
    bundles: { box: shell('sleep 1000 & sleep 1000 & wait', ownPids) },
    script: `
tsoci create -b box box; tsoci start box
until_true sh -c '[ $(cat $1/cgroup.procs | wc -l) = 3 ]' sh $CG/box
tsoci kill box KILL
until_true sh -c '! grep -q . $1/cgroup.procs' sh $CG/box
${members('box')}
try tsoci delete box`,
    check: (output) => assert.equal(output, '0\nexit 0'),
  },
  {
    why: "somebody else's threaded cgroup is neither joined nor ended",
    bundles: {
      box: shell('echo ran', ({ linux }) => {
        linux.cgroupsPath = '/other/threads'
      }),
    },
    script: `
mkdir -p $CG/other/threads; echo threaded >$CG/other/threads/cgroup.type
sleep 1000 & pid=$!
echo $pid >$CG/other/cgroup.procs; echo $pid >$CG/other/threads/cgroup.threads
try tsoci run -b box box
cat $CG/other/threads/cgroup.threads | wc -l
kill $pid; wait $pid; rmdir $CG/other/threads $CG/other`,
    check(output) {
      const [refusal, , status, threads] = output.split('\n')
      assert.match(refusal!, /mkdir \S+: device or resource busy \(EBUSY\)/)
      assert.deepEqual([status, threads], ['exit 1', '1'])
    },
  },
  {
    why: 'exec joins the cgroup of the container, also where that has cgroups below',
    bundles: {
      box: shell('sleep 1000', ({ linux }) => {
        linux.resources.pids = { limit: 30 }
      }),
      nest: shell(
        `cd /sys/fs/cgroup; mkdir below; echo 1 >below/cgroup.procs
echo +memory >cgroup.subtree_control; exec sleep 1000`,
        writableCgroup,
      ),
    },
    script: `
tsoci create -b box box; tsoci start box
try tsoci exec box cat /proc/self/cgroup /sys/fs/cgroup/pids.max
tsoci create -b nest nest; tsoci start nest
until_true grep -q memory $CG/nest/cgroup.subtree_control
try tsoci exec nest cat /proc/self/cgroup
tsoci delete --force box; tsoci delete --force nest`,
    check: (output) => assert.equal(output, '0::/\n30\nexit 0\n0::/below\nexit 0'),
  },
]
