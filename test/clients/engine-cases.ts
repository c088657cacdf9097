// What podman and Docker do alike, by the same words on the command line.

import { readHostFacts } from '../../src/host/facts.ts'
import { hasProgram } from '../kernel/container.ts'
import type { Case } from './compare.ts'

/** The words in which the two differ. */
export interface Engine {
  readonly cli: 'podman' | 'docker'
  /** Removes a container at once, even one that runs. */
  readonly rm: string
}

/** Runs a container to its end. */
export function run({ cli }: Engine, words: string, flags = ''): string {
  return `${cli} run --rm --network none ${flags} box ${words}`
}

/** Does something to a container `web` that sleeps, and removes it. */
export function sleeping({ cli, rm }: Engine, script: string, flags = ''): string {
  return `${cli} run -d --name web --network none ${flags} box sleep 1000 >/dev/null || exit
    { ${script}
    }; code=$?; ${rm} web >/dev/null; exit $code`
}

// A container that ends when it gets this signal, and says when it is ready for it.
function trapping({ cli, rm }: Engine, signal: string, script: string): string {
  const program = `trap "echo got ${signal}; exit 5" ${signal}; echo ready; while :; do sleep 0.1; done`
  return `${cli} run -d --name web --network none box sh -c '${program}' >/dev/null
    until ${cli} logs web | grep -q ready; do :; done
    ${script}; ${cli} wait web; ${cli} logs web; ${rm} web >/dev/null`
}

const seen = ({ cli }: Engine, what: string) => `${cli} inspect web --format '${what}'`

