// Filters that are kept, in ROOT/@filters: engines give most containers one and the same profile,
// and loading libseccomp for it takes longer than all the rest of a compile. A filter is found by
// everything it was made from, compared byte for byte; a number only picks the file.

import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { SeccompFilter } from '../plan/seccomp.ts'
import type { MadeFilter } from './seccomp.ts'

const PLACES = 64

/** The kept filter for what one is made from; undefined when it has to be made. */
export function findFilter(root: string, from: readonly unknown[]): SeccompFilter | undefined {
  const key = keyOf(from)
  const dir = join(root, '@filters')
  if (key === undefined || !isOurs(dir)) return undefined
  const bytes = readKept(join(dir, placeOf(key)))
  if (bytes?.subarray(0, key.length).equals(key) !== true) return undefined
  const end = bytes.indexOf('\n', key.length)
  if (end < 0) return undefined
  const head = readHead(bytes.toString('utf8', key.length, end))
  const program = bytes.subarray(end + 1)
  if (program.length !== head?.size || stampOf(head.library) !== head.stamp) return undefined
  return { program, flags: head.flags }
}

/** Keeps a filter that was just made. One that can't be kept is made again. */
export function keepFilter(root: string, from: readonly unknown[], filter: MadeFilter): void {
  const key = keyOf(from)
  if (key === undefined || filter.library === '') return
  const dir = join(root, '@filters')
  const { flags, library, program } = filter
  const size = program.length
  const head: Head = { library, stamp: stampOf(library), flags, size }
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    if (!isOurs(dir)) return
    const file = join(dir, placeOf(key))
    const draft = `${file}.${process.pid}`
    writeFileSync(draft, Buffer.concat([key, Buffer.from(`${JSON.stringify(head)}\n`), program]), {
      mode: 0o600,
    })
    renameSync(draft, file)
  } catch {
    // A read-only or full file system: the container needs no kept filter.
  }
}

interface Head {
  /** The file of libseccomp, and what it was. */
  readonly library: string
  readonly stamp: string
  readonly flags: number
  readonly size: number
}

function readHead(text: string): Head | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // damaged
  }
}

// What a filter is made from, and what else it depends on: the kernel, and the code that made it. From
// source, or in the library, that can change within a process's life: then nothing is kept.
function keyOf(from: readonly unknown[]): Buffer | undefined {
  const front = process.env.TSOCI_FRONT
  if (front === undefined || front === '') return undefined
  const exact = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)
  const made = [
    readFileSync('/proc/sys/kernel/osrelease', 'utf8'),
    stampOf(front),
    stampOf(join(dirname(front), 'tsoci-seccomp')),
    // Written anew whenever a library is installed.
    stampOf('/etc/ld.so.cache'),
  ]
  return Buffer.from(`${JSON.stringify([...from, ...made], exact)}\n`)
}

function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs}`
}

function placeOf(key: Buffer): string {
  let sum = key.length
  for (const byte of key) sum = (sum * 31 + byte) % 65521
  return String(sum % PLACES)
}

/** A directory that nobody else writes to. */
function isOurs(dir: string): boolean {
  const stat = lstatSync(dir, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === process.geteuid!() && (stat.mode & 0o77) === 0
}

function readKept(file: string): Buffer | undefined {
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined // the first of its profile
  }
  try {
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}
