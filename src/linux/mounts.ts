// Mount option words by the kernel's numbers (mount(8), linux/mount.h).

/** MOUNT_ATTR_* of mount_setattr(2). */
export const MOUNT_ATTR = {
  RDONLY: 0x01,
  NOSUID: 0x02,
  NODEV: 0x04,
  NOEXEC: 0x08,
  ATIME: 0x70, // the mask of the three that exclude each other; relatime is 0
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  NODIRATIME: 0x80,
  NOSYMFOLLOW: 0x200000,
} as const

/** MS_* that change propagation, and MS_REC. */
export const MS_REC = 16384
export const MS_PROPAGATION = {
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  unbindable: 1 << 17,
} as const

/** What an attribute word does: bits to set, bits to clear. */
export interface AttributeChange {
  readonly set: number
  readonly clear: number
}

const { RDONLY, NOSUID, NODEV, NOEXEC, ATIME, NOATIME, STRICTATIME, NODIRATIME, NOSYMFOLLOW } =
  MOUNT_ATTR

/** Words about one mount; with an `r` in front they are about all below it, too: rro, rnosuid. */
export const ATTRIBUTE_WORDS: Readonly<Record<string, AttributeChange>> = {
  ro: { set: RDONLY, clear: 0 },
  rw: { set: 0, clear: RDONLY },
  nosuid: { set: NOSUID, clear: 0 },
  suid: { set: 0, clear: NOSUID },
  nodev: { set: NODEV, clear: 0 },
  dev: { set: 0, clear: NODEV },
  noexec: { set: NOEXEC, clear: 0 },
  exec: { set: 0, clear: NOEXEC },
  noatime: { set: NOATIME, clear: ATIME },
  atime: { set: 0, clear: ATIME },
  relatime: { set: 0, clear: ATIME },
  norelatime: { set: 0, clear: ATIME },
  strictatime: { set: STRICTATIME, clear: ATIME },
  nostrictatime: { set: 0, clear: ATIME },
  nodiratime: { set: NODIRATIME, clear: 0 },
  diratime: { set: 0, clear: NODIRATIME },
  nosymfollow: { set: NOSYMFOLLOW, clear: 0 },
  symfollow: { set: 0, clear: NOSYMFOLLOW },
}

/** Words about the file system itself, handed to it as flags (fsconfig FSCONFIG_SET_FLAG). */
export const SUPERBLOCK_WORDS = [
  'sync',
  'async',
  'dirsync',
  'mand',
  'nomand',
  'lazytime',
  'nolazytime',
] as const

/** Words that only mount(2) can hand on, by their MS_* bits; an opposite is the absence. */
export const CLASSIC_WORDS: Readonly<Record<string, AttributeChange>> = {
  iversion: { set: 1 << 23, clear: 0 },
  noiversion: { set: 0, clear: 1 << 23 },
  silent: { set: 1 << 15, clear: 0 },
  loud: { set: 0, clear: 1 << 15 },
}

/** private, rprivate, ... -> the MS_* word. */
export const PROPAGATION_WORDS: Readonly<Record<string, number>> = {
  private: MS_PROPAGATION.private,
  rprivate: MS_PROPAGATION.private | MS_REC,
  slave: MS_PROPAGATION.slave,
  rslave: MS_PROPAGATION.slave | MS_REC,
  shared: MS_PROPAGATION.shared,
  rshared: MS_PROPAGATION.shared | MS_REC,
  unbindable: MS_PROPAGATION.unbindable,
  runbindable: MS_PROPAGATION.unbindable | MS_REC,
}

/** Words without an effect of their own. */
export const EMPTY_WORDS = ['defaults'] as const

/** Words that are for tsoci itself, and not for a file system. */
export const OWN_WORDS = [
  'bind',
  'rbind',
  'remount',
  'tmpcopyup',
  'copy-symlink',
  'src-nofollow',
  'dest-nofollow',
  'idmap',
  'ridmap',
] as const

/** Every word that has a meaning to tsoci. */
export function listMountOptions(): string[] {
  return [
    ...Object.keys(ATTRIBUTE_WORDS),
    ...Object.keys(ATTRIBUTE_WORDS).map((word) => `r${word}`),
    ...Object.keys(PROPAGATION_WORDS),
    ...SUPERBLOCK_WORDS,
    ...Object.keys(CLASSIC_WORDS),
    ...EMPTY_WORDS,
    ...OWN_WORDS,
  ].sort()
}
