// Makes tar archives byte by byte, the wrong ones too, and bundles to unpack them in.

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { UnpackOptions } from '../../src/bundle/archive.ts'
import { type Bundle, type BundleOptions, readBundle as read } from '../../src/bundle/bundle.ts'
import { frontPath } from '../../src/launch/front-path.ts'

/** A header's fields. `pax` records and `longName` become headers in front of it. */
export interface Made {
  readonly name: string
  readonly type?: string
  readonly data?: string | Buffer
  readonly size?: number | string
  readonly linkname?: string
  readonly mode?: number
  readonly uid?: number
  readonly mtime?: string
  readonly device?: readonly [major: number, minor: number]
  readonly pax?: readonly (readonly [key: string, value: string])[]
  readonly longName?: string
  /** Bytes laid over the finished header, before its checksum. */
  readonly over?: readonly [offset: number, text: string]
}

/** The blocks of one entry. */
export function makeEntry(made: Made): Buffer {
  const parts: Buffer[] = []
  if (made.pax !== undefined) {
    parts.push(makeEntry({ name: 'pax', type: 'x', data: makePax(made.pax) }))
  }
  if (made.longName !== undefined) {
    parts.push(makeEntry({ name: '././@LongLink', type: 'L', data: `${made.longName}\0` }))
  }
  const data = Buffer.from(made.data ?? '')
  const header = Buffer.alloc(512)
  const octal = (value: number | string, at: number, length: number) =>
    header.write(typeof value === 'string' ? value : value.toString(8).padStart(length, '0'), at)
  header.write(made.name, 0, 100)
  octal(made.mode ?? (made.type === '5' ? 0o755 : 0o644), 100, 7)
  octal(made.uid ?? 0, 108, 7)
  octal(0, 116, 7)
  octal(made.size ?? data.length, 124, 11)
  octal(made.mtime ?? 1_000_000_000, 136, 11)
  header.write(made.type ?? '0', 156)
  header.write(made.linkname ?? '', 157, 100)
  header.write('ustar\x0000', 257, 'latin1')
  octal(made.device?.[0] ?? 0, 329, 7)
  octal(made.device?.[1] ?? 0, 337, 7)
  if (made.over !== undefined) header.write(made.over[1], made.over[0], 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((512 - (data.length % 512)) % 512)
  return Buffer.concat([...parts, header, data, padding])
}

/** A whole archive, with its end. */
export function makeTar(...entries: readonly Made[]): Buffer {
  return Buffer.concat([...entries.map(makeEntry), Buffer.alloc(1024)])
}

/** The body of a pax header. */
export function makePax(records: readonly (readonly [key: string, value: string])[]): Buffer {
  const lines = records.map(([key, value]) => {
    const rest = Buffer.from(` ${key}=${value}\n`, 'latin1')
    let length = rest.length
    while (String(length).length + rest.length !== length) {
      length = String(length).length + rest.length
    }
    return Buffer.concat([Buffer.from(String(length)), rest])
  })
  return Buffer.concat(lines)
}

export const CONFIG = JSON.stringify({
  ociVersion: '1.3.0',
  process: { args: ['true'], cwd: '/', user: { uid: 0, gid: 0 } },
  root: { path: 'rootfs' },
  linux: { namespaces: [{ type: 'mount' }] },
})

/** A temporary directory that goes with the test. */
export function makeDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsoci-bundle-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  return directory
}

/** A bundle with a config.json and, if given, a rootfs archive. */
export function makeBundle(t: TestContext, archive?: Buffer, name = 'rootfs.tar'): string {
  const bundle = join(makeDirectory(t), 'bundle')
  mkdirSync(bundle)
  writeFileSync(join(bundle, 'config.json'), CONFIG)
  if (archive !== undefined) writeFileSync(join(bundle, name), archive)
  return bundle
}

/** readBundle() with the executor that was built. */
export function readBundle(
  dir: string,
  options: Omit<BundleOptions, 'unpack'> & { unpack?: Partial<UnpackOptions> } = {},
): Promise<Bundle> {
  return read(dir, { ...options, unpack: { program: frontPath(), ...options.unpack } })
}

/** What is in a bundle besides what makeBundle put there. */
export function leftovers(bundle: string): string[] {
  return readdirSync(bundle).filter((name) => !/^(config\.json|rootfs\.t.*)$/.test(name))
}

/** A reason to skip a test that needs root, or false. */
export const needsRoot = process.geteuid!() === 0 ? false : 'needs root'
