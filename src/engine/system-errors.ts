// Node's names and words of errors. The build puts the values themselves in the place of this file.

import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

export const SYSTEM_ERRORS: ReadonlyMap<number, [name: string, words: string]> = getSystemErrorMap()
type Errnos = Record<string, number> & Record<'EACCES' | 'EPERM' | 'ENOTDIR' | 'ENOTEMPTY', number>

export const ERRNO = { ...constants.errno } as Errnos
export const SIGNALS: Readonly<Record<string, number>> = { ...constants.signals }
