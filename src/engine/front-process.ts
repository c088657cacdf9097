// In the place of src/launch/front-process.ts.

import { checked } from './errors.ts'
import { frontPath } from './front-path.ts'
import { host } from './host.ts'

/** Runs the front door; its exit status, or 128 + n for signal n. */
export async function runFrontProcess(
  name: string,
  words: readonly string[],
  descriptors: readonly number[],
): Promise<number> {
  const pid = checked(host.spawn(frontPath(), [name, ...words], descriptors), 'fork')
  return checked(host.wait(pid), 'waitpid')
}
