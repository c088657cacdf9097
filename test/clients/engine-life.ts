// The life of a container under podman and Docker.

import type { Case } from './compare.ts'
import { type Engine, run, seen, sleeping, whenPrivileged } from './engine.ts'

// A container that ends when it gets this signal, and says when it is ready for it.
function trapping({ cli, rm }: Engine, signal: string, script: string): string {
  const program = `trap "echo got ${signal}; exit 5" ${signal}; echo ready; while :; do sleep 0.1; done`
  return `${cli} run -d --name web --network none box sh -c '${program}' >/dev/null
    until ${cli} logs web | grep -q ready; do :; done
    ${script}; ${cli} wait web; ${cli} logs web; ${rm} web >/dev/null`
}

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
