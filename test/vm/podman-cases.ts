// Cases: podman with systemd as its cgroup manager, of root and of an ordinary user, on cgroup v2.

import assert from 'node:assert/strict'
import { findProgram } from '../kernel/container.ts'
import { type Case, ROOTFS } from './cases.ts'
import { type CpioEntry, S_IFREG } from './cpio.ts'
import { copyOf, listLibraries } from './machine.ts'

const PROGRAMS = ['podman', 'conmon']

/** Why podman can't be tried; false when it can. */
export function whyNoPodman(): string | false {
  const missing = PROGRAMS.find((name) => findProgram(name) === undefined)
  return missing === undefined ? false : `${missing} is not installed`
}

/** The programs of this host, and their configuration. */
export function* listPodman(): Generator<CpioEntry> {
  for (const name of PROGRAMS) {
    const program = findProgram(name)!
    yield copyOf(program, `/usr/bin/${name}`)
    yield* listLibraries(program)
  }
  const file = (path: string, content: string) => ({ path, mode: S_IFREG | 0o644, content })
  yield file(
    '/etc/containers/containers.conf',
    `[containers]
default_ulimits = ["nofile=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "systemd"
events_logger = "file"
runtime = "tsoci"
runtime_supports_json = ["tsoci"]
[engine.runtimes]
tsoci = ["/usr/bin/tsoci"]
`,
  )
  yield file(
    '/etc/containers/storage.conf',
    '[storage]\ndriver = "vfs"\ngraphroot = "/var/lib/containers/storage"\nrunroot = "/run/containers/storage"\n',
  )
  yield file('/etc/containers/policy.json', '{"default": [{"type": "insecureAcceptAnything"}]}\n')
}

const greedy = 'dd if=/dev/zero of=/dev/null bs=67108864 count=1'

export const podmanCases: readonly Case[] = [
  {
    why: 'podman: a scope of machine.slice, with its limits, and nothing after it',
    script: `id=$(podman run -d --name web --network none --memory 64m --pids-limit 30 --rootfs ${ROOTFS} sleep 1000)
show libpod-$id.scope Slice MemoryMax TasksMax Delegate ActiveState
try podman exec web cat /sys/fs/cgroup/memory.max
podman update --memory 96m web >/dev/null
show libpod-$id.scope MemoryMax
podman pause web >/dev/null; podman inspect web --format '{{.State.Status}}'
podman unpause web >/dev/null; podman restart -t 0 web
podman rm -f -t 0 web`,
    check: (output) => {
      const lines = output.trim().split('\n').sort()
      assert.deepEqual(lines, [
        '67108864',
        'ActiveState=active',
        'Delegate=yes',
        'MemoryMax=100663296',
        'MemoryMax=67108864',
        'Slice=machine.slice',
        'TasksMax=30',
        'exit 0',
        'paused',
        'web',
        'web',
      ])
    },
  },
  {
    why: 'podman: more memory than the limit allows ends the container, and is counted',
    // conmon 2.1.6 does not tell podman of it, with crun either, so the kernel is asked.
    script: `podman run -d --name web --network none --memory 16m --memory-swap 16m --rootfs ${ROOTFS} \\
  sh -c '${greedy}; grep oom_kill /sys/fs/cgroup/memory.events; ${greedy}' >/dev/null
podman wait web; podman logs web 2>/dev/null; podman rm web >/dev/null`,
    check: (output) => assert.match(output, /^137\noom_kill 1$/m),
  },
  {
    why: 'podman of a user: the limits are those of a scope that was delegated',
    script: `start_user; for file in /etc/subuid /etc/subgid; do echo user:100000:65536 >>$file; done
cp -a ${ROOTFS} /tmp/fs; chown -hR user:user /tmp/fs
as_user 'cd; podman run --rm --network none --memory 64m --rootfs /tmp/fs cat /sys/fs/cgroup/memory.max'
as_user 'cd; podman run -d --name web --network none --rootfs /tmp/fs sleep 1000 >/dev/null
  podman exec web echo in; podman pause web >/dev/null; podman inspect web --format "{{.State.Status}}"
  podman unpause web >/dev/null; podman rm -f -t 0 web >/dev/null; podman system migrate'
rm -rf /tmp/fs`,
    check: (output) => assert.match(output, /^67108864\nin\npaused$/m),
  },
]
