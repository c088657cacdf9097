// Files of the host that a config names, and that are not there or are something else.

import { accessSync, constants, lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { Config, Device, NamespaceType } from '../spec/config.ts'
import { error, type Path, type Problem, quote } from '../spec/problem.ts'
import { annotation } from '../spec/rules-annotations.ts'

export const FILE_CHECKS: readonly ((config: Config, bundle: string) => Problem[])[] = [
  checkDevices,
  checkHandler,
  checkCwd,
]

/** A problem when nothing can be found at the path. */
export function checkFile(at: Path, path: string, hint: string): Problem[] {
  try {
    statSync(path)
    return []
  } catch (cause) {
    const name = (cause as NodeJS.ErrnoException).code
    return [error(at, `${quote(path)} can not be reached (${name})`, { hint })]
  }
}

/** The same for a program. */
export function checkProgram(at: Path, path: string, hint: string): Problem[] {
  const missing = checkFile(at, path, hint)
  if (missing.length > 0) return missing
  try {
    accessSync(path, constants.X_OK)
    return []
  } catch {
    return [error(at, `${quote(path)} is not executable`, { hint: `chmod +x ${path}` })]
  }
}

/** The text of a file; empty when it is not in this kernel, or not for us: nothing to compare with. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** A problem when the path is that of a namespace of another type. */
export function checkNamespaceFile(at: Path, path: string, type: NamespaceType): Problem[] {
  const missing = checkFile(at, path, 'is the process or the bind mount still there?')
  if (missing.length > 0) return missing
  // Links of /proc/PID/ns say what they are; a bind mount does not.
  const found = /^(\w+):\[\d+\]$/.exec(readLink(path))?.[1]
  if (found === undefined || found === NAMESPACE_FILES[type]) return []
  return [error(at, `it is a ${found} namespace`, { hint: `name one of type ${type}` })]
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

// In a user namespace the nodes of the host are bound.
function checkDevices({ linux }: Config): Problem[] {
  if (linux?.namespaces?.some(({ type }) => type === 'user') !== true) return []
  return (linux.devices ?? []).flatMap((device, i) => {
    if (device.type === 'p') return []
    const at = ['linux', 'devices', i]
    const missing = checkFile(at, device.path, 'make it on the host: a user namespace makes none')
    if (missing.length > 0 || isDevice(device)) return missing
    const hint = 'in a user namespace the device of the host by that name is bound'
    return [error(at, `${quote(device.path)} is another file on this host`, { hint })]
  })
}

function isDevice({ path, type, major = 0, minor = 0 }: Device): boolean {
  const stat = statSync(path)
  const isOfType = type === 'b' ? stat.isBlockDevice() : stat.isCharacterDevice()
  // MKDEV as glibc has it, for numbers of 12 and 20 bits.
  return isOfType && stat.rdev === ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0
}

function checkHandler(config: Config): Problem[] {
  const handler = annotation(config, 'org.tsoci.handler')
  if (handler === undefined) return []
  return checkProgram(['annotations', 'org.tsoci.handler'], handler, 'install it on the host')
}

// What a mount covers shows only in the container.
function checkCwd({ process, root, mounts = [] }: Config, bundle: string): Problem[] {
  const cwd = process?.cwd ?? '/'
  if (root === undefined || mounts.some(({ destination }) => isWithin(cwd, destination))) return []
  const path = join(root.path.startsWith('/') ? '/' : bundle, root.path, cwd)
  const stat = lstatOrNothing(path)
  if (stat === undefined || stat.isDirectory() || stat.isSymbolicLink()) return []
  const hint = 'name a directory of the rootfs, or one that is missing: it is made'
  return [error(['process', 'cwd'], `${quote(cwd)} is no directory of the rootfs`, { hint })]
}

const isWithin = (path: string, dir: string) => `${path}/`.startsWith(join('/', dir, '/'))

function lstatOrNothing(path: string) {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}
