// Refuses what the specification names and tsoci is not made for: nothing is ignored in silence.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'

/** Throws for a config of something else than a container. */
export function refuseUnsupported(config: Config): void {
  if (config.vm === undefined) return
  throw new TsociError('NOT_SUPPORTED', 'config.json describes a virtual machine', {
    at: '/vm',
    hint: 'remove vm, or run this bundle with a runtime that makes virtual machines',
  })
}
