// tsoci exec: runs another process in a container.

import { readFileSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { exec } from '../runtime/exec.ts'
import type { Arguments } from './arguments.ts'
import { describeWarning, warnOfFlags } from './warnings.ts'

export async function run(args: Arguments): Promise<number> {
  const file = args.path('process')
  if (file === undefined && args.rest.length === 0) {
    throw new TsociError('BAD_USAGE', 'exec: no command, and no process file', {
      hint: 'tsoci exec ID COMMAND, or tsoci exec --process FILE ID',
    })
  }
  if (file !== undefined) warnOfFlags(args, '--process', processFlags)
  return await exec(args.text('id')!, {
    root: args.path('root'),
    args: args.rest,
    processText: file === undefined ? undefined : readProcessFile(file),
    terminal: args.has('tty'),
    cwd: args.text('cwd'),
    env: args.texts('env'),
    user: args.text('user'),
    additionalGids: args.texts('additional-gids'),
    capabilities: args.texts('cap'),
    cgroups: args.texts('cgroup'),
    noNewPrivileges: args.has('no-new-privs'),
    apparmorProfile: args.text('apparmor'),
    selinuxLabel: args.text('process-label'),
    detach: args.has('detach'),
    ignorePaused: args.has('ignore-paused'),
    consoleSocket: args.path('console-socket'),
    pidFile: args.path('pid-file'),
    pidfdSocket: args.path('pidfd-socket'),
    preserveFds: args.number('preserve-fds'),
    onWarning: (problem) => args.log.warn(describeWarning(problem, 'process')),
  })
}

/** What is part of a process; --tty is sent beside a file that says terminal. */
const processFlags = [
  'cwd',
  'env',
  'user',
  'additional-gids',
  'cap',
  'no-new-privs',
  'apparmor',
  'process-label',
]

function readProcessFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TsociError('BAD_USAGE', `cannot read the process file "${file}" (${code})`, { cause })
  }
}
