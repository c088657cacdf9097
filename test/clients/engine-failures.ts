// What goes wrong under podman and Docker, and is told by them.

import type { Case } from './compare.ts'
import { type Engine, run, seen, sleeping } from './engine.ts'

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
      complains: /\/bin\/df.*not a directory/is,
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
