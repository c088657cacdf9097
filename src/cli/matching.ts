// Which containers a verb is about: the one that is named, or all that match a pattern.

import { TsociError } from '../errors.ts'
import { list } from '../runtime/list.ts'
import type { Arguments } from './arguments.ts'

/** Does it for each container; all are tried, and the first failure is thrown then. */
export async function forEachMatch(
  args: Arguments,
  work: (id: string) => Promise<void>,
): Promise<void> {
  const name = args.text('id')!
  if (!args.has('regex')) return await work(name)
  const pattern = parsePattern(name)
  const failures: unknown[] = []
  for (const { id } of await list({ root: args.path('root') })) {
    if (!pattern.test(id)) continue
    await work(id).catch((error) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (cause) {
    throw new TsociError('BAD_USAGE', `--regex ${JSON.stringify(text)}: not a regular expression`, {
      cause,
    })
  }
}
