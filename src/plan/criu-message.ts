// Writes CRIU's messages: protocol buffers, of which these few kinds of field are enough.

/** A field by its number in CRIU's rpc.proto; one without a value is left out. */
export type Field = readonly [number: number, value: Value | undefined]
export type Value = number | boolean | string | readonly Field[]

const VARINT = 0
const BYTES = 2

/** The bytes of a message. */
export function encodeMessage(fields: readonly Field[]): Uint8Array {
  const out: number[] = []
  for (const [number, value] of fields) {
    if (value === undefined) continue
    if (typeof value === 'number' || typeof value === 'boolean') {
      pushVarint(out, (number << 3) | VARINT)
      pushVarint(out, Number(value))
      continue
    }
    const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : encodeMessage(value)
    pushVarint(out, (number << 3) | BYTES)
    pushVarint(out, bytes.length)
    out.push(...bytes)
  }
  return Uint8Array.from(out)
}

// A negative number is its two's complement in 64 bits.
function pushVarint(out: number[], value: number): void {
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 0x7fn) {
    out.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  out.push(Number(rest))
}
