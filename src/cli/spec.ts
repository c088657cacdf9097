// tsoci spec: writes a config.json to start from.

import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeFault, errnoOf } from '../bundle/fault.ts'
import { TsociError } from '../errors.ts'
import { readCgroupFacts } from '../host/cgroups.ts'
import { defaultConfig, rootlessConfig } from '../spec/defaults.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd } from './caller.ts'

export async function run(args: Arguments): Promise<number> {
  const file = resolve(args.path('bundle') ?? callerCwd(), args.text('file') ?? 'config.json')
  const host = { cgroup2: readCgroupFacts().layout === 'v2' }
  const config = args.has('rootless')
    ? rootlessConfig(process.geteuid!(), process.getegid!(), host)
    : defaultConfig(host)
  try {
    // Exclusive: the file may be the work of hours.
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx', mode: 0o644 })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') {
      throw new TsociError('BAD_BUNDLE', `write "${file}": ${describeFault(cause)}`, { cause })
    }
    throw new TsociError('BAD_BUNDLE', `write "${file}": file exists`, {
      hint: 'remove it first, or name another directory with --bundle, another file with --file',
    })
  }
  return 0
}
