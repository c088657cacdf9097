// tsoci completion: prints what a shell needs to complete our command line.

import type { Arguments } from './arguments.ts'
import { completionScript, type Shell } from './completion-script.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  print(completionScript(args.text('shell') as Shell))
  return 0
}
