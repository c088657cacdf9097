// Reads a value written as GVariant text, as annotations `org.systemd.property.*` have it:
// true, 'text', 5, uint64 5, ['a', 'b'], @as [], ('a', uint32 1).

import { type DbusPlain, type DbusValue, isInRange, isInteger, splitTypes } from './dbus.ts'

const KEYWORDS: Readonly<Record<string, string>> = {
  boolean: 'b',
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
  double: 'd',
  string: 's',
  objectpath: 'o',
  signature: 'g',
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|@([a-z()]+)|([[\](),])|([\w.+-]+))/y

/** A value before its type is settled: that of an empty array is `a?`. */
interface Loose {
  readonly type: string
  readonly value: DbusPlain
}

/** Parses. Throws an Error that says what is wrong. */
export function parseGvariant(text: string): DbusValue {
  const tokens = readTokens(text)
  const value = parseValue(tokens)
  if (tokens.length > 0) throw new Error(`unexpected "${tokens[0]!.text}"`)
  if (value.type.includes('?')) throw new Error('an empty array needs its type, as in @as []')
  return settle(value, value.type)
}

interface Token {
  readonly kind: 'string' | 'type' | 'sign' | 'word'
  readonly text: string
}

function readTokens(text: string): Token[] {
  const tokens: Token[] = []
  const rest = text.trimEnd()
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < rest.length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(rest)
    if (match === null) throw new Error(`unexpected "${rest.slice(at).trim()[0]}"`)
    const [, string, type, sign, word] = match
    if (string !== undefined) tokens.push({ kind: 'string', text: unquote(string) })
    else if (type !== undefined) tokens.push({ kind: 'type', text: type })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign })
    else tokens.push({ kind: 'word', text: word! })
  }
  return tokens
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b' }

const unquote = (quoted: string) =>
  quoted.slice(1, -1).replace(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter)

function parseValue(tokens: Token[]): Loose {
  const token = tokens.shift()
  if (token === undefined) throw new Error('a value is missing')
  const { kind, text } = token
  if (kind === 'string') return { type: 's', value: text }
  if (kind === 'type') return settle(parseValue(tokens), text)
  if (kind === 'word' && KEYWORDS[text] !== undefined) {
    return settle(parseValue(tokens), KEYWORDS[text])
  }
  if (kind === 'word') return parseWord(text)
  if (text === '[') {
    const items = parseItems(tokens, ']')
    // The first says what the others are, unless it says nothing itself.
    const type = items.find((item) => !item.type.includes('?'))?.type ?? '?'
    return { type: `a${type}`, value: items.map((item) => settle(item, type).value) }
  }
  if (text === '(') {
    const items = parseItems(tokens, ')')
    if (items.length === 0) throw new Error('an empty tuple is no value')
    return {
      type: `(${items.map(({ type }) => type).join('')})`,
      value: items.map(({ value }) => value),
    }
  }
  throw new Error(`unexpected "${text}"`)
}

function parseItems(tokens: Token[], end: string): Loose[] {
  const items: Loose[] = []
  while (tokens[0]?.text !== end || tokens[0].kind !== 'sign') {
    items.push(parseValue(tokens))
    const next = tokens[0]
    if (next?.kind === 'sign' && next.text === ',') tokens.shift()
    else if (next?.kind !== 'sign' || next.text !== end) throw new Error(`"${end}" is missing`)
  }
  tokens.shift()
  return items
}

function parseWord(text: string): Loose {
  if (text === 'true' || text === 'false') return { type: 'b', value: text === 'true' }
  if (/^[+-]?(\d+|0x[0-9a-f]+)$/i.test(text)) {
    const digits = text.replace(/^[+-]/, '')
    const value = text.startsWith('-') ? -BigInt(digits) : BigInt(digits)
    // A number of its own is an int32; one that is too large says that it needs its type.
    return { type: 'i', value }
  }
  if (/^[+-]?(\d+\.\d*|\.\d+|\d+)(e[+-]?\d+)?$/i.test(text)) {
    return { type: 'd', value: Number(text) }
  }
  throw new Error(`unexpected "${text}"`)
}

/** The value as that type, or an error when it can't be. */
function settle({ type, value }: Loose, wanted: string): Loose {
  if (wanted === '?') return { type, value }
  if (isInteger(type) && isInteger(wanted)) {
    if (!isInRange(wanted, value as bigint)) throw new Error(`${value} is out of range`)
    return { type: wanted, value }
  }
  if (isInteger(type) && wanted === 'd') return { type: 'd', value: Number(value) }
  if (type === 's' && (wanted === 'o' || wanted === 'g')) return { type: wanted, value }
  if (type.startsWith('a') && wanted.startsWith('a')) {
    const inner = type.slice(1)
    const items = (value as readonly DbusPlain[]).map((item) => {
      return settle({ type: inner, value: item }, wanted.slice(1)).value
    })
    return { type: wanted, value: items }
  }
  if (type.startsWith('(') && wanted.startsWith('(')) {
    const from = splitTypes(type.slice(1, -1))
    const to = splitTypes(wanted.slice(1, -1))
    const items = value as readonly DbusPlain[]
    if (from.length === to.length) {
      const settled = items.map((item, i) => settle({ type: from[i]!, value: item }, to[i]!).value)
      return { type: wanted, value: settled }
    }
  }
  if (type === wanted) return { type, value }
  throw new Error(`not of the type "${wanted}"`)
}
