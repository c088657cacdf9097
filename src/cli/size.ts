// Sizes as people write them: 64m, 0.5g.

import { TsociError } from '../errors.ts'

const UNITS = { '': 0n, b: 0n, k: 10n, m: 20n, g: 30n, t: 40n, p: 50n } as const

/** Bytes of a size, in decimal: units are powers of 1024, the rest of a byte is left off. -1 is no limit. */
export function parseSize(flag: string, text: string): string {
  if (text === '-1') return text
  const match = /^(?=\.?\d)(\d{0,19})(?:\.(\d{0,19}))? ?([bkmgtp]?)(?:i?b)?$/i.exec(text)
  if (match === null) {
    throw new TsociError('BAD_USAGE', `--${flag} ${JSON.stringify(text)}: not a size`, {
      hint: 'give a number, with a unit if you like: 64m, 0.5g; or -1 for no limit',
    })
  }
  const [, whole = '', part = '', unit = ''] = match
  const bits = UNITS[unit.toLowerCase() as keyof typeof UNITS]
  return String((BigInt(whole + part) << bits) / 10n ** BigInt(part.length))
}
