// Has the executor make the entries of an archive in a directory (native/unpack.c).

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { TsociError } from '../errors.ts'
import { installHint } from './compression.ts'
import { ArchiveFault, describeFault, quoteName } from './fault.ts'
import { ARCHIVE_FAULTS, FAULTS, OMITTED, type UnpackFault } from './unpack-faults.ts'

/** A rootfs, a layer upon others, or the whiteouts of a layer alone. */
export type ExtractMode = 'rootfs' | 'layer' | 'whiteouts'

/** What to make, and where. */
export interface Extraction {
  /** The executor's file. */
  readonly program: string
  readonly mode: ExtractMode
  /** An open directory. */
  readonly directory: number
  /** An open file, read from where it stands; or pieces of the archive. */
  readonly archive: number | AsyncIterable<Buffer>
  /** A program that decompresses the open file. */
  readonly decompressor?: readonly string[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** What was left out: how often, the first of it, and why. */
export interface Omission {
  readonly what: string
  readonly count: number
  readonly first: string
  readonly why: string
}

const ARGV0 = 'tsoci:unpack'

/** Makes all entries. Throws ArchiveFault, or TsociError ABORTED. */
export async function extract(extraction: Extraction): Promise<readonly Omission[]> {
  const { program, mode, directory, archive, decompressor = [], signal } = extraction
  const child = spawn(program, [mode, ...decompressor], {
    argv0: ARGV0,
    stdio: [typeof archive === 'number' ? archive : 'pipe', 'pipe', 'pipe', directory],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  })
  const stop = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', stop)
  try {
    const ended = ends(child)
    const [fed, report] = await Promise.all([feed(child, archive), ended])
    if (signal?.aborted) throw new TsociError('ABORTED', 'aborted')
    // What is wrong with the compressed bytes explains what the executor misses.
    if (fed !== undefined && (report.fault === undefined || report.fault === 'truncated')) throw fed
    if (report.error !== undefined) throw report.error
    return report.omissions
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

/** Removes all that is in an open directory, however deep. */
export function emptyDirectory(program: string, directory: number): void {
  const { error, status } = spawnSync(program, ['empty'], {
    argv0: ARGV0,
    stdio: ['ignore', 'ignore', 'ignore', directory],
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new ArchiveFault('not all of it could be removed')
}

interface Report {
  readonly fault?: UnpackFault | undefined
  readonly error?: Error | undefined
  readonly omissions: readonly Omission[]
}

async function ends(child: ChildProcess): Promise<Report> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout!.on('data', (chunk) => out.push(chunk))
  child.stderr!.on('data', (chunk) => err.push(chunk))
  const [status, signal] = await once(child, 'close').catch((error) => {
    throw new ArchiveFault(`start "${child.spawnfile}": ${describeFault(error)}`, { cause: error })
  })
  const report = readReport(Buffer.concat(out), Buffer.concat(err).toString().trim())
  if (status === 0 || report.error !== undefined) return report
  const how = signal === null ? `with ${status}` : `by ${signal}`
  return { ...report, error: new ArchiveFault(`the executor ended ${how}`) }
}

/** Why the archive can't be read any further, if it is that. */
async function feed(child: ChildProcess, archive: Extraction['archive']): Promise<unknown> {
  if (typeof archive === 'number') return undefined
  const stdin = child.stdin!
  let isOpen = true
  let goOn = () => {}
  const close = () => {
    isOpen = false
    goOn()
  }
  stdin.on('drain', () => goOn())
  stdin.on('error', close) // it says why on standard output
  child.on('close', close)
  try {
    for await (const piece of archive) {
      if (isOpen && !stdin.write(piece) && isOpen) {
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
      }
      if (!isOpen) return undefined
    }
    return undefined
  } catch (error) {
    return error
  } finally {
    stdin.end()
  }
}

// Fields end with a zero: kind, number, count, errno, name, other name.
function readReport(bytes: Buffer, stderr: string): Report {
  const fields = bytes.toString('latin1').split('\0')
  const omissions: Omission[] = []
  let fault: UnpackFault | undefined
  let error: Error | undefined
  for (let at = 0; at + 6 <= fields.length - 1; at += 6) {
    const [kind, number, count, code, name, other] = fields.slice(at, at + 6) as string[]
    const errno = code === '' ? undefined : code
    if (kind === 'o') {
      const why = describeOmission(errno)
      const what = Object.values(OMITTED)[Number(number)]!
      omissions.push({ what, count: Number(count), first: quoteName(name!), why })
    } else {
      fault = (Object.keys(FAULTS) as UnpackFault[])[Number(number)]!
      error = describeUnpackFault(fault, name!, other!, errno, stderr)
    }
  }
  return { fault, error, omissions }
}

function describeOmission(errno: string | undefined): string {
  if (errno === undefined) return 'not supported here'
  return describeFault(Object.assign(new Error(errno), { code: errno }))
}

function describeUnpackFault(
  fault: UnpackFault,
  name: string,
  other: string,
  errno: string | undefined,
  stderr: string,
): ArchiveFault {
  const words = FAULTS[fault].replace('{}', fault === 'ownerMap' ? other : quoteName(other))
  const why = errno === undefined ? '' : `: ${describeOmission(errno)}`
  if (fault === 'write') return new ArchiveFault(`write entry ${quoteName(name)}${why}`)
  if (fault === 'read') return new ArchiveFault(`${words}${why}`)
  if (fault === 'noProgram') return new ArchiveFault(words, { hint: installHint(other) })
  if (fault === 'decompressor')
    return new ArchiveFault(`${other} ${FAULTS.decompressor.slice(3)}: ${lastLine(stderr)}`)
  if (ARCHIVE_FAULTS.includes(fault)) return new ArchiveFault(words)
  return new ArchiveFault(`entry ${quoteName(name)} ${words}`)
}

// Programs begin it with their own name.
function lastLine(text: string): string {
  const line = text.split('\n').at(-1)!
  return line === '' ? 'it gave no reason' : line
}
