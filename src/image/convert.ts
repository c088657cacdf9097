// Makes a config.json of an image's config, by the conversion rules of the image-spec.

import type { Config } from '../spec/config.ts'
import { asList, asObject, asTexts } from './digest.ts'
import { ImageFault } from './fault.ts'
import { findUser } from './users.ts'

// What engines give a container, and images expect.
const CAPABILITIES = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
] as const

const PREFIX = 'org.opencontainers.image.'

/** The config of a container of `image`, from one of the `spec` command. */
export function convertConfig(
  image: Record<string, unknown>,
  rootfs: string,
  base: Config,
): Config {
  const config = asObject(image.config, 'config')
  const args = [...texts(config, 'Entrypoint'), ...texts(config, 'Cmd')]
  const { noNewPrivileges: _, ...process } = base.process!
  const { hostname: __, ...rest } = base
  return {
    ...rest,
    process: {
      ...process,
      terminal: false,
      user: findUser(rootfs, text(config, 'User')),
      args: args.length === 0 ? ['/bin/sh'] : args,
      env: withPath(texts(config, 'Env'), process.env ?? []),
      cwd: text(config, 'WorkingDir') || '/',
      capabilities: {
        bounding: [...CAPABILITIES],
        effective: [...CAPABILITIES],
        permitted: [...CAPABILITIES],
      },
    },
    root: { path: 'rootfs' },
    mounts: [
      ...(base.mounts ?? []),
      ...Object.keys(asObject(config.Volumes, 'Volumes')).map(volume),
    ],
    annotations: annotate(image, config),
  }
}

// A volume begins with what the image has there, and may be written to.
function volume(destination: string): NonNullable<Config['mounts']>[number] {
  if (!destination.startsWith('/')) {
    throw new ImageFault(`config.Volumes: ${JSON.stringify(destination)} is no absolute path`)
  }
  const options = ['rw', 'nosuid', 'nodev', 'relatime', 'tmpcopyup']
  return { destination, type: 'tmpfs', source: 'tmpfs', options }
}

function withPath(env: readonly string[], base: readonly string[]): string[] {
  const path = base.filter((each) => each.startsWith('PATH='))
  return env.some((each) => each.startsWith('PATH=')) ? [...env] : [...path, ...env]
}

// What the image says itself goes before what follows from its config.
function annotate(
  image: Record<string, unknown>,
  config: Record<string, unknown>,
): Record<string, string> {
  const implicit: [string, string][] = [
    ['os', text(image, 'os')],
    ['architecture', text(image, 'architecture')],
    ['variant', text(image, 'variant')],
    ['os.version', text(image, 'os.version')],
    ['os.features', texts(image, 'os.features').join(',')],
    ['author', text(image, 'author')],
    ['created', text(image, 'created')],
    ['stopSignal', text(config, 'StopSignal')],
    ['exposedPorts', Object.keys(asObject(config.ExposedPorts, 'ExposedPorts')).join(',')],
  ]
  const given = implicit.filter(([, value]) => value !== '')
  return {
    ...Object.fromEntries(given.map(([key, value]) => [`${PREFIX}${key}`, value])),
    ...asTexts(config.Labels, 'config.Labels'),
  }
}

function text(object: Record<string, unknown>, key: string): string {
  const value = object[key] ?? ''
  if (typeof value === 'string') return value
  throw new ImageFault(`config: "${key}" is no text`)
}

function texts(object: Record<string, unknown>, key: string): string[] {
  return asList(object[key], `config: "${key}"`).map((each) => {
    if (typeof each === 'string') return each
    throw new ImageFault(`config: "${key}" is no list of texts`)
  })
}

/** A JSON merge patch (RFC 7396): objects are merged, null removes, all else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target)
  const merged = new Map<string, unknown>(isObject ? Object.entries(target) : [])
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, mergePatch(merged.get(key), value))
  }
  return Object.fromEntries(merged)
}
