// tsoci under Kubernetes' door to containerd: pods of a runtime handler that names it.

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FRONT, findProgram, hasProgram } from '../kernel/container.ts'
import { assertNothingLeft } from './compare.ts'
import { setUpContainerd, startContainerd } from './containerd.ts'
import { type IdMapping, Kubelet, type Pod, type PodKind } from './cri.ts'
import { Host, whyNoClient } from './host.ts'

const SLEEP = ['sleep', '1000']
const POLITE = 'trap "exit 5" TERM; touch /tmp/ready; while :; do sleep 0.1; done'
const LOOK = `id -u; pwd; grep -E "CapBnd|NoNewPrivs" /proc/self/status; cat /proc/1/oom_score_adj
touch /a; touch /host/a`
const skip = whyNoClient('containerd', 'ctr')

// The bridge and its addresses stay in the host's own network namespace.
const NETWORK = JSON.stringify({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.77.0.0/24' }]], dataDir: '/run/cni' },
    },
  ],
})

const runtimes: readonly [name: string, path: string | undefined][] = [
  ['tsoci', FRONT],
  // The same steps, so that they say what any runtime does.
  ['crun', findProgram('crun')],
]

for (const [name, path] of runtimes) {
  const why = path === undefined ? `${name} is not installed` : skip
  test(`a kubelet runs pods by ${name}`, { skip: why, timeout: 120_000 }, (t) => runPods(t, path!))
}

