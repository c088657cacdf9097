// Plans Landlock: the files and ports that the process may use, beyond what modes and mounts say.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { annotation } from '../spec/rules-annotations.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

/** Child, last but for closing descriptors: from there on nothing of ours opens a file. */
export function planLandlock(config: Config): Step[] {
  const read = annotation(config, 'org.tsoci.landlock.read')
  const write = annotation(config, 'org.tsoci.landlock.write')
  const bind = annotation(config, 'org.tsoci.landlock.bind')
  const connect = annotation(config, 'org.tsoci.landlock.connect')
  const flags =
    (read === undefined && write === undefined ? 0 : STEP_FLAGS.LANDLOCK_FILES) |
    (bind === undefined ? 0 : STEP_FLAGS.LANDLOCK_BIND) |
    (connect === undefined ? 0 : STEP_FLAGS.LANDLOCK_CONNECT)
  if (flags === 0) return []
  if (config.process?.noNewPrivileges !== true) {
    throw new TsociError('BAD_CONFIG', 'cannot apply Landlock: the process may gain privileges', {
      at: '/process/noNewPrivileges',
      hint: 'set process.noNewPrivileges to true',
    })
  }
  return [
    {
      op: 'landlock',
      at: '/annotations',
      read: read?.split(':') ?? [],
      write: write?.split(':') ?? [],
      bind: portsOf(bind),
      connect: portsOf(connect),
      flags,
    },
  ]
}

const portsOf = (list = 'none') => (list === 'none' ? [] : list.split(','))