/** The life of a container, from create to rm. */
export function lifeCases(engine: Engine): Case[] {
  const { cli, rm } = engine
  const inside = (script: string, flags = '') => sleeping(engine, script, flags)
  const privileged = whenPrivileged(engine)
  return [
    {
      what: 'run: output and exit code are those of the program',
      script: run(engine, "sh -c 'echo out; echo err >&2; exit 3'"),
      code: 3,
      prints: 'out',
      complains: /^err$/m,
    },
    {
      what: 'run -i: input reaches the program',
      script: `echo hi | ${run(engine, 'cat', '-i')}`,
      prints: 'hi',
    },
    {
      what: 'create, start, wait, logs, rm',
      script: `${cli} create --name web --network none box sh -c 'echo said; exit 7' >/dev/null
        ${cli} start web; ${cli} wait web; ${cli} logs web
        ${seen(engine, '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}')}
        ${cli} rm web >/dev/null`,
      prints: 'web\n7\nsaid\nexited 7 false',
    },
    {
      what: 'exec: output and exit code',
      script: inside(`${cli} exec web sh -c 'echo in; exit 4'`),
      code: 4,
      prints: 'in',
    },
    {
      what: 'exec: user, environment and directory',
      script: inside(
        `${cli} exec -u 1000:1000 -e A=b -w /tmp web sh -c 'id -u; id -g; echo $A; pwd'`,
      ),
      prints: '1000\n1000\nb\n/tmp',
    },
    {
      what: 'exec -i: input reaches the program',
      script: inside(`echo hi | ${cli} exec -i web cat`),
      prints: 'hi',
    },
    {
      what: 'exec -d: leaves the program behind',
      script: inside(`${cli} exec -d web sh -c 'echo x >/tmp/f' >/dev/null
        until ${cli} exec web test -s /tmp/f; do :; done`),
    },
    {
      what: 'exec --privileged: more capabilities',
      script: inside(`${cli} exec web grep CapEff /proc/self/status
        ${cli} exec --privileged web grep CapEff /proc/self/status`),
      prints: /^(CapEff:.*)\n(?!\1)CapEff/,
      ...privileged,
    },
    {
      what: 'pause and unpause',
      script: inside(`${cli} pause web >/dev/null; ${seen(engine, '{{.State.Status}}')}
        ${cli} unpause web >/dev/null; ${seen(engine, '{{.State.Status}}')}`),
      prints: 'paused\nrunning',
    },
    { what: 'rm -f: a paused container', script: inside(`${cli} pause web`) },
    {
      what: 'kill: a signal by name',
      script: trapping(engine, 'USR1', `${cli} kill -s USR1 web`),
      prints: 'web\n5\nready\ngot USR1',
    },
    {
      what: 'stop: the program gets SIGTERM',
      script: trapping(engine, 'TERM', `${cli} stop web`),
      prints: 'web\n5\nready\ngot TERM',
    },
    {
      what: 'stop: SIGKILL when the time is over',
      script: inside(`${cli} stop -t 1 web; ${seen(engine, '{{.State.ExitCode}}')}`),
      prints: 'web\n137',
    },
    {
      what: 'stop: takes all processes, also of a container with the pids of the host',
      script: inside(
        // podman refuses as long as it has not heard of the end of what was executed.
        `${cli} exec -d web sleep 1001 >/dev/null; ${cli} stop -t 0 web || ${cli} stop -t 0 web
        ${seen(engine, '{{.State.ExitCode}}')}`,
        '--pid=host',
      ),
      // Whoever is not the first process of its namespace ends by SIGTERM.
      prints: /^web\n(137|143)$/,
    },
    {
      what: 'restart',
      script: inside(`${cli} restart -t 0 web; ${cli} exec web echo again`),
      prints: 'web\nagain',
    },
    {
      what: 'run --restart: again after each failure',
      script: `${cli} run -d --name web --network none --restart on-failure:2 box false >/dev/null
        until [ "$(${seen(engine, '{{.RestartCount}} {{.State.Status}}')})" = '2 exited' ]; do :; done
        ${rm} web`,
      prints: /^(web|[0-9a-f]{64})$/,
    },
    {
      what: 'the program is killed from outside',
      script: inside(`kill -9 $(${seen(engine, '{{.State.Pid}}')}); ${cli} wait web`),
      prints: '137',
    },
    {
      what: 'stats',
      script: inside(`${cli} stats --no-stream --format '{{.PIDs}} {{.Name}}' web`),
      prints: '1 web',
    },
    {
      what: 'cp: into a running container and out of it',
      script: inside(`echo x >/run/f; ${cli} cp /run/f web:/tmp/g; ${cli} exec web cat /tmp/g
        ${cli} cp web:/tmp/g /run/h; cat /run/h; rm /run/f /run/h`),
      prints: /^(.*\n)?x\nx$/,
    },
    {
      what: 'logs -f: until the end',
      script: `${cli} run -d --name web --network none box sh -c 'echo a; sleep 0.3; echo b' >/dev/null
        ${cli} logs -f web; ${rm} web >/dev/null`,
      prints: 'a\nb',
    },
  ]
}

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

