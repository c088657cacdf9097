// tsoci plan: prints what create would do.

import { describePlan, planToJson } from '../plan/print.ts'
import { planBundle } from '../runtime/create.ts'
import type { Arguments } from './arguments.ts'
import { readBundleDir } from './bundle-dir.ts'
import { pathOfCaller } from './caller.ts'
import { readCreateOptions } from './create-options.ts'
import { diffLines } from './diff.ts'
import { print } from './print.ts'

export async function run(args: Arguments): Promise<number> {
  const plan = await planBundle(readCreateOptions(args, readBundleDir(args)))
  const other = args.text('diff')
  if (other !== undefined) {
    const options = readCreateOptions(args, pathOfCaller(other))
    // --config is about the first bundle.
    const otherPlan = await planBundle({ ...options, config: undefined })
    const lines = diffLines(splitLines(describePlan(plan)), splitLines(describePlan(otherPlan)))
    print(lines.map((line) => `${line}\n`).join(''))
  } else if (args.has('json')) {
    print(`${JSON.stringify(planToJson(plan), null, 2)}\n`)
  } else {
    print(`${describePlan(plan).trimEnd()}\n`)
  }
  return 0
}

function splitLines(text: string): string[] {
  return text.trimEnd().split('\n')
}
