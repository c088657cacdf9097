// What checkpoint and restore both need to know: where CRIU is, and what the flags of it mean.

import { accessSync, constants, mkdirSync, readlinkSync } from 'node:fs'
import { isAbsolute, join, posix } from 'node:path'
import { TsociError } from '../errors.ts'
import { CLONE_FLAGS, NAMESPACE_FILES } from '../linux/namespaces.ts'
import { CGROUP_MODES, type CriuOptions, listBinds, NETWORK_LOCKS } from '../plan/criu.ts'
import type { Config, NamespaceType } from '../spec/config.ts'
import type { CriuFlags } from './options.ts'

/** Files that we put beside CRIU's images. */
export const DESCRIPTORS_FILE = 'descriptors.json'
export const EXTERNALS_FILE = 'external-mounts.json'

/** The program of CRIU: what was named, or `criu` in PATH. */
function findCriu(named: string | undefined): string {
  const isProgram = (path: string) => {
    try {
      accessSync(path, constants.X_OK)
      return isAbsolute(path)
    } catch {
      return false
    }
  }
  const dirs = (process.env.PATH || '/usr/sbin:/usr/bin:/sbin:/bin').split(':')
  const places = named === undefined ? dirs.map((dir) => join(dir, 'criu')) : [named]
  const found = places.find(isProgram)
  if (found !== undefined) return found
  throw new TsociError(
    'NOT_SUPPORTED',
    named === undefined ? 'cannot find criu in PATH' : `cannot run "${named}" of --criu`,
    { hint: 'install CRIU (package criu), or name its program with --criu PATH' },
  )
}

/** Checks the options of checkpoint and restore. Directories are made, as the peers do. */
export function readCriuOptions(flags: CriuFlags): CriuOptions {
  const { manageCgroupsMode, networkLock, emptyNamespaces = [] } = flags
  const images = flags.imagePath ?? join(process.cwd(), 'checkpoint')
  for (const dir of [images, flags.workPath]) {
    if (dir !== undefined) makeDirectory(dir)
  }
  return {
    program: findCriu(flags.criu),
    images,
    work: flags.workPath,
    tcpEstablished: flags.tcpEstablished,
    extUnixSk: flags.extUnixSk,
    shellJob: flags.shellJob,
    fileLocks: flags.fileLocks,
    lazyPages: flags.lazyPages,
    autoDedup: flags.autoDedup,
    linkRemap: flags.linkRemap,
    manageCgroupsMode: oneOf('manage-cgroups-mode', manageCgroupsMode, CGROUP_MODES),
    networkLock: oneOf('network-lock', networkLock, NETWORK_LOCKS),
    emptyNamespaces: emptyNamespaces.reduce((bits, name) => bits | namespaceFlag(name), 0),
  }
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    throw new TsociError('BAD_USAGE', `cannot make the directory "${dir}" (${code})`, { cause })
  }
}

function oneOf<T extends string>(
  flag: string,
  word: string | undefined,
  known: Readonly<Record<T, number>>,
): T | undefined {
  if (word === undefined || word in known) return word as T | undefined
  throw new TsociError('BAD_USAGE', `--${flag} "${word}": unknown`, {
    hint: `one of ${Object.keys(known).join(', ')}`,
  })
}

// Both spellings: network as config.json has it, net as the kernel does.
function namespaceFlag(name: string): number {
  const types = Object.keys(CLONE_FLAGS) as NamespaceType[]
  const type = types.find((it) => it === name || NAMESPACE_FILES[it] === name)
  if (type !== undefined) return CLONE_FLAGS[type]
  throw new TsociError('BAD_USAGE', `--empty-ns "${name}": unknown namespace`, {
    hint: `one of ${types.join(', ')}`,
  })
}

const MAX_LINKS = 40

/**
 * Where a path in a rootfs leads, by its links: the name that a mount there has. Nothing is opened
 * by the result.
 */
function resolveInRoot(rootfs: string, path: string): string {
  let done = '/'
  const rest = path.split('/')
  for (let links = 0; rest.length > 0; ) {
    const next = posix.join(done, rest.shift()!)
    let target: string | undefined
    try {
      target = readlinkSync(join(rootfs, next))
    } catch {
      // No link, or not there yet.
    }
    if (target === undefined || ++links > MAX_LINKS) done = next
    else if (target.startsWith('/')) done = '/'
    if (target !== undefined) rest.unshift(...target.split('/'))
  }
  return done
}

/** The config with the destinations of its binds as they are when mounted. */
export function resolveDestinations(config: Config, rootfs: string): Config {
  const mounts = config.mounts?.map((mount) => ({
    ...mount,
    destination: resolveInRoot(rootfs, mount.destination),
  }))
  return mounts === undefined ? config : { ...config, mounts }
}

export { listBinds }
