// Digests, and the descriptors that name a blob by one.

import { createHash, type Hash } from 'node:crypto'
import { ImageFault } from './fault.ts'

/** What refers to a blob: the image-spec's content descriptor. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly annotations: Readonly<Record<string, string>>
  readonly platform: Readonly<Record<string, unknown>> | undefined
}

// The algorithms that the image-spec registers.
const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/

/** The digest, checked to be one: it becomes a part of a path. */
export function parseDigest(value: unknown, where: string): string {
  if (typeof value === 'string' && DIGEST.test(value)) return value
  throw new ImageFault(
    `${where}: ${JSON.stringify(value)} is no digest of sha256, sha384 or sha512`,
  )
}

/** A hash that digestOf() finishes. */
export function hashFor(digest: string): Hash {
  return createHash(digest.slice(0, digest.indexOf(':')))
}

/** The digest of the bytes that `hash` has seen, as one like `digest`. */
export function finishDigest(digest: string, hash: Hash): string {
  return `${digest.slice(0, digest.indexOf(':'))}:${hash.digest('hex')}`
}

/** A descriptor, checked. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const { mediaType = '', digest, size, annotations, platform } = asObject(value, where)
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw new ImageFault(`${where}: ${JSON.stringify(size)} is no size`)
  }
  if (typeof mediaType !== 'string') throw new ImageFault(`${where}: the media type is no text`)
  return {
    mediaType,
    digest: parseDigest(digest, where),
    size: size as number,
    annotations: asTexts(annotations, `${where}, annotations`),
    platform: platform === undefined ? undefined : asObject(platform, `${where}, platform`),
  }
}

/** A JSON object; null, which Go writes for an empty one, is one. */
export function asObject(value: unknown, where: string): Record<string, unknown> {
  if (value === null || value === undefined) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  throw new ImageFault(`${where} is no object`)
}

export function asList(value: unknown, where: string): unknown[] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value
  throw new ImageFault(`${where} is no list`)
}

/** An object of texts. */
export function asTexts(value: unknown, where: string): Record<string, string> {
  const texts = asObject(value, where)
  for (const [key, each] of Object.entries(texts)) {
    if (typeof each !== 'string') throw new ImageFault(`${where}: "${key}" is no text`)
  }
  return texts as Record<string, string>
}
