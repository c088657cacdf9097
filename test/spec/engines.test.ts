// Configurations as engines write them; all of them must pass without a word.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '../../src/spec/parse.ts'

const capabilities = ['CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_MKNOD', 'CAP_SETFCAP']

const podman = `{
  "ociVersion": "1.2.1",
  "process": {
    "terminal": true,
    "user": { "uid": 0, "gid": 0, "umask": 18, "additionalGids": [0] },
    "args": ["/bin/sh", "-c", "echo hello"],
    "env": ["PATH=/usr/bin:/bin", "container=podman", "HOME=/root", "EMPTY="],
    "cwd": "/",
    "capabilities": {
      "bounding": ${JSON.stringify(capabilities)},
      "effective": ${JSON.stringify(capabilities)},
      "permitted": ${JSON.stringify(capabilities)}
    },
    "rlimits": [
      { "type": "RLIMIT_NOFILE", "hard": 1048576, "soft": 1048576 },
      { "type": "RLIMIT_MEMLOCK", "hard": 18446744073709551615, "soft": 18446744073709551615 }
    ],
    "oomScoreAdj": 0
  },
  "root": { "path": "/home/ada/.local/share/containers/storage/overlay/f00d/merged" },
  "hostname": "2b1d6a0c1f5e",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec"] },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["mode=755"] },
    {
      "destination": "/sys",
      "type": "bind",
      "source": "/sys",
      "options": ["rprivate", "nosuid", "noexec", "nodev", "ro", "rbind"]
    },
    {
      "destination": "/etc/resolv.conf",
      "type": "bind",
      "source": "/run/user/1000/containers/resolv.conf",
      "options": ["bind", "rprivate"]
    },
    {
      "destination": "/link",
      "type": "bind",
      "source": "/srv/link",
      "options": ["rbind", "copy-symlink", "src-nofollow"]
    },
    {
      "destination": "/sys/fs/cgroup",
      "type": "cgroup",
      "source": "cgroup",
      "options": ["rprivate", "nosuid", "noexec", "nodev", "relatime", "rw"]
    }
  ],
  "hooks": { "prestart": null, "poststop": [{ "path": "/usr/bin/x", "args": null, "env": null }] },
  "annotations": {
    "io.container.manager": "libpod",
    "org.opencontainers.image.stopSignal": "15",
    "run.oci.keep_original_groups": "1"
  },
  "linux": {
    "uidMappings": [
      { "containerID": 0, "hostID": 1000, "size": 1 },
      { "containerID": 1, "hostID": 524288, "size": 65536 }
    ],
    "gidMappings": [
      { "containerID": 0, "hostID": 1000, "size": 1 },
      { "containerID": 1, "hostID": 524288, "size": 65536 }
    ],
    "sysctl": { "net.ipv4.ping_group_range": "0 0" },
    "resources": { "pids": { "limit": 2048 }, "devices": null, "memory": {} },
    "cgroupsPath": "user.slice:libpod:2b1d6a0c1f5e",
    "namespaces": [
      { "type": "pid" },
      { "type": "network", "path": "/run/user/1000/netns/netns-1" },
      { "type": "ipc" },
      { "type": "uts" },
      { "type": "mount" },
      { "type": "cgroup" },
      { "type": "user" }
    ],
    "seccomp": {
      "defaultAction": "SCMP_ACT_ERRNO",
      "defaultErrnoRet": 38,
      "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      "syscalls": [
        { "names": ["bdflush", "io_pgetevents"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 },
        { "names": ["accept", "access"], "action": "SCMP_ACT_ALLOW", "args": null },
        {
          "names": ["personality"],
          "action": "SCMP_ACT_ALLOW",
          "args": [
            { "index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ" },
            { "index": 1, "value": 18446744073709551615, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }
          ]
        }
      ]
    },
    "rootfsPropagation": "",
    "maskedPaths": ["/proc/acpi", "/proc/kcore", "/sys/firmware"],
    "readonlyPaths": ["/proc/asound", "/proc/sys"],
    "mountLabel": ""
  }
}`

