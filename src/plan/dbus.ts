// Values as D-Bus sends them (D-Bus Specification, "Marshaling").

/** A value and its type. Of arrays the elements are plain values. */
export interface DbusValue {
  /** `b`, `s`, `t`, `au`, `a(ss)`, … */
  readonly type: string
  readonly value: DbusPlain
}

export type DbusPlain = boolean | number | bigint | string | readonly DbusPlain[]

/** Name and value of a unit's property. */
export type DbusProperty = readonly [name: string, value: DbusValue]

const ALIGNMENT: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  n: 2,
  q: 2,
  b: 4,
  i: 4,
  u: 4,
  s: 4,
  o: 4,
  a: 4,
  x: 8,
  t: 8,
  d: 8,
  '(': 8,
}

const INTEGER_BITS: Readonly<Record<string, number>> = {
  y: 8,
  n: 16,
  q: 16,
  i: 32,
  u: 32,
  x: 64,
  t: 64,
}
const SIGNED = 'nix'

/**
 * The elements of an `a(sv)`, without the length in front. Each begins at a multiple of eight: the bytes
 * mean the same at every such place. What follows is aligned by whoever adds it, for systemd refuses
 * padding behind the last.
 */
export function marshalProperties(properties: readonly DbusProperty[]): Uint8Array {
  const bytes: number[] = []
  for (const [name, { type, value }] of properties) {
    align(bytes, 8)
    marshal(bytes, 's', name)
    marshal(bytes, 'g', type)
    marshal(bytes, type, value)
  }
  return Uint8Array.from(bytes)
}

/** Does the number fit the type? */
export function isInRange(type: string, value: bigint): boolean {
  const bits = BigInt(INTEGER_BITS[type]!)
  const [low, high] = SIGNED.includes(type)
    ? [-(1n << (bits - 1n)), 1n << (bits - 1n)]
    : [0n, 1n << bits]
  return value >= low && value < high
}

/** Is this the name of an integer's type? */
export const isInteger = (type: string) => type in INTEGER_BITS

function align(bytes: number[], to: number): void {
  while (bytes.length % to !== 0) bytes.push(0)
}

function push(bytes: number[], value: bigint, size: number): void {
  for (let i = 0; i < size; i++) bytes.push(Number((value >> BigInt(8 * i)) & 0xffn))
}

function marshal(bytes: number[], type: string, value: DbusPlain): void {
  const first = type[0]!
  align(bytes, ALIGNMENT[first]!)
  if (first === 'a') {
    marshalArray(bytes, type.slice(1), value as readonly DbusPlain[])
  } else if (first === '(') {
    const fields = splitTypes(type.slice(1, -1))
    fields.forEach((field, i) => {
      marshal(bytes, field, (value as readonly DbusPlain[])[i]!)
    })
  } else if (first === 's' || first === 'o' || first === 'g') {
    const text = Buffer.from(value as string)
    push(bytes, BigInt(text.length), first === 'g' ? 1 : 4)
    bytes.push(...text, 0)
  } else if (first === 'd') {
    const buffer = Buffer.alloc(8)
    buffer.writeDoubleLE(Number(value))
    bytes.push(...buffer)
  } else if (first === 'b') {
    push(bytes, value === true ? 1n : 0n, 4)
  } else {
    push(bytes, BigInt(value as number | bigint), INTEGER_BITS[first]! / 8)
  }
}

// The padding in front of the first element does not count as length.
function marshalArray(bytes: number[], type: string, values: readonly DbusPlain[]): void {
  const at = bytes.length
  push(bytes, 0n, 4)
  align(bytes, ALIGNMENT[type[0]!]!)
  const start = bytes.length
  for (const value of values) marshal(bytes, type, value)
  const length: number[] = []
  push(length, BigInt(bytes.length - start), 4)
  bytes.splice(at, 4, ...length)
}

/** The complete types in a row of types: `sa(ss)u` is `s`, `a(ss)`, `u`. */
export function splitTypes(types: string): string[] {
  const found: string[] = []
  let start = 0
  let depth = 0
  for (let i = 0; i < types.length; i++) {
    if (types[i] === '(') depth++
    if (types[i] === ')') depth--
    if (depth > 0 || types[i] === 'a') continue
    found.push(types.slice(start, i + 1))
    start = i + 1
  }
  return found
}
