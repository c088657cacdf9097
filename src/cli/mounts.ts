// tsoci mounts: mounts more in a running container, or unmounts.

import { readFileSync } from 'node:fs'
import { TsociError } from '../errors.ts'
import { addMounts, parseMounts, removeMounts } from '../runtime/mounts.ts'
import type { Arguments } from './arguments.ts'
import { readVerbOptions } from './verb-options.ts'
import { describeWarning } from './warnings.ts'

const actions = { add: addMounts, remove: removeMounts } as const

export async function run(args: Arguments): Promise<number> {
  const action = args.text('action') as keyof typeof actions
  const mounts = parseMounts(readText(args, args.text('file')!), {
    remove: action === 'remove',
    onWarning: (problem) => args.log.warn(describeWarning(problem, 'mounts')),
  })
  await actions[action](args.text('id')!, mounts, readVerbOptions(args))
  return 0
}

function readText(args: Arguments, file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : args.path('file')!, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TsociError('BAD_USAGE', `cannot read the mounts "${file}" (${code})`, { cause })
  }
}