async function runPods(t: TestContext, path: string): Promise<void> {
  const host = await Host.open(t)
  await host.write('/etc/cni/net.d/10-pods.conflist', NETWORK)
  await setUpContainerd(host, path)
  const kubelet = new Kubelet(host)
  t.after(() => kubelet.close())
  // Whatever is kept for all pods is there after the first one.
  await kubelet.removePod(await kubelet.runPod('first', { network: 'NODE' }))
  const before = await host.look()
  const features = await kubelet.features()

  const inPod = async (
    what: string,
    kind: PodKind,
    steps: (pod: Pod) => Promise<void>,
    skip = whyNot(kind),
  ) => {
    await t.test(what, { skip }, async () => {
      const pod = await kubelet.runPod('web', kind)
      try {
        await steps(pod)
      } finally {
        await kubelet.removePod(pod)
        // The kubelet makes the cgroups of pods, and takes them away.
        await host.ok("find /sys/fs/cgroup -depth -type d -path '*/pods*' -exec rmdir {} +")
      }
      await assertNothingLeft(host, before)
    })
  }

  await inPod(
    'containers of a pod share network, ipc and host name',
    { pid: 'CONTAINER' },
    async (pod) => {
      const one = await kubelet.run(pod, 'one', SLEEP)
      const two = await kubelet.run(pod, 'two', SLEEP)
      const links =
        'for name in net ipc uts pid mnt; do readlink /proc/self/ns/$name; done; hostname'
      const [a, b] = await Promise.all([one, two].map((id) => kubelet.exec(id, 'sh', '-c', links)))
      const [net, ipc, uts, pid, mnt, name] = a!.stdout.trim().split('\n')
      const theirs = b!.stdout.trim().split('\n')
      assert.deepEqual(theirs.slice(0, 3), [net, ipc, uts])
      assert.notEqual(theirs[3], pid)
      assert.notEqual(theirs[4], mnt)
      assert.equal(name, 'web')
      const { stdout } = await kubelet.exec(one, 'ip', '-o', 'address', 'show', 'eth0')
      assert.match(stdout, /inet 10\.77\.0\./)
    },
  )

  await inPod(
    'a pod in the network of the host, with shared pids',
    { network: 'NODE', pid: 'POD' },
    async (pod) => {
      const one = await kubelet.run(pod, 'one', SLEEP)
      const two = await kubelet.run(pod, 'two', ['sleep', '1001'])
      const { stdout } = await kubelet.exec(one, 'ps', '-o', 'args')
      assert.match(stdout, /sleep 1001/)
      assert.match((await kubelet.exec(two, 'ip', '-o', 'link')).stdout, /^1: lo:/)
    },
  )

  const plain: PodKind = { network: 'NODE', pid: 'CONTAINER' }

  await inPod('exec: output, exit code, and a program that is not there', plain, async (pod) => {
    const id = await kubelet.run(pod, 'one', SLEEP)
    const answer = await kubelet.exec(id, 'sh', '-c', 'echo out; echo err >&2; exit 3')
    assert.deepEqual(answer, { stdout: 'out\n', stderr: 'err\n', exitCode: 3 })
    await assert.rejects(kubelet.exec(id, 'nowhere'), /executable file .*not found in \$PATH/)
  })

  await inPod('a container that ends: exit code and log', plain, async (pod) => {
    const id = await kubelet.run(pod, 'one', ['sh', '-c', 'echo said; exit 7'])
    const { state, exit_code } = await ended(kubelet, id)
    assert.deepEqual([state, exit_code], ['CONTAINER_EXITED', 7])
    assert.match(await host.ok('cat /run/pods/web/one.log'), / stdout F said$/)
    await kubelet.remove(id)
  })

  await inPod('stop: SIGTERM, then SIGKILL when the time is over', plain, async (pod) => {
    const polite = await kubelet.run(pod, 'one', ['sh', '-c', POLITE])
    while ((await kubelet.exec(polite, 'test', '-e', '/tmp/ready')).exitCode !== 0);
    await kubelet.stop(polite, 10)
    assert.equal((await kubelet.status(polite)).exit_code, 5)
    const deaf = await kubelet.run(pod, 'two', SLEEP)
    await kubelet.stop(deaf, 1)
    assert.equal((await kubelet.status(deaf)).exit_code, 137)
  })

  await inPod('settings: user, capabilities, read-only root and mounts', plain, async (pod) => {
    const id = await kubelet.run(pod, 'one', SLEEP, {
      working_dir: '/tmp',
      mounts: [{ container_path: '/host', host_path: '/run/pods', readonly: true }],
      linux: {
        resources: { oom_score_adj: 500 },
        security_context: {
          namespace_options: plain,
          capabilities: { drop_capabilities: ['ALL'], add_capabilities: ['CHOWN'] },
          run_as_user: { value: 1000 },
          readonly_rootfs: true,
          no_new_privs: true,
        },
      },
    })
    const { stdout, stderr } = await kubelet.exec(id, 'sh', '-c', LOOK)
    assert.equal(stdout, '1000\n/tmp\nCapBnd:\t0000000000000001\nNoNewPrivs:\t1\n500\n')
    assert.match(stderr, /\/a: Read-only file system\n.*\/host\/a: (Read-only|Permission)/)
  })

  await inPod(
    'limits: set, updated, counted, and seen as the cause of an end',
    plain,
    async (pod) => {
      const id = await kubelet.run(pod, 'one', SLEEP, {
        linux: { resources: { memory_limit_in_bytes: 33554432 } },
      })
      await kubelet.update(id, { memory_limit_in_bytes: 67108864 })
      assert.equal(typeof (await kubelet.memory(id)), 'number')
      const dir = `*/pods/web/${id}`
      const find = `find /sys/fs/cgroup -path '${dir}/memory.limit_in_bytes' -o -path '${dir}/memory.max'`
      assert.equal(await host.ok(`cat $(${find})`), '67108864')
      const greedy = await kubelet.run(
        pod,
        'two',
        // The shell outlives what is killed: containerd looks for the notice while the cgroup is there.
        [
          'sh',
          '-c',
          'dd if=/dev/zero of=/dev/null bs=67108864 count=1; code=$?; sleep 0.5; exit $code',
        ],
        { linux: { resources: { memory_limit_in_bytes: 16777216 } } },
      )
      const { exit_code, reason } = await ended(kubelet, greedy)
      assert.deepEqual([exit_code, reason], [137, 'OOMKilled'])
    },
  )

  await inPod('a container that can not start says why', plain, async (pod) => {
    const id = await kubelet.create(pod, 'one', ['/nowhere'])
    await assert.rejects(kubelet.start(id), /nowhere.*no such file or directory/i)
    const { state, exit_code } = await kubelet.status(id)
    assert.deepEqual([state, exit_code], ['CONTAINER_EXITED', 128])
    await kubelet.remove(id)
  })

  const noFeatures =
    features === undefined &&
    'containerd before 2.0 does not ask; TSOCI_TEST_CONTAINERD=DIR takes another'

  await inPod(
    'a read-only mount that is so in all its parts',
    plain,
    async (pod) => {
      assert.equal(features?.recursive_read_only_mounts, true)
      await host.ok('mkdir -p /run/v/sub && mount -t tmpfs tmpfs /run/v/sub')
      const mount = { container_path: '/v', host_path: '/run/v', readonly: true }
      const id = await kubelet.run(pod, 'one', SLEEP, {
        mounts: [{ ...mount, recursive_read_only: true }],
      })
      const { stderr } = await kubelet.exec(id, 'touch', '/v/sub/a')
      assert.match(stderr, /Read-only file system/)
      await kubelet.stop(id)
      await host.ok('umount /run/v/sub && rm -r /run/v')
    },
    noFeatures,
  )

  const ids: IdMapping[] = [{ host_id: 200_000, container_id: 0, length: 65_536 }]

  await inPod(
    'a pod with a user namespace, and a volume whose files keep their owner',
    { pid: 'CONTAINER', ids },
    async (pod) => {
      assert.equal(features?.user_namespaces, true)
      await host.ok('mkdir -p /run/v && touch /run/v/f && chown 7:7 /run/v/f')
      const mount = { container_path: '/v', host_path: '/run/v' }
      const id = await kubelet.run(pod, 'one', SLEEP, {
        mounts: [{ ...mount, uidMappings: ids, gidMappings: ids }],
      })
      const look =
        "tr -s ' ' </proc/self/uid_map; touch /v/g /a; stat -c '%u %g' /v/f /v/g /a; readlink /proc/self/ns/user"
      const { stdout } = await kubelet.exec(id, 'sh', '-c', look)
      const [map, ...owners] = stdout.trim().split('\n')
      const namespace = owners.pop()
      assert.equal(map, '0 200000 65536')
      assert.deepEqual(owners, ['7 7', '0 0', '0 0'])
      assert.equal(await host.ok("stat -c '%u' /run/v/g"), '0')
      const two = await kubelet.run(pod, 'two', SLEEP)
      const other = await kubelet.exec(two, 'readlink', '/proc/self/ns/user')
      assert.equal(other.stdout.trim(), namespace)
      assert.notEqual(await host.ok('readlink /proc/self/ns/user'), namespace)
      await host.ok('rm -r /run/v')
    },
    noFeatures || whyNot({}),
  )

  await inPod('pods live on while containerd is started anew', plain, async (pod) => {
    const id = await kubelet.run(pod, 'one', SLEEP)
    await host.ok('kill -9 $(cat /run/containerd.pid)')
    await startContainerd(host)
    const deadline = Date.now() + 15_000
    const exec = async (): Promise<string> => {
      try {
        return (await kubelet.exec(id, 'echo', 'here')).stdout
      } catch (error) {
        if (Date.now() > deadline) throw error
        return exec() // the plugin is not up yet
      }
    }
    assert.equal(await exec(), 'here\n')
    assert.equal((await kubelet.status(id)).state, 'CONTAINER_RUNNING')
  })

  await inPod('a privileged container', { ...plain, privileged: true }, async (pod) => {
    const id = await kubelet.run(pod, 'one', SLEEP, {
      linux: { security_context: { privileged: true, namespace_options: plain } },
    })
    const { stdout } = await kubelet.exec(id, 'sh', '-c', 'mount -t tmpfs tmpfs /tmp && echo ok')
    assert.equal(stdout, 'ok\n')
  })
}

async function ended(kubelet: Kubelet, id: string) {
  for (;;) {
    const status = await kubelet.status(id)
    if (status.state !== 'CONTAINER_RUNNING') return status
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function whyNot({ network }: PodKind): string | false {
  if (network === 'NODE' || hasProgram('../lib/cni/bridge')) return false
  return 'the plugins for container networks are not installed'
}
