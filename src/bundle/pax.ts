// PAX extended headers: the records of POSIX pax(1), as bytes.

import { ArchiveFault } from './fault.ts'

/**
 * Records in the order of the archive; the last of a key counts, except for the sparse map of
 * GNU tar, which repeats its keys. Keys and values hold one byte a char: a capability or a file
 * name need not be UTF-8, and tar-stream's own reader would mangle it.
 */
export type PaxRecords = readonly (readonly [key: string, value: string])[]

/** Reads the body of a header of type x or g: lines of "LENGTH KEY=VALUE\n". */
export function parsePax(body: Buffer): PaxRecords {
  const records: [string, string][] = []
  let at = 0
  // Some writers pad the body with zeros inside its size.
  while (at < body.length && body[at] !== 0) {
    const space = body.indexOf(0x20, at)
    const digits = space < 0 ? '' : body.toString('latin1', at, space)
    const end = at + (/^[0-9]{1,8}$/.test(digits) ? Number(digits) : 0)
    if (space < 0 || end <= space || end > body.length || body[end - 1] !== 0x0a) {
      throw new ArchiveFault('the archive has a damaged pax header')
    }
    const record = body.toString('latin1', space + 1, end - 1)
    const equals = record.indexOf('=')
    if (equals < 1) throw new ArchiveFault('the archive has a damaged pax header')
    records.push([record.slice(0, equals), record.slice(equals + 1)])
    at = end
  }
  return records
}

/** The value of `key`. An empty value takes an earlier one back, and so does it here. */
export function paxValue(records: PaxRecords, key: string): string | undefined {
  const value = records.findLast(([each]) => each === key)?.[1]
  return value === '' ? undefined : value
}

/** The value of `key` as a number; `pattern` says which ones make sense. */
export function paxNumber(
  records: PaxRecords,
  key: string,
  pattern: RegExp = /^[0-9]+$/,
): number | undefined {
  const value = paxValue(records, key)
  if (value === undefined) return undefined
  const number = Number(value)
  if (!pattern.test(value) || Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    throw new ArchiveFault(`has a bad ${key}`)
  }
  return number
}

/** Extended attributes by name: of star and GNU tar (SCHILY, RHT), and of libarchive. */
export function paxXattrs(records: PaxRecords): Map<string, Buffer> {
  const xattrs = new Map<string, Buffer>()
  for (const [key, value] of records) {
    if (key.startsWith('LIBARCHIVE.xattr.')) {
      const name = decodePercent(key.slice('LIBARCHIVE.xattr.'.length))
      xattrs.set(name, Buffer.from(value, 'base64'))
    } else if (key.startsWith('SCHILY.xattr.')) {
      xattrs.set(key.slice('SCHILY.xattr.'.length), Buffer.from(value, 'latin1'))
    } else if (key === 'RHT.security.selinux') {
      xattrs.set('security.selinux', Buffer.from(value, 'latin1'))
    }
  }
  return xattrs
}

function decodePercent(name: string): string {
  return name.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
}
