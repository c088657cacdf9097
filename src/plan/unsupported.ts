// Refuses what the specification names and tsoci does not do yet: nothing is ignored in silence.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'

type Has = (config: Config) => boolean

const notYet: readonly [pointer: string, has: Has][] = [
  ['/linux/intelRdt', ({ linux }) => linux?.intelRdt !== undefined],
]

/** Throws for the properties that tsoci does not do yet, all of them in one error. */
export function refuseUnsupported(config: Config): void {
  if (config.vm !== undefined) {
    throw new TsociError('NOT_SUPPORTED', 'config.json describes a virtual machine [/vm]', {
      hint: 'remove vm, or run this bundle with a runtime that makes virtual machines',
    })
  }
  const found = notYet.filter(([, has]) => has(config)).map(([pointer]) => pointer)
  if (found.length === 0) return
  throw new TsociError('NOT_SUPPORTED', `not supported yet: ${found.join(', ')}`, {
    hint: 'remove what is listed from config.json, or run this bundle with another runtime',
  })
}
