// The help texts of the executable, which has no yargs to lay them out.

import { describeHelp } from '../src/cli/help.ts'
import { commands } from '../src/cli/options.ts'

/** By the name that the program is called by, then by command; that of the program itself is ''. */
export async function helpTexts(): Promise<Record<string, Record<string, string>>> {
  const before = process.env.TSOCI_AS
  const texts: Record<string, Record<string, string>> = {}
  for (const name of ['tsoci', 'runc']) {
    process.env.TSOCI_AS = name
    const own: Record<string, string> = { '': await describeHelp(undefined) }
    for (const command of commands) own[command.name] = await describeHelp(command)
    texts[name] = own
  }
  if (before === undefined) delete process.env.TSOCI_AS
  else process.env.TSOCI_AS = before
  return texts
}
