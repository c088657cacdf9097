// What the executor tells of an archive that it can't unpack (native/unpack.c), and the words for it.

/** Words by fault; `{}` is a second name. With an entry's name in front, but for `archive`. */
export const FAULTS = {
  none: '',
  // Of the archive as a whole.
  read: 'read the archive',
  truncated: 'the archive is truncated',
  empty: 'the archive is empty',
  notTar: 'the file is not a tar archive',
  damaged: 'the archive is damaged',
  afterEnd: 'the archive goes on after its end',
  pax: 'the archive has a damaged pax header',
  memory: 'not enough memory',
  noProgram: 'the archive needs the program {} to be unpacked',
  decompressor: '{} can not decompress it',
  // Of a header.
  headerSize: 'is an oversized pax or name header',
  type: 'is of an unknown type',
  size: 'has a bad size',
  mode: 'has a bad mode',
  owner: 'has a bad owner',
  mtime: 'has a bad modification time',
  device: 'has a bad device number',
  data: 'is no file but has data',
  dirData: 'is a directory with data',
  sparse: 'has a bad sparse map',
  sparseFit: 'has a sparse map that does not fit its data',
  sparseEnd: 'has a sparse map without end',
  sparseSize: 'is sparse and names no size',
  sparseFormat: 'is sparse in an unknown format',
  // Of a name.
  emptyName: 'has an empty name',
  zeroName: 'has a zero byte in its name',
  dotDot: 'has ".." in its name',
  longName: 'has a name that is too long',
  root: 'is the rootfs itself, but no directory',
  symlinkTarget: 'is a symlink with a bad target',
  linkName: 'is a hard link to {}, which leads outside',
  linkMissing: 'is a hard link to {}, which is not in the archive before it',
  linkDir: 'is a hard link to the directory {}',
  whiteout: 'is a whiteout of no name',
  // Of what is there.
  throughSymlink: 'passes through the symlink {}, which leads to no directory',
  throughFile: 'passes through the file {}',
  throughFifo: 'passes through the fifo {}',
  throughDevice: 'passes through the device {}',
  keepsDir: 'would take the place of a directory that is not empty',
  ownerMap: 'belongs to {}, which has no map in this user namespace',
  write: 'write',
} as const

export type UnpackFault = keyof typeof FAULTS

/** Of FAULTS: those that no entry has. */
export const ARCHIVE_FAULTS: readonly UnpackFault[] = [
  'read',
  'truncated',
  'empty',
  'notTar',
  'damaged',
  'afterEnd',
  'pax',
  'memory',
  'noProgram',
  'decompressor',
]

/** What may be left out with a warning. */
export const OMITTED = {
  devices: 'device nodes',
  xattrs: 'extended attributes',
  acls: 'ACLs that name a user or group without a number',
} as const
