// What the executable leaves to Node.

import { TsociError } from '../errors.ts'
import { host } from './host.ts'

/** Has Node do this whole command in our place; nothing must have been told or done yet. */
export function leaveToNode(): never {
  host.becomeNode()
  throw new TsociError(
    'NOT_SUPPORTED',
    'this takes Node.js 20.19 or later: there is none in PATH',
    {
      hint: 'install Node.js; create and run take none where the bundle has its rootfs as a directory',
    },
  )
}
