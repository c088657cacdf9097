// Makes fifos and device nodes, for which Node has no call.

import { spawnSync } from 'node:child_process'
import type { Entry } from './entry.ts'
import { ArchiveFault, errnoOf } from './fault.ts'

/**
 * System calls that Node lacks. A caller that has them brings them; they throw with `code` set.
 * Paths are bytes, without a zero at the end.
 */
export interface FileCalls {
  /** mknod(2); `mode` holds the type and the permissions. Without it the program of that name runs. */
  readonly mknod?: ((path: Buffer, mode: number, major: number, minor: number) => void) | undefined
  /** lsetxattr(2). Without it extended attributes are left out, with a warning. */
  readonly lsetxattr?: ((path: Buffer, name: string, value: Buffer) => void) | undefined
}

// Bits of st_mode, and the letter that the mknod program wants.
const KINDS: Record<string, { readonly bits: number; readonly letter: string }> = {
  fifo: { bits: 0o010000, letter: 'p' },
  'character device': { bits: 0o020000, letter: 'c' },
  'block device': { bits: 0o060000, letter: 'b' },
}

/** Makes a fifo or a device node with mode 0600; `path` must not exist. */
export function makeSpecialFile(path: Buffer, entry: Entry, calls: FileCalls): void {
  const { bits, letter } = KINDS[entry.type]!
  if (calls.mknod !== undefined) {
    calls.mknod(path, bits | 0o600, entry.major, entry.minor)
    return
  }
  // The path may begin with /proc/self, which is another process in the child. Its working
  // directory is set before the program runs, while /proc/self/fd is still a copy of ours.
  const text = path.toString('utf8')
  if (!Buffer.from(text).equals(path)) {
    throw new ArchiveFault(`is a ${entry.type} with a name that is not UTF-8`)
  }
  const slash = text.lastIndexOf('/')
  const numbers = entry.type === 'fifo' ? [] : [String(entry.major), String(entry.minor)]
  const { error, status, stderr } = spawnSync(
    'mknod',
    ['-m', '600', `./${text.slice(slash + 1)}`, letter, ...numbers],
    { cwd: text.slice(0, slash), env: { PATH: process.env.PATH, LC_ALL: 'C' }, encoding: 'utf8' },
  )
  if (errnoOf(error) === 'ENOENT') {
    throw new ArchiveFault(`is a ${entry.type}, which needs the program mknod`, {
      hint: 'apt-get install coreutils',
    })
  }
  if (error !== undefined) throw error
  if (status === 0) return
  if (stderr.includes('Operation not permitted')) {
    throw Object.assign(new Error(stderr.trim()), { code: 'EPERM' })
  }
  throw new ArchiveFault(`is a ${entry.type} that mknod does not make: ${stderr.trim()}`)
}
