// Makes OCI layouts, the wrong ones too.

import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Made, makeTar } from '../bundle/tar-maker.ts'

export interface Blob {
  mediaType: string
  digest: string
  size: number
  [more: string]: unknown
}

export const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'
export const LAYER = 'application/vnd.oci.image.layer.v1.tar'

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** A layout in a directory that is there. */
export class Layout {
  readonly path: string
  readonly manifests: Blob[] = []

  constructor(path: string) {
    this.path = path
    mkdirSync(join(path, 'blobs/sha256'), { recursive: true })
    writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  }

  add(mediaType: string, content: Buffer | object): Blob {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
    const digest = digestOf(bytes)
    writeFileSync(join(this.path, 'blobs', digest.replace(':', '/')), bytes)
    return { mediaType, digest, size: bytes.length }
  }

  /** Adds an image of these layers; `change` spoils what refers to them. */
  addImage(
    layers: readonly (readonly Made[])[],
    config: object = {},
    change: (manifest: { config: Blob; layers: Blob[] }) => void = () => {},
  ): Blob {
    const tars = layers.map((entries) => makeTar(...entries))
    const image = {
      os: 'linux',
      architecture: 'amd64',
      config,
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    }
    const manifest = {
      schemaVersion: 2,
      config: this.add('application/vnd.oci.image.config.v1+json', image),
      layers: tars.map((tar) => this.add(LAYER, tar)),
    }
    change(manifest)
    return this.add(MANIFEST, manifest)
  }

  /** Writes index.json with these manifests. */
  write(...manifests: Blob[]): void {
    writeFileSync(join(this.path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  }
}

export function tagged(blob: Blob, tag: string): Blob {
  return { ...blob, annotations: { 'org.opencontainers.image.ref.name': tag } }
}