/** What a user gets wrong, or a container does that it may not. */
export function failureCases(engine: Engine): Case[] {
  const { cli } = engine
  const inside = (script: string, flags = '') => sleeping(engine, script, flags)
  const words = cli === 'docker' ? { notCrun: 'Docker knows the words of runc only' } : {}
  return [
    {
      what: 'run: no such program',
      script: run(engine, 'nowhere'),
      code: 127,
      complains: /executable file .*not found in \$PATH/,
      ...words,
    },
    {
      what: 'run: no such program by its path',
      script: run(engine, '/bin/nowhere'),
      code: 127,
      complains: /no such file or directory/i,
      ...words,
    },
    {
      what: 'run: a program that is not executable',
      script: run(engine, '/etc/passwd'),
      code: 126,
      complains: /permission denied/i,
      ...words,
    },
    {
      what: 'run: a program that is a directory',
      script: run(engine, '/etc'),
      code: 126,
      ...words,
    },
    {
      what: 'run: a directory to work in that is a file',
      script: run(engine, 'true', '-w /etc/passwd'),
      code: cli === 'docker' ? 125 : 126,
      complains: /not a directory/i,
      notCrun: 'podman makes the directory by itself in some versions',
    },
    {
      what: 'run: a directory mounted on a file',
      script: `mkdir -p /run/d; ${run(engine, 'true', '-v /run/d:/bin/df')}; code=$?; rmdir /run/d; exit $code`,
      code: cli === 'docker' ? 125 : 126,
      complains: /\/bin\/df/,
      notCrun: 'the error and so the code differ',
    },
    {
      what: 'start: a volume that has gone',
      script: `mkdir -p /run/gone; ${cli} create --name web --network none --mount type=bind,src=/run/gone,dst=/g box true >/dev/null
        rmdir /run/gone; ${cli} start web; code=$?; ${engine.rm} web >/dev/null; exit $code`,
      code: cli === 'docker' ? 1 : 125,
      complains: /\/run\/gone/,
      notCrun: 'the error and so the code differ',
    },
    {
      what: 'run: no such sysctl',
      script: run(engine, 'true', '--sysctl net.nowhere=1'),
      code: cli === 'docker' ? 125 : 126,
      complains: /nowhere/,
      notCrun: 'the error and so the code differ',
    },
    {
      what: 'run: a user that is not there',
      script: run(engine, 'true', '-u nobody-here'),
      code: cli === 'docker' ? 125 : 126,
      complains: /nobody-here/,
    },
    {
      what: 'exec: no such program',
      script: inside(`${cli} exec web nowhere`),
      code: cli === 'docker' ? 126 : 127,
      notCrun: 'its words differ',
    },
    {
      what: 'exec: a program that is not executable',
      script: inside(`${cli} exec web /etc/passwd`),
      code: 126,
      notCrun: 'its words differ',
    },
    {
      what: 'exec: a directory to work in that is a file',
      script: inside(`${cli} exec -w /etc/passwd web true`),
      code: cli === 'docker' ? 126 : 255,
      notCrun: 'its words differ',
    },
    {
      what: 'exec: a directory to work in that is not there',
      script: inside(
        `${cli} exec -w /nowhere web true; echo $?; ${cli} exec web test -e /nowhere; echo $?`,
      ),
      // Docker says why on standard output.
      prints: cli === 'docker' ? /nowhere[\s\S]*\n126\n1$/ : '127\n1',
      ...words,
    },
    {
      what: 'exec: a user that is not there',
      script: inside(`${cli} exec -u nobody-here web true`),
      code: cli === 'docker' ? 126 : 255,
      notCrun: 'said by the client',
    },
    {
      what: 'more processes than the limit allows',
      script: run(
        engine,
        "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 1 & done; wait'",
        '--pids-limit 5',
      ),
      code: 2,
      complains: /can't fork/,
    },
    {
      what: 'more memory than the limit allows',
      // The shell outlives what is killed: containerd looks for the notice only while the cgroup is there.
      script: `${cli} run --name web --network none --memory 16m --memory-swap 16m box sh -c 'dd if=/dev/zero of=/dev/null bs=67108864 count=1; code=$?; sleep 0.5; exit $code'
        echo $?; ${seen(engine, '{{.State.OOMKilled}}')}; ${engine.rm} web >/dev/null`,
      prints: cli === 'docker' ? '137\ntrue' : /^137\n(true|false)$/,
    },
    {
      what: 'less memory than a process needs to start',
      script: run(engine, 'true', '--memory 6m --memory-swap 6m'),
      notCrun: 'whether this is enough differs',
    },
  ]
}

// The memory limit as the container's cgroup has it.
function readLimits(name: string, cli: string): string {
  return `path=$(grep -E ':memory:|^0::' /proc/$(${cli} inspect ${name} --format '{{.State.Pid}}')/cgroup | head -1 | cut -d: -f3)
    cat /sys/fs/cgroup/memory$path/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup$path/memory.max`
}

// Docker asks for every capability by name, those that this machine keeps from us, too.
function whenPrivileged({ cli }: Engine): Pick<Case, 'notCrun'> {
  const hasAll = (readHostFacts().user.capabilities & (1n << 24n)) !== 0n
  return cli !== 'docker' || hasAll
    ? {}
    : { notCrun: 'it takes no capability that it lacks for a warning' }
}
