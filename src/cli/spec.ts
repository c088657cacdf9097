// tsoci spec: writes a config.json to start from.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'
import { defaultConfig, rootlessConfig } from '../spec/defaults.ts'
import type { Arguments } from './arguments.ts'
import { callerCwd } from './caller.ts'

export async function run(args: Arguments): Promise<number> {
  const file = join(args.path('bundle') ?? callerCwd(), 'config.json')
  const config = args.has('rootless')
    ? rootlessConfig(process.geteuid!(), process.getegid!())
    : defaultConfig()
  try {
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx', mode: 0o644 })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'EEXIST') {
      throw new TsociError('BAD_BUNDLE', `write "${file}": ${code ?? String(cause)}`, { cause })
    }
    throw new TsociError('BAD_BUNDLE', `write "${file}": file exists`, {
      hint: 'remove it first, or name another directory with --bundle',
    })
  }
  return 0
}
