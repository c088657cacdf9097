// Writes the archive that a kernel unpacks before it starts init (kernel: early-userspace/buffer-format).

/** One entry. `content` is the file's bytes, a symlink's target, or a node's device numbers. */
export interface CpioEntry {
  readonly path: string
  /** Type and permission bits, as in stat(2). */
  readonly mode: number
  readonly content?: Uint8Array | string
  readonly device?: readonly [major: number, minor: number]
}

export const S_IFDIR = 0o040000
export const S_IFCHR = 0o020000
export const S_IFREG = 0o100000
export const S_IFLNK = 0o120000

const TRAILER = 'TRAILER!!!'

/** The archive, all of it owned by root: no privilege is needed to make it. */
export function* writeCpio(entries: Iterable<CpioEntry>): Generator<Uint8Array> {
  const made = new Set<string>()
  let inode = 1
  for (const entry of entries) {
    // The kernel makes no directories on its own.
    for (const path of parents(entry.path)) {
      if (made.has(path)) continue
      made.add(path)
      yield* writeEntry({ path, mode: S_IFDIR | 0o755 }, inode++)
    }
    if (made.has(entry.path)) continue
    made.add(entry.path)
    yield* writeEntry(entry, inode++)
  }
  yield* writeEntry({ path: TRAILER, mode: 0 }, 0)
}

function* writeEntry({ path, mode, content, device }: CpioEntry, inode: number) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : (content ?? Buffer.alloc(0))
  const name = Buffer.from(`${path.replace(/^\/+/, '')}\0`)
  const [major, minor] = device ?? [0, 0]
  const numbers = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, major, minor, name.length, 0]
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`
  yield pad(Buffer.concat([Buffer.from(header), name]))
  if (bytes.length > 0) yield bytes
  if (bytes.length % 4 > 0) yield Buffer.alloc(4 - (bytes.length % 4))
}

const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])

function parents(path: string): string[] {
  const words = path.split('/').filter((word) => word !== '')
  return words.slice(0, -1).map((_, i) => words.slice(0, i + 1).join('/'))
}
