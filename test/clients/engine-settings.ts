// The settings of a container that podman and Docker have in common.

import { hasProgram } from '../kernel/container.ts'
import type { Case } from './compare.ts'
import { type Engine, run, sleeping, whenPrivileged } from './engine.ts'

/** Settings of a container that config.json carries to the runtime. */
export function settingCases(engine: Engine): Case[] {
  const { cli } = engine
  const privileged = whenPrivileged(engine)
  return [
    {
      what: 'user, groups, directory, host name and environment',
      script: run(
        engine,
        "sh -c 'id -u; id -g; id -G; pwd; hostname; echo $A'",
        '--user 1000:1000 --group-add 7 -w /tmp --hostname web -e A=b',
      ),
      prints: /^1000\n1000\n1000 7\n\/tmp\nweb\nb$/,
    },
    {
      what: 'capabilities and no new privileges',
      script: run(
        engine,
        "grep -E 'CapEff|NoNewPrivs' /proc/self/status",
        '--cap-drop all --cap-add chown --cap-add net_raw --security-opt no-new-privileges',
      ),
      prints: 'CapEff:\t0000000000002001\nNoNewPrivs:\t1',
    },
    {
      what: 'ulimits',
      script: run(
        engine,
        "sh -c 'ulimit -n; ulimit -Hn'",
        '--ulimit nofile=100:200 --ulimit nproc=1000',
      ),
      prints: '100\n200',
    },
    {
      what: '--read-only, with a tmpfs and volumes',
      script: `mkdir -p /run/v; echo v >/run/v/f
        ${run(
          engine,
          "sh -c 'touch /a; touch /t/a && cat /v/f && ! touch /v/g && touch /w/h && df -k /t | tail -1'",
          '--read-only --tmpfs /t:size=1m -v /run/v:/v:ro -v /run/v:/w',
        )}
        ls /run/v; rm -r /run/v`,
      prints: /^v\ntmpfs +1024 .*\nf\nh$/,
      complains: /touch: \/a: Read-only file system/,
    },
    {
      what: 'a named volume, filled from the image',
      script: `${run(engine, 'cat /etc/group', '-v vol:/etc')}; ${cli} volume rm vol >/dev/null`,
      prints: /^root:x:0:\nweb:x:1000:/,
    },
    {
      what: 'a volume that passes mounts on to the host',
      script: `mkdir -p /run/s; mount -t tmpfs tmpfs /run/s; mount --make-shared /run/s
        ${run(
          engine,
          "sh -c 'mkdir /s/m; mount -t tmpfs tmpfs /s/m; touch /s/m/x'",
          '-v /run/s:/s:rshared --cap-add sys_admin --security-opt seccomp=unconfined',
        )}
        ls /run/s/m; umount -R /run/s`,
      prints: 'x',
    },
    {
      what: 'a device, and no others',
      script: run(
        engine,
        "sh -c 'dd if=/dev/full2 bs=1 count=1 2>/dev/null | wc -c; mknod /tmp/m c 1 1; dd if=/tmp/m bs=1 count=1'",
        '--device /dev/full:/dev/full2:rw --cap-add mknod',
      ),
      code: 1,
      prints: '1',
      complains: /Operation not permitted/,
    },
    {
      what: '--privileged',
      script: run(engine, "sh -c 'mount -t tmpfs tmpfs /tmp && echo ok'", '--privileged'),
      prints: 'ok',
      ...privileged,
    },
    {
      what: 'sysctls',
      script: run(
        engine,
        'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax',
        '--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=4096',
      ),
      prints: '1\n4096',
    },
    {
      what: 'OOM score',
      script: run(engine, 'cat /proc/self/oom_score_adj', '--oom-score-adj 500'),
      prints: '500',
    },
    {
      what: 'size of /dev/shm',
      script: run(engine, "sh -c 'df -k /dev/shm | tail -1'", '--shm-size 2m'),
      prints: /^shm +2048 /,
    },
    {
      what: 'no seccomp filter',
      script: run(
        engine,
        "grep '^Seccomp:' /proc/self/status",
        '--security-opt seccomp=unconfined',
      ),
      prints: 'Seccomp:\t0',
    },
    {
      what: "a seccomp filter of one's own",
      script: `cat >/run/profile.json <<'END'
{"defaultAction": "SCMP_ACT_ALLOW",
 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13}]}
END
        ${run(engine, 'mkdir /tmp/a', '--security-opt seccomp=/run/profile.json')}`,
      code: 1,
      complains: /Permission denied/,
    },
    {
      what: '--init: reaps',
      script: run(
        engine,
        `sh -c 'sh -c "sleep 0.01 &"; sleep 0.1; cat /proc/1/comm; ps -o stat | grep -c Z'`,
        '--init',
      ),
      skip: hasProgram(cli === 'docker' ? 'docker-init' : 'catatonit')
        ? false
        : 'no init for containers is installed',
      code: 1,
      prints: /(init|tini)\n0$/,
    },
    {
      what: 'limits, set and then updated',
      script: sleeping(
        engine,
        `${readLimits('web', cli)}; ${cli} update --memory 64m --memory-swap 64m --cpus 0.5 web >/dev/null; ${readLimits('web', cli)}`,
        '--memory 32m --memory-swap 32m --pids-limit 50',
      ),
      prints: '33554432\n67108864',
    },
    {
      what: 'a cgroup namespace',
      script: run(engine, "sh -c 'grep -v :/$ /proc/self/cgroup'", '--cgroupns private'),
      code: 1,
      prints: '',
    },
    {
      what: 'the network of the host',
      script: `${cli} run --rm --network host box ip -o link | wc -l >/run/a
        ip -o link | wc -l | cmp - /run/a`,
    },
    {
      what: 'a bridge',
      script: `${cli} run --rm box ip -o addr show eth0 | grep -c 'inet 1[0-9]*\\.'`,
      prints: '1',
    },
    {
      what: "another container's namespaces",
      script: sleeping(
        engine,
        `${cli} run --rm --network container:web --pid container:web --ipc container:web box \\
          sh -c 'ip -o link | wc -l; ps | grep -c [s]leep'`,
        '--ipc shareable',
      ),
      prints: '1\n1',
    },
    {
      what: 'build: each RUN is a container',
      script: `mkdir -p /run/build; cd /run/build
        printf 'FROM box\\nRUN echo built >/f\\nRUN cat /f && id -u\\n' >Dockerfile
        DOCKER_BUILDKIT=0 ${cli} build -q --network none -t made . >/dev/null 2>&1
        ${cli} run --rm --network none made cat /f; ${cli} rmi -f made >/dev/null`,
      prints: 'built',
    },
  ]
}

// The memory limit as the container's cgroup has it.
function readLimits(name: string, cli: string): string {
  return `path=$(grep -E ':memory:|^0::' /proc/$(${cli} inspect ${name} --format '{{.State.Pid}}')/cgroup | head -1 | cut -d: -f3)
    cat /sys/fs/cgroup/memory$path/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup$path/memory.max`
}
