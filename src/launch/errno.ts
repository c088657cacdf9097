// Names and words of errno values.

import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** Words that Node.js does not have, or words otherwise than callers know them. */
const OWN_WORDS: Readonly<Record<string, string>> = {
  EBUSY: 'device or resource busy',
  ENOEXEC: 'exec format error',
  EDQUOT: 'quota exceeded',
  ECHILD: 'no child processes',
  ENODATA: 'no data available',
  EBADMSG: 'bad message',
  ERANGE: 'numerical result out of range',
}

// Node.js calls it ENOTSUP, of sockets; the kernel says it of much else.
const EOPNOTSUPP = 95

/** Name and words of an errno, such as ENOENT and its phrase. */
export function errnoEntry(errno: number): [name: string, words: string] {
  if (errno === EOPNOTSUPP) return ['EOPNOTSUPP', 'operation not supported']
  const known = getSystemErrorMap().get(-errno)
  const found = Object.entries(constants.errno).find(([, number]) => number === errno)
  const name = known?.[0] ?? found?.[0] ?? `errno ${errno}`
  return [name, OWN_WORDS[name] ?? known?.[1] ?? name]
}
