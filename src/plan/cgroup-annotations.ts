// Annotations that set limits for which the specification has no field.

import type { Config } from '../spec/config.ts'
import { type AnnotationName, annotation } from '../spec/rules-annotations.ts'
import type { CgroupWrite } from './cgroup-value.ts'

/** Each has the name of a cgroup v2 file, and takes what that takes. */
const MEMORY_ANNOTATIONS = {
  'org.tsoci.memory.high': 'memory.high',
  'org.tsoci.memory.min': 'memory.min',
} as const satisfies { [N in AnnotationName]?: string }

/** What the config's annotations ask for. */
export function memoryAnnotations(config: Config): (CgroupWrite & { readonly name: string })[] {
  return Object.entries(MEMORY_ANNOTATIONS).flatMap(([name, file]) => {
    const value = annotation(config, name as keyof typeof MEMORY_ANNOTATIONS)
    return value === undefined ? [] : [{ name, file, value }]
  })
}
