// Annotations that set limits for which the specification has no field.

import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import type { CgroupWrite } from './cgroup-value.ts'

/** Name -> the cgroup v2 file whose value it is. */
const MEMORY_ANNOTATIONS: Readonly<Record<string, string>> = {
  'org.tsoci.memory.high': 'memory.high',
  'org.tsoci.memory.min': 'memory.min',
}

/** The names, for `tsoci features`: whoever may set them can change what a container gets. */
export const RESOURCE_ANNOTATIONS: readonly string[] = Object.keys(MEMORY_ANNOTATIONS)

/** What the config's annotations ask for. */
export function memoryAnnotations(config: Config): (CgroupWrite & { readonly name: string })[] {
  const found = []
  for (const [name, file] of Object.entries(MEMORY_ANNOTATIONS)) {
    const value = config.annotations?.[name]
    if (value === undefined || value === '') continue
    if (!/^(\d{1,19}|max)$/.test(value)) {
      throw new TsociError('BAD_CONFIG', `annotation ${name} "${value}": not a number of bytes`, {
        hint: 'give bytes in decimal, or max',
      })
    }
    found.push({ name, file, value })
  }
  return found
}
