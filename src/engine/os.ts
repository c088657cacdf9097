// node:os, as far as the verbs of the executable use it.

import { ERRNO, SIGNALS } from './system-errors.ts'

export const constants = { errno: ERRNO, signals: SIGNALS }

/** /etc/passwd has been asked; a static program asks no other name service. */
export function userInfo(): { username: string } {
  throw new Error('no name service')
}
