// Finds the user of an image in the passwd and group files of its own rootfs.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
} from 'node:fs'
import type { User } from '../spec/config.ts'
import { ImageFault } from './fault.ts'

const FILE_LIMIT = 16 << 20
const LINK_LIMIT = 40

/** The user that config.User means: NAME, UID, and after a colon GROUP or GID. */
export function findUser(rootfs: string, text: string): User {
  const [user = '', group] = text.split(':', 2)
  const passwd = readLines(rootfs, 'etc/passwd', 4)
  const groups = readLines(rootfs, 'etc/group', 3)
  const line = passwd.find(([name]) => name === user) ?? passwd.find(([, , uid]) => uid === user)
  const uid = parseId(line?.[2]) ?? parseId(user === '' ? '0' : user)
  if (uid === undefined) {
    throw new ImageFault(`config.User names ${JSON.stringify(user)}, who is not in its /etc/passwd`)
  }
  if (group === undefined || group === '') {
    const name = line?.[0]
    const more = groups
      .filter(([, , , members = '']) => name !== undefined && members.split(',').includes(name))
      .flatMap(([, , gid]) => parseId(gid) ?? [])
    const gid = parseId(line?.[3]) ?? 0
    const additional = [...new Set(more)].filter((each) => each !== gid)
    return { uid, gid, ...(additional.length > 0 && { additionalGids: additional }) }
  }
  const gid = parseId(groups.find(([name]) => name === group)?.[2]) ?? parseId(group)
  if (gid === undefined) {
    throw new ImageFault(
      `config.User names the group ${JSON.stringify(group)}, which is not in its /etc/group`,
    )
  }
  return { uid, gid }
}

function parseId(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,10}$/.test(text)) return undefined
  return Number(text) < 0xffffffff ? Number(text) : undefined
}

function readLines(rootfs: string, name: string, fields: number): string[][] {
  return readInRoot(rootfs, name)
    .split('\n')
    .map((line) => line.split(':'))
    .filter((parts) => parts.length >= fields)
}

/**
 * A file as its container would see it; empty when there is none. Nobody else changes the rootfs
 * meanwhile, so what lstat says of a part of the path stays true.
 */
function readInRoot(rootfs: string, name: string): string {
  const rest = name.split('/')
  const done: string[] = []
  for (let links = 0; rest.length > 0; ) {
    const part = rest.shift()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      done.pop()
      continue
    }
    const stat = lstatSync([rootfs, ...done, part].join('/'), { throwIfNoEntry: false })
    if (stat === undefined) return ''
    if (!stat.isSymbolicLink()) {
      if (rest.length > 0 && !stat.isDirectory()) return ''
      done.push(part)
      continue
    }
    if (++links > LINK_LIMIT) return ''
    const target = readlinkSync([rootfs, ...done, part].join('/'))
    if (target.startsWith('/')) done.length = 0
    rest.unshift(...target.split('/'))
  }
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants
  const fd = openSync([rootfs, ...done].join('/'), O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
  try {
    const stat = fstatSync(fd)
    return stat.isFile() && stat.size <= FILE_LIMIT ? readFileSync(fd, 'latin1') : ''
  } finally {
    closeSync(fd)
  }
}
