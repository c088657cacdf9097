// One pass over JSON text: finds out what JSON.parse does not tell.

/** Deepest nesting that is read; a real config.json has about ten levels. */
export const MAX_DEPTH = 64

/** Longest text that is read; a real config.json has some ten thousand characters. */
export const MAX_LENGTH = 16 * 1024 * 1024

/** What one pass over the text shows. */
export interface Survey {
  /** Offset of the bracket that exceeds MAX_DEPTH. */
  readonly tooDeep?: number
  /** Properties in the text; JSON.parse keeps fewer when a key comes twice. */
  readonly members: number
  /** Some number may not fit a double. */
  readonly longNumbers: boolean
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Surveys text that may be JSON; anything else is harmless. */
export function surveyText(text: string): Survey {
  // All that counts here is ASCII, and to look at bytes is quicker.
  const bytes = new TextEncoder().encode(text)
  const { length } = bytes
  let depth = 0
  let members = 0
  let digits = 0
  let longNumbers = false
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    if (byte >= 0x30 && byte <= 0x39) {
      digits++
      if (digits > 15) longNumbers = true
      continue
    }
    digits = 0
    switch (byte) {
      case QUOTE:
        i = closingQuote(bytes, i)
        break
      case 0x3a: // colon
        members++
        break
      case 0x5b: // brackets
      case 0x7b:
        depth++
        if (depth > MAX_DEPTH) {
          const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, i))
          return { tooDeep: before.length, members, longNumbers }
        }
        break
      case 0x5d:
      case 0x7d:
        depth--
        break
    }
  }
  return { members, longNumbers }
}

function closingQuote(bytes: Uint8Array, open: number): number {
  let close = bytes.indexOf(QUOTE, open + 1)
  while (close !== -1) {
    let slashes = 0
    while (bytes[close - 1 - slashes] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return close
    close = bytes.indexOf(QUOTE, close + 1)
  }
  return bytes.length
}
