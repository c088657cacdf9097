// Reads /proc/PID/mountinfo (proc(5)).

/** One line of /proc/self/mountinfo. */
export interface Mount {
  readonly id: number
  readonly parent: number
  /** major:minor of the file system. */
  readonly device: string
  readonly root: string
  readonly mountPoint: string
  readonly fsType: string
  readonly superOptions: readonly string[]
}

/** Parses /proc/self/mountinfo. */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of text.split('\n')) {
    // The optional fields between the sixth and the hyphen are of any number (proc(5)).
    const words = line.split(' ')
    const hyphen = words.indexOf('-', 6)
    if (hyphen < 0) continue
    mounts.push({
      id: Number(words[0]),
      parent: Number(words[1]),
      device: words[2] ?? '',
      root: unescapePath(words[3] ?? ''),
      mountPoint: unescapePath(words[4] ?? ''),
      fsType: words[hyphen + 1] ?? '',
      superOptions: (words[hyphen + 3] ?? '').split(','),
    })
  }
  return mounts
}

/**
 * Is a later mount stacked on this one, or on a directory above it?
 *
 * A mount made below another becomes its child. So of two children of one parent, the one at the
 * shorter path came later and hides the other.
 */
export function isHidden(mounts: readonly Mount[], mount: Mount): boolean {
  for (const it of mounts) {
    if (it.parent === mount.id && it.mountPoint === mount.mountPoint) return true
  }
  let link: Mount | undefined = mount
  // The root's parent is not in the list; `steps` stops a list that the kernel would never write.
  for (let steps = 0; link !== undefined && steps < mounts.length; steps++) {
    const { id, parent, mountPoint }: Mount = link
    link = undefined
    for (const it of mounts) {
      if (it.id === id) continue
      if (it.id === parent) link = it
      if (it.parent !== parent || it.mountPoint === mountPoint) continue
      if (isBelow(mountPoint, it.mountPoint)) return true
    }
  }
  return false
}

function isBelow(path: string, dir: string): boolean {
  return dir === '/' || path.startsWith(`${dir}/`)
}

// Space, tab, newline and backslash are written in octal (proc(5)).
function unescapePath(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)))
}
