// Finds the image in a layout or an archive: its config and its layers.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { detectCompression } from '../bundle/compression.ts'
import { type Blobs, checkDigest, checkText, parseJson } from './blobs.ts'
import { asList, asObject, type Descriptor, parseDescriptor, parseDigest } from './digest.ts'
import { ImageFault } from './fault.ts'
import { describePlatform, hasPlatform, type Platform } from './platform.ts'
import type { Reference } from './reference.ts'

/** One image. */
export interface Image {
  readonly config: Record<string, unknown>
  readonly layers: readonly Layer[]
}

/** One layer: a tar archive that was verified, plain or compressed. */
export interface Layer {
  /** "layer 2 of 5 (sha256:…)". */
  readonly name: string
  readonly fd: number
  /** Digest of the archive without its compression. */
  readonly diffId: string
}

const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
const MANIFESTS = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const LAYERS =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.(diff|foreign\.diff)\.tar(\.gzip|\.zstd)?)$/
const TAG = 'org.opencontainers.image.ref.name'
// An index in an index is rare, and one that holds itself can't be verified; but many can be made.
const DEPTH_LIMIT = 4
const LAYER_LIMIT = 1024

/** The image that `reference` means, for `platform`; all its blobs are verified. */
export function findImage(blobs: Blobs, reference: Reference, platform: Platform): Image {
  if (existsSync(join(blobs.directory, 'oci-layout'))) return findOci(blobs, reference, platform)
  if (existsSync(join(blobs.directory, 'manifest.json'))) return findDocker(blobs, reference)
  throw new ImageFault('it has neither an oci-layout nor a manifest.json', {
    hint: 'make one with: skopeo copy docker://IMAGE oci:DIR:TAG',
  })
}

function findOci(blobs: Blobs, { tag, digest }: Reference, platform: Platform): Image {
  const layout = asObject(
    parseJson(blobs.readText('oci-layout', '"oci-layout"'), '"oci-layout"'),
    '"oci-layout"',
  )
  if (layout.imageLayoutVersion !== '1.0.0') {
    throw new ImageFault(`its layout has the unknown version ${layout.imageLayoutVersion}`)
  }
  const index = parseJson(blobs.readText('index.json', '"index.json"'), '"index.json"')
  const all = readIndex(index, '"index.json"')
  const found = all.filter(
    (each) =>
      (tag === undefined || isTag(each.annotations[TAG], tag)) &&
      (digest === undefined || each.digest === digest),
  )
  const names = all.map((each) => each.annotations[TAG] ?? `@${each.digest}`)
  if (found.length === 0) {
    throw new ImageFault(`it has no image "${tag ?? digest}"`, {
      hint: names.length === 0 ? 'the layout is empty' : `it has: ${names.join(', ')}`,
    })
  }
  const manifest = choose(blobs, found, platform, 0)
  if (manifest === undefined) {
    throw new ImageFault(`it has no image for ${describePlatform(platform)}`, {
      hint: describeChoice(found) ?? 'name another with --platform OS/ARCH',
    })
  }
  if (manifest === 'several') {
    throw new ImageFault('it has more than one image', { hint: `name one of: ${names.join(', ')}` })
  }
  return readManifest(blobs, manifest)
}

// skopeo writes the tag alone, others the whole name in front, with or without a registry.
function isTag(name: string | undefined, tag: string): boolean {
  return name === tag || name?.endsWith(`:${tag}`) === true || name?.endsWith(`/${tag}`) === true
}

function describeChoice(found: readonly Descriptor[]): string | undefined {
  const platforms = found.flatMap(({ platform }) => (platform ? [describePlatform(platform)] : []))
  return platforms.length === 0 ? undefined : `it has: ${platforms.join(', ')}`
}

function readIndex(value: unknown, where: string): Descriptor[] {
  const { manifests } = asObject(value, where)
  return asList(manifests, `${where}, manifests`).map((each, i) =>
    parseDescriptor(each, `${where}, manifest ${i + 1}`),
  )
}

