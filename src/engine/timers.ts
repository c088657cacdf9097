// node:timers/promises, as far as the verbs of the executable use it.

import { host } from './host.ts'

/** Nothing else goes on in this process meanwhile. */
export async function setTimeout(milliseconds: number): Promise<void> {
  host.poll(-1, milliseconds)
}
