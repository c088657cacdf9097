// Words for what can go wrong with a bundle's files.

/** A fault in the archive or in writing it out; archive.ts makes it an error for the user. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault'
  readonly hint: string | undefined

  constructor(message: string, more: { hint?: string; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.hint = more.hint
  }
}

// Engines turn the usual words for ENOENT and EACCES, at the end of a message, into the exit
// codes of a missing or forbidden container program. Ours must not read like those.
const ERRNO_WORDS: Record<string, string> = {
  EACCES: 'access is denied',
  EBUSY: 'it is in use, or a mount point',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than the filesystem allows',
  EINVAL: 'the kernel says that the value is invalid',
  EIO: 'the disk reports an input/output error',
  ELOOP: 'too many symlinks',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open on this host',
  ENODEV: 'no such device',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is not a directory',
  EOPNOTSUPP: 'the filesystem does not support it',
  ENOTSUP: 'the filesystem does not support it',
  EPERM: 'it is not allowed',
  EROFS: 'the filesystem is read-only',
}

/** The errno name of a failed system call, if `error` comes from one. */
export function errnoOf(error: unknown): string | undefined {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

/** The reason in an error, in words that no engine mistakes. */
export function describeFault(error: unknown): string {
  const code = errnoOf(error)
  if (code !== undefined && ERRNO_WORDS[code] !== undefined) return `${ERRNO_WORDS[code]} (${code})`
  return error instanceof Error ? error.message : String(error)
}

/** A file name in quotes, with what could steer a terminal escaped. `name` is one byte a char. */
export function quoteName(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8')
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
