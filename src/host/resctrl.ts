// Fact about resctrl: where the file system that shares caches and memory bandwidth is mounted.

import { existsSync, readFileSync } from 'node:fs'
import { isHidden, parseMountinfo } from './mountinfo.ts'

/** Its mount point; undefined where the hardware or the administrator has none. */
export function readResctrl(): string | undefined {
  // The kernel makes the directory where the hardware can do it, mounted or not.
  if (!existsSync('/sys/fs/resctrl')) return undefined
  const mounts = parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
  return mounts.find((mount) => mount.fsType === 'resctrl' && !isHidden(mounts, mount))?.mountPoint
}
