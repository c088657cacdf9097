// Looks into a rootfs for the words of an error, from outside, when a container could not be made.

import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { similarWord } from '../spec/similar.ts'

const MAX_LINKS = 16

/** Where a path of the container lies on the host; undefined when there is nothing of that name. */
function find(rootfs: string, path: string): string | undefined {
  let rest = path.split('/')
  let found: string[] = []
  for (let links = 0; rest.length > 0; ) {
    const [name, ...more] = rest
    rest = more
    if (name === '' || name === '.') continue
    if (name === '..') {
      found.pop()
      continue
    }
    const at = join(rootfs, ...found, name!)
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    if (!stat.isSymbolicLink()) {
      found.push(name!)
      continue
    }
    if (++links > MAX_LINKS) return undefined
    const target = readlinkSync(at)
    if (target.startsWith('/')) found = []
    rest = [...target.split('/'), ...rest]
  }
  return join(rootfs, ...found)
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined // not for the caller to see, or changing under us: the error has less to say
  }
}

/** The component of a path of the container that is something else than a directory. */
export function findBarrier(rootfs: string, path: string): string | undefined {
  return attempt(() => {
    const names = path.split('/').filter((name) => name !== '')
    return names
      .map((_, i) => `/${names.slice(0, i + 1).join('/')}`)
      .find((part) => {
        const at = find(rootfs, part)
        return at !== undefined && !lstatSync(at).isDirectory()
      })
  })
}

/** The name in these directories of the container that is most like the one that is missing. */
export function findSimilar(rootfs: string, dirs: readonly string[], name: string) {
  const names = dirs.flatMap((dir) => attempt(() => readdirSync(find(rootfs, dir) ?? '')) ?? [])
  return similarWord(name, [...new Set(names)])
}

/** What the first line of the first of these names that is a file; undefined for no script. */
export function findInterpreter(rootfs: string, paths: readonly string[]): string | undefined {
  return attempt(() => {
    const files = paths.flatMap((path) => find(rootfs, path) ?? [])
    const file = files.find((it) => lstatSync(it).isFile())
    if (file === undefined) return undefined
    const fd = openSync(file, 'r')
    try {
      // BINPRM_BUF_SIZE: the kernel reads no more either.
      const bytes = Buffer.alloc(256)
      const [line = ''] = bytes.toString('latin1', 0, readSync(fd, bytes, 0, 256, 0)).split('\n')
      return /^#![ \t]*([^ \t]+)/.exec(line)?.[1]
    } finally {
      closeSync(fd)
    }
  })
}
