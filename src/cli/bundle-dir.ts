// Which bundle a verb is about, for those that take it as an argument too.

import type { Arguments } from './arguments.ts'
import { pathOfCaller } from './caller.ts'

/** The bundle's directory: the argument, then --bundle, then the working directory. */
export function readBundleDir(args: Arguments): string {
  const named = args.text('bundle-dir') ?? args.text('bundle') ?? '.'
  return pathOfCaller(named)
}

/** Is it not just the working directory? */
export const isBundleNamed = (args: Arguments) =>
  args.text('bundle-dir') !== undefined || args.texts('bundle').some((it) => it !== '')
