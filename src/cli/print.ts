// Writes results to standard output.

import { TsociError } from '../errors.ts'
import { errnoEntry } from '../launch/errno.ts'
import { Log } from '../log.ts'

// Node has listeners of its own, which go when a pipe breaks.
let listens = false

/** Prints text. A reader that went away, as in `tsoci list | head -1`, ends us without a word. */
export function print(text: string): void {
  // Asked for here, not at start: standard output costs create some milliseconds for nothing.
  if (!listens) process.stdout.on('error', giveUp)
  listens = true
  process.stdout.write(text)
}

// Writing goes on after the verb has returned, so nobody is there to throw to.
function giveUp(cause: NodeJS.ErrnoException): never {
  if (cause.code !== 'EPIPE') {
    const [name, words] = errnoEntry(-(cause.errno ?? 0))
    new Log().error(new TsociError('BAD_USAGE', `write to standard output: ${words} (${name})`))
  }
  process.exit(1)
}
