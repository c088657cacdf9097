// Platforms, as an index names them: the words of Go.

import { ImageFault } from './fault.ts'

/** OS/ARCH, or OS/ARCH/VARIANT. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string | undefined
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  mipsel: 'mipsle',
  ppc64: 'ppc64le',
}

/** The platform of --platform; without one that of this host. */
export function parsePlatform(text: string | undefined): Platform {
  if (text === undefined) {
    return { os: 'linux', architecture: ARCHITECTURES[process.arch] ?? process.arch }
  }
  const [os, architecture, variant, more] = text.split('/')
  if (!os || !architecture || more !== undefined) {
    throw new ImageFault(`"${text}" is no platform`, {
      hint: 'write it as linux/arm64 or linux/arm/v7',
    })
  }
  return { os, architecture, variant }
}

/** Whether an entry of an index is for `wanted`; one without a platform is for all. */
export function hasPlatform(
  entry: Readonly<Record<string, unknown>> | undefined,
  wanted: Platform,
): boolean {
  if (entry === undefined) return true
  return (
    entry.os === wanted.os &&
    entry.architecture === wanted.architecture &&
    (wanted.variant === undefined || entry.variant === wanted.variant)
  )
}

export function describePlatform(platform: object): string {
  const { os, architecture, variant } = platform as Partial<Record<string, unknown>>
  return [os, architecture, variant].filter((each) => each !== undefined).join('/')
}