const docker = `{
  "ociVersion": "1.2.0",
  "process": {
    "user": { "uid": 0, "gid": 0, "additionalGids": [0, 1, 2, 3, 4, 6, 10] },
    "args": ["nginx", "-g", "daemon off;"],
    "env": ["PATH=/usr/sbin:/usr/bin", "HOSTNAME=f3b0c44298fc"],
    "cwd": "/",
    "consoleSize": { "height": 0, "width": 0 },
    "capabilities": {
      "bounding": ${JSON.stringify(capabilities)},
      "effective": ${JSON.stringify(capabilities)},
      "inheritable": [],
      "permitted": ${JSON.stringify(capabilities)}
    },
    "apparmorProfile": "docker-default",
    "oomScoreAdj": 0
  },
  "root": { "path": "rootfs" },
  "hostname": "f3b0c44298fc",
  "mounts": [
    {
      "destination": "/proc",
      "type": "proc",
      "source": "proc",
      "options": ["nosuid", "noexec", "nodev"]
    },
    {
      "destination": "/data",
      "type": "bind",
      "source": "/var/lib/docker/volumes/data/_data",
      "options": ["rbind"]
    },
    {
      "destination": "/dev/shm",
      "type": "tmpfs",
      "source": "shm",
      "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=67108864"]
    }
  ],
  "hooks": {
    "prestart": [
      { "path": "/proc/4242/exe", "args": ["libnetwork-setkey", "-exec-root=/var/run/docker"] }
    ]
  },
  "linux": {
    "sysctl": { "net.ipv4.ip_unprivileged_port_start": "0" },
    "resources": {
      "devices": [
        { "allow": false, "access": "rwm" },
        { "allow": true, "type": "c", "major": 1, "minor": 5, "access": "rwm" },
        { "allow": true, "type": "c", "major": -1, "minor": -1, "access": "m" }
      ],
      "memory": { "limit": 268435456, "reservation": 0, "swap": 536870912, "disableOOMKiller": false },
      "cpu": { "shares": 0, "quota": 150000, "period": 100000, "cpus": "0-1", "mems": "" },
      "pids": { "limit": null },
      "blockIO": { "weight": 0, "weightDevice": [], "throttleReadBpsDevice": [] },
      "hugepageLimits": null,
      "network": null
    },
    "cgroupsPath": "/docker/f3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "namespaces": [
      { "type": "mount" },
      { "type": "network" },
      { "type": "uts" },
      { "type": "pid" },
      { "type": "ipc" },
      { "type": "cgroup" }
    ],
    "devices": [
      { "path": "/dev/fuse", "type": "c", "major": 10, "minor": 229, "fileMode": 8630, "uid": 0, "gid": 0 }
    ],
    "maskedPaths": ["/proc/asound", "/proc/keys", "/sys/devices/virtual/powercap"],
    "readonlyPaths": ["/proc/bus", "/proc/sysrq-trigger"]
  }
}`

const containerd = `{
  "ociVersion": "1.1.0",
  "process": {
    "user": { "uid": 65535, "gid": 65535, "additionalGids": [65535] },
    "args": ["/pause"],
    "env": ["PATH=/bin"],
    "cwd": "/",
    "capabilities": { "bounding": null, "effective": null, "permitted": null },
    "noNewPrivileges": true,
    "oomScoreAdj": -998
  },
  "root": { "path": "rootfs", "readonly": true },
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc", "options": null },
    {
      "destination": "/var/run/secrets",
      "type": "bind",
      "source": "/var/lib/kubelet/pods/1/volumes/token",
      "options": ["rbind", "rprivate", "ro", "rro"],
      "uidMappings": [{ "containerID": 0, "hostID": 65536, "size": 65536 }],
      "gidMappings": [{ "containerID": 0, "hostID": 65536, "size": 65536 }]
    }
  ],
  "annotations": {
    "io.kubernetes.cri.container-type": "sandbox",
    "io.kubernetes.cri.sandbox-memory": "0",
    "stamp": "1735689600000000000"
  },
  "linux": {
    "resources": {
      "devices": [{ "allow": false, "access": "rwm" }],
      "cpu": { "shares": 2, "period": 100000 },
      "unified": { "memory.high": "94371840", "memory.oom.group": "1" }
    },
    "cgroupsPath": "kubepods-besteffort-pod1.slice:cri-containerd:abc",
    "namespaces": [
      { "type": "pid" },
      { "type": "ipc", "path": "/proc/77/ns/ipc" },
      { "type": "uts", "path": "/proc/77/ns/uts" },
      { "type": "mount" },
      { "type": "network", "path": "/var/run/netns/cni-1" }
    ],
    "seccomp": null,
    "rootfsPropagation": "rslave",
    "maskedPaths": ["/proc/acpi"],
    "readonlyPaths": []
  }
}`

const buildah = `{
  "ociVersion": "1.0.2-dev",
  "process": {
    "user": { "uid": 0, "gid": 0 },
    "args": ["/bin/sh", "-c", "apk add git"],
    "env": ["PATH=/bin", "LANG=C", "HTTP_PROXY="],
    "cwd": "/",
    "rlimits": [{ "type": "RLIMIT_NPROC", "hard": 9223372036854775807, "soft": 4096 }]
  },
  "root": { "path": "/var/tmp/buildah1/mnt/rootfs" },
  "mounts": [
    { "destination": "/run/.containerenv", "source": "/var/tmp/x", "options": ["bind", "rprivate"] },
    { "destination": "/proc", "type": "bind", "source": "/proc", "options": ["rbind", "rw"] }
  ],
  "linux": { "namespaces": [{ "type": "mount" }, { "type": "uts" }] }
}`

const engines = { podman, docker, buildah } as const

for (const [engine, text] of Object.entries(engines)) {
  test(`parseConfig() has nothing to say about a configuration of ${engine}`, () => {
    assert.deepEqual(parseConfig(text, 'config.json').problems, [])
  })
}

test('parseConfig() warns of id mappings of a mount that older runtimes would ignore', () => {
  const { problems } = parseConfig(containerd, 'config.json')
  assert.deepEqual(
    problems.map(({ severity, pointer }) => [severity, pointer]),
    [['warning', '/mounts/1']],
  )
})

test('parseConfig() takes null for what is absent', () => {
  const { config } = parseConfig(containerd, 'config.json')
  assert.equal('seccomp' in (config.linux ?? {}), false)
  assert.deepEqual(config.process?.capabilities, {})
})