/** The only manifest for the platform. The first that fits counts within one index, says the spec. */
function choose(
  blobs: Blobs,
  candidates: readonly Descriptor[],
  platform: Platform,
  depth: number,
): Descriptor | 'several' | undefined {
  if (depth > DEPTH_LIMIT) throw new ImageFault('its indexes are nested too deep')
  const fitting = candidates.filter((each) => hasPlatform(each.platform, platform))
  const different = new Map(fitting.map((each) => [each.digest, each]))
  if (depth === 0 && different.size > 1) return 'several'
  for (const each of different.values()) {
    if (MANIFESTS.includes(each.mediaType)) return each
    if (!INDEXES.includes(each.mediaType)) continue
    const where = `index ${each.digest}`
    const inner = choose(
      blobs,
      readIndex(blobs.readBlob(each, 'index'), where),
      platform,
      depth + 1,
    )
    if (inner !== undefined) return inner
  }
  if (fitting.length > 0 && fitting.every(({ mediaType }) => !INDEXES.includes(mediaType))) {
    throw new ImageFault(`its manifest is of the unknown type "${fitting[0]!.mediaType}"`)
  }
  return undefined
}

function readManifest(blobs: Blobs, descriptor: Descriptor): Image {
  const where = `manifest ${descriptor.digest}`
  const manifest = asObject(blobs.readBlob(descriptor, 'manifest'), where)
  const config = parseDescriptor(manifest.config, `${where}, config`)
  const layers = asList(manifest.layers, `${where}, layers`).map((each, i) =>
    parseDescriptor(each, `${where}, layer ${i + 1}`),
  )
  const value = asObject(blobs.readBlob(config, 'config'), `config ${config.digest}`)
  const diffIds = readDiffIds(value, layers.length)
  return {
    config: value,
    layers: layers.map((each, i) => {
      const name = `layer ${i + 1} of ${layers.length}`
      if (!LAYERS.test(each.mediaType)) {
        throw new ImageFault(`${name} (${each.digest}) is of the unknown type "${each.mediaType}"`)
      }
      const fd = blobs.openBlob(each, name)
      return { name: `${name} (${each.digest})`, fd, diffId: diffIds[i]! }
    }),
  }
}

function readDiffIds(config: Record<string, unknown>, count: number): string[] {
  const { diff_ids } = asObject(config.rootfs, 'config, rootfs')
  const ids = asList(diff_ids, 'config, rootfs.diff_ids')
  if (ids.length !== count || count > LAYER_LIMIT) {
    throw new ImageFault(`it has ${count} layers, and its config names ${ids.length}`)
  }
  return ids.map((each, i) => parseDigest(each, `config, rootfs.diff_ids, ${i + 1}`))
}

/** What docker save and podman save write: layers are plain archives, named by manifest.json. */
function findDocker(blobs: Blobs, { tag, digest }: Reference): Image {
  const where = '"manifest.json"'
  const images = asList(parseJson(blobs.readText('manifest.json', where), where), where).map(
    (each, i) => asObject(each, `${where}, image ${i + 1}`),
  )
  const tagsOf = (image: Record<string, unknown>) => asList(image.RepoTags, `${where}, RepoTags`)
  const found = images.filter(
    (each) =>
      (tag === undefined || tagsOf(each).some((name) => isTag(String(name), tag))) &&
      (digest === undefined || String(each.Config).includes(digest.slice(digest.indexOf(':') + 1))),
  )
  if (found.length !== 1) {
    const all = images.flatMap(tagsOf).join(', ')
    const what = found.length === 0 ? `it has no image "${tag ?? digest}"` : 'it has several images'
    throw new ImageFault(what, { hint: `name one of: ${all}` })
  }
  const [{ Config, Layers }] = found as [Record<string, unknown>]
  const text = blobs.readText(String(Config), 'config')
  const named = /([0-9a-f]{64})(\.json)?$/.exec(String(Config))
  if (named !== null) checkText(text, `sha256:${named[1]}`, 'config')
  const config = asObject(parseJson(text, 'config'), 'config')
  const names = asList(Layers, `${where}, Layers`)
  const diffIds = readDiffIds(config, names.length)
  return {
    config,
    layers: names.map((each, i) => {
      const name = `layer ${i + 1} of ${names.length}`
      const fd = blobs.openFile(String(each))
      const diffId = diffIds[i]!
      // Of a compressed one the digest is known once it is unpacked.
      if (detectCompression(fd) === undefined) checkDigest(fd, diffId, name)
      return { name: `${name} (${JSON.stringify(each)})`, fd, diffId }
    }),
  }
}
