// Plans what is covered in the root: masked and read-only paths, and the sysctls before them.

import { normalize } from 'node:path/posix'
import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { pointerOf } from '../spec/problem.ts'
import { sysctlPath } from '../spec/rules-sysctl.ts'
import { isRootless } from './ids.ts'
import { destinationOf } from './mounts.ts'
import { hasNamespace, makesNamespace } from './namespaces.ts'
import { planRootAttributes } from './rootfs.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'

/**
 * Child: sysctls, then the covers; a read-only /proc/sys would refuse the first. The root's own
 * attributes come last: what is unbindable can't be covered.
 */
export function planCovers(config: Config, host: HostFacts): Step[] {
  const steps: Step[] = []
  for (const [name, value] of Object.entries(config.linux?.sysctl ?? {})) {
    const path = `sys/${sysctlPath(name)}`
    steps.push({ op: 'sysctl', at: pointerOf(['linux', 'sysctl', name]), path, value })
  }
  const guard = guards(config, host)
  config.linux?.readonlyPaths?.forEach((given, i) => {
    const path = plain(given)
    steps.push({ op: 'readonly-path', at: `/linux/readonlyPaths/${i}`, path, flags: guard(path) })
  })
  const masked = (config.linux?.maskedPaths ?? []).map(plain)
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

/** A path in /proc or /sys without dots and doubled slashes; elsewhere they may stand behind a symlink. */
function plain(path: string): string {
  const normal = normalize(path)
  return /^\/(proc|sys)\//.test(normal) ? normal : path
}

/**
 * Flags that hold a path to the file system which the config mounts there. In a user namespace the
 * kernel's directories of root alone, debugfs say, belong to nobody: they let nobody in.
 */
function guards(config: Config, host: HostFacts): (path: string) => number {
  const types = new Map((config.mounts ?? []).map((mount) => [destinationOf(mount), mount.type]))
  const closed = hasNamespace(config, 'user') || isRootless(host) ? STEP_FLAGS.PATH_CLOSED : 0
  return (path) => {
    const inProc = path.startsWith('/proc/')
    if (!inProc && !path.startsWith('/sys/')) return 0
    if (inProc) return closed | (types.get('/proc') === 'proc' ? STEP_FLAGS.PATH_PROC : 0)
    return closed | (types.get('/sys') === 'sysfs' ? STEP_FLAGS.PATH_SYS : 0)
  }
}
