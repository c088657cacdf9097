// Unpacks a rootfs archive: all of it, or nothing.

import { type Extract, extract as extractTar } from 'tar-stream'
import { TsociError } from '../errors.ts'
import type { Problem } from '../spec/problem.ts'
import { CompressedFile } from './compressed-file.ts'
import { type Entry, entryName, readEntry } from './entry.ts'
import { ArchiveFault, describeFault, wrapEntryFault } from './fault.ts'
import type { FileWriter } from './file-writer.ts'
import { Progress } from './progress.ts'
import { RootfsTree } from './rootfs-tree.ts'
import type { FileCalls } from './special-file.ts'
import { Staging } from './staging.ts'
import { TarBlocks } from './tar-blocks.ts'

/** What a caller may ask of unpackArchive(). */
export interface UnpackOptions {
  /** System calls that Node lacks; see special-file.ts for what happens without. */
  readonly calls?: FileCalls | undefined
  /** Where the progress is shown; default standard error if it is a terminal. `false`: nowhere. */
  readonly progress?: NodeJS.WriteStream | false | undefined
  /** Ends the unpacking; nothing is left of it. */
  readonly signal?: AbortSignal | undefined
  readonly onWarning?: ((problem: Problem) => void) | undefined
}

/** Unpacks `archive` to `rootfs`, which is absent or an empty directory. */
export async function unpackArchive(
  archive: string,
  rootfs: string,
  options: UnpackOptions = {},
): Promise<void> {
  let file: CompressedFile | undefined
  let staging: Staging | undefined
  const terminal = options.progress ?? (process.stderr.isTTY ? process.stderr : false)
  const progress = new Progress(archive, terminal === false ? undefined : terminal)
  try {
    file = new CompressedFile(archive)
    staging = new Staging(rootfs)
    const tree = new RootfsTree(staging.tree, options.calls ?? {})
    await extract(file, tree, progress, options.signal)
    tree.finish()
    const { mode, mtime } = tree.rootAttributes
    if (staging.publish(mode, mtime)) warnOfOmissions(tree, options.onWarning)
  } catch (error) {
    if (error instanceof TsociError) throw error
    throw new TsociError('BAD_BUNDLE', `unpack "${archive}": ${describeFault(error)}`, {
      cause: error,
      hint: error instanceof ArchiveFault ? error.hint : undefined,
    })
  } finally {
    progress.clear()
    file?.close()
    try {
      staging?.remove()
    } catch {
      // It is in nobody's way, and the next extraction tries again.
    }
  }
}

async function extract(
  file: CompressedFile,
  tree: RootfsTree,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const blocks = new TarBlocks()
  // Names are bytes, see entry.ts. tar-blocks.ts has looked at the checksum, so what has no magic
  // number is an archive older than POSIX, not garbage.
  const format = { filenameEncoding: 'latin1', allowUnknownFormat: true }
  // Its types leave its own options out.
  const entries = extractTar(format as object)
  let count = 0

  entries.on('entry', (header, content, next) => {
    const note = blocks.notes.shift()!
    let writer: FileWriter | undefined
    // Both ways out of an entry go through here, so that no descriptor is left open.
    content.on('error', () => {}) // told by `entries`
    const fail = (error: unknown) => {
      writer?.close()
      writer = undefined
      content.resume()
      next(wrapEntryFault(entryName(header, note), error))
    }
    try {
      count++
      const entry: Entry = readEntry(header, note)
      writer = tree.add(entry)
      content.on('data', (chunk) => {
        try {
          writer?.write(chunk as Buffer)
        } catch (error) {
          fail(error)
        }
      })
      content.on('end', () => {
        try {
          if (writer !== undefined) tree.endFile(writer, entry)
          writer = undefined
          next()
        } catch (error) {
          fail(error)
        }
      })
      content.on('close', () => {
        // The archive broke off in the middle of the file.
        writer?.close()
        writer = undefined
      })
    } catch (error) {
      fail(error)
    }
  })

  const done = new Promise<void>((resolve, reject) => {
    entries.on('error', reject)
    entries.on('close', () => resolve())
  })
  done.catch(() => {}) // awaited below, but it may fail before
  try {
    for await (const chunk of file.unpacked()) {
      for (const piece of blocks.push(chunk)) {
        if (!entries.write(piece)) await Promise.race([drained(entries), done])
      }
      progress.update(file.bytesRead, file.size, count)
      // Without a turn of the event loop no signal would ever arrive.
      await new Promise((resolve) => setImmediate(resolve))
      if (signal?.aborted) throw new TsociError('ABORTED', `unpack "${file.path}": aborted`)
    }
    blocks.end()
  } catch (error) {
    entries.destroy(null)
    await done.catch(() => {})
    throw error
  }
  entries.end(null)
  await done
}

function drained(entries: Extract): Promise<void> {
  return new Promise((resolve) => entries.once('drain', () => resolve()))
}

function warnOfOmissions(tree: RootfsTree, onWarning: UnpackOptions['onWarning']): void {
  for (const [what, { count, first, why }] of tree.omissions) {
    onWarning?.({
      severity: 'warning',
      pointer: '/root/path',
      message: `left ${count} ${what} out of the rootfs, first ${first}: ${why}`,
    })
  }
}
