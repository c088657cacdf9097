// tsoci run: makes a container, runs it, and ends with its exit code.

import { run as runContainer } from '../runtime/create.ts'
import type { Arguments } from './arguments.ts'
import { readCreateOptions } from './create-options.ts'

export function run(args: Arguments): Promise<number> {
  return runContainer(args.text('id'), {
    ...readCreateOptions(args),
    detach: args.has('detach'),
    keep: args.has('keep'),
  })
}
