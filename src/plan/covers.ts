// Plans what is covered in the root: masked and read-only paths, and the sysctls before them.

import { normalize } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { pointerOf } from '../spec/problem.ts'
import { sysctlPath } from '../spec/rules-sysctl.ts'
import { destinationOf } from './mounts.ts'
import { makesNamespace } from './namespaces.ts'
import { planRootAttributes } from './rootfs.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

/**
 * Child: sysctls, then the covers; a read-only /proc/sys would refuse the first. The root's own
 * attributes come last: what is unbindable can't be covered.
 */
export function planCovers(config: Config): Step[] {
  const steps: Step[] = []
  for (const [name, value] of Object.entries(config.linux?.sysctl ?? {})) {
    const path = `sys/${sysctlPath(name)}`
    steps.push({ op: 'sysctl', at: pointerOf(['linux', 'sysctl', name]), path, value })
  }
  const guard = guards(config)
  config.linux?.readonlyPaths?.forEach((path, i) => {
    steps.push({ op: 'readonly-path', at: `/linux/readonlyPaths/${i}`, path, flags: guard(path) })
  })
  const masked = config.linux?.maskedPaths ?? []
  masked.forEach((path, i) => {
    if (masked.indexOf(path) !== i) return // once is enough
    const at = `/linux/maskedPaths/${i}`
    steps.push({ op: 'mask-path', at, path, label: '', flags: guard(path) })
  })
  if (steps.some(({ op }) => op !== 'sysctl') && !makesNamespace(config, 'mount')) {
    throw new TsociError('BAD_CONFIG', 'cannot cover paths without an own mount namespace', {
      at:
        (config.linux?.maskedPaths?.length ?? 0) > 0
          ? '/linux/maskedPaths'
          : '/linux/readonlyPaths',
      hint: 'add {"type": "mount"} to linux.namespaces, or remove maskedPaths and readonlyPaths',
    })
  }
  return [...steps, ...planRootAttributes(config)]
}

/** Flags that hold a path to the file system which the config mounts there. */
function guards(config: Config): (path: string) => number {
  const types = new Map((config.mounts ?? []).map((mount) => [destinationOf(mount), mount.type]))
  return (given) => {
    const path = normalize(given)
    if (path.startsWith('/proc/') && types.get('/proc') === 'proc') return STEP_FLAGS.PATH_PROC
    if (path.startsWith('/sys/') && types.get('/sys') === 'sysfs') return STEP_FLAGS.PATH_SYS
    return 0
  }
}
