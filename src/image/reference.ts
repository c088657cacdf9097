// IMAGE on the command line: PATH, PATH:TAG, or PATH@DIGEST.

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseDigest } from './digest.ts'

/** Which image of which layout or archive. */
export interface Reference {
  readonly path: string
  readonly tag: string | undefined
  readonly digest: string | undefined
}

/** A path that exists as a whole has neither tag nor digest. `oci:` in front is what others write. */
export function parseReference(image: string, cwd: string): Reference {
  const prefix = /^(oci|oci-archive|docker-archive):/.exec(image)?.[1]
  const isPath = prefix === undefined || existsSync(resolve(cwd, prefix))
  const text = isPath ? image : image.slice(prefix.length + 1)
  if (existsSync(resolve(cwd, text))) {
    return { path: resolve(cwd, text), tag: undefined, digest: undefined }
  }
  const [name, digest] = cutAt(text, text.lastIndexOf('@'))
  const [path, tag] = cutAt(name, tagAt(name, cwd))
  return {
    path: resolve(cwd, path),
    tag,
    digest: digest === undefined ? undefined : parseDigest(digest, 'the image'),
  }
}

// A tag of docker save has colons and slashes of its own: the shortest path that exists is it.
function tagAt(name: string, cwd: string): number {
  for (let at = name.indexOf(':'); at >= 0; at = name.indexOf(':', at + 1)) {
    if (existsSync(resolve(cwd, name.slice(0, at)))) return at
  }
  return name.lastIndexOf(':')
}

function cutAt(text: string, at: number): [string, string | undefined] {
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
