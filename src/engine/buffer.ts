// Buffer and the text codecs, as far as the verbs of the executable use them.

import { host } from './host.ts'

type Encoding = 'utf8' | 'latin1' | 'hex'

export class EngineBuffer extends Uint8Array {
  static alloc(size: number): EngineBuffer {
    return new EngineBuffer(size)
  }

  static override from(
    source: string | ArrayBufferLike | ArrayLike<number> | Iterable<number>,
    encoding?: unknown,
  ): EngineBuffer {
    if (typeof source === 'string' && encoding === 'latin1') {
      return new EngineBuffer(Array.from(source, (letter) => letter.charCodeAt(0)))
    }
    if (typeof source === 'string') return new EngineBuffer(host.encode(source))
    return new EngineBuffer(source as ArrayBuffer)
  }

  static override of(...bytes: number[]): EngineBuffer {
    return new EngineBuffer(bytes)
  }

  static concat(parts: readonly Uint8Array[]): EngineBuffer {
    const all = new EngineBuffer(parts.reduce((size, part) => size + part.length, 0))
    let at = 0
    for (const part of parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  static byteLength(text: string): number {
    return host.encode(text).byteLength
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, i) => byte === other[i])
  }

  override toString(encoding: Encoding = 'utf8', from = 0, to = this.length): string {
    const end = Math.min(to, this.length)
    if (encoding === 'utf8') {
      return host.decode(this.buffer, this.byteOffset + from, Math.max(end - from, 0))
    }
    const bytes = Array.from(this.subarray(from, end))
    return encoding === 'hex'
      ? bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
      : bytes.map((byte) => String.fromCharCode(byte)).join('')
  }

  write(text: string, at = 0): number {
    const bytes = new Uint8Array(host.encode(text))
    this.set(bytes, at)
    return bytes.length
  }

  override subarray(from?: number, to?: number): EngineBuffer {
    return super.subarray(from, to) as EngineBuffer
  }

  override indexOf(value: number | string, from = 0): number {
    return super.indexOf(typeof value === 'string' ? value.charCodeAt(0) : value, from)
  }

  readUInt32LE(at: number): number {
    return viewOf(this).getUint32(at, true)
  }

  readUInt16LE(at: number): number {
    return viewOf(this).getUint16(at, true)
  }

  readInt32LE(at: number): number {
    return viewOf(this).getInt32(at, true)
  }

  readBigUInt64LE(at: number): bigint {
    return viewOf(this).getBigUint64(at, true)
  }

  writeUInt8(value: number, at: number): void {
    this[at] = value
  }

  writeUInt16LE(value: number, at: number): void {
    viewOf(this).setUint16(at, value, true)
  }

  writeUInt32LE(value: number, at: number): void {
    viewOf(this).setUint32(at, value, true)
  }

  writeDoubleLE(value: number, at = 0): void {
    viewOf(this).setFloat64(at, value, true)
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength)

export class EngineTextEncoder {
  encode(text: string): Uint8Array {
    return new Uint8Array(host.encode(text))
  }
}

export class EngineTextDecoder {
  readonly #fatal: boolean

  constructor(_encoding?: string, options: { fatal?: boolean; ignoreBOM?: true } = {}) {
    this.#fatal = options.fatal === true
  }

  decode({ buffer, byteOffset, byteLength }: Uint8Array): string {
    const text = host.decode(buffer, byteOffset, byteLength)
    // What is not UTF-8 became the mark for it, which may also stand there as itself.
    if (this.#fatal && text.includes('\ufffd')) {
      const again = new Uint8Array(host.encode(text))
      const same =
        again.length === byteLength &&
        new EngineBuffer(buffer as ArrayBuffer, byteOffset, byteLength).equals(again)
      if (!same) throw new TypeError('the text is not UTF-8')
    }
    return text
  }
}

Object.assign(globalThis, {
  Buffer: EngineBuffer,
  TextEncoder: EngineTextEncoder,
  TextDecoder: EngineTextDecoder,
})
