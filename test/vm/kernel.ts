// Finds a kernel for the virtual machine: the host's own, or Debian's, unpacked but not installed.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Kernel {
  readonly image: string
  /** Where its modules lie; the directory may be missing. */
  readonly modules: string
}

const cache = fileURLToPath(new URL('../../dist/test/vm/kernel', import.meta.url))

/**
 * A kernel, or the reason why there is none. Only where CI says so is Debian's package downloaded:
 * elsewhere tests keep off the network.
 */
export function findKernel(): Kernel | string {
  const found = newestKernel('/') ?? newestKernel(cache)
  if (found !== undefined) return found
  const install = 'apt-get install linux-image-amd64'
  if (process.env.CI === undefined) return `no kernel in /boot: ${install}`
  return downloadKernel() ?? `no kernel in /boot, and none to download: ${install}`
}

function newestKernel(top: string): Kernel | undefined {
  const boot = join(top, 'boot')
  const versions = (existsSync(boot) ? readdirSync(boot) : [])
    .filter((name) => name.startsWith('vmlinuz-'))
    .map((name) => name.slice('vmlinuz-'.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const version = versions.at(-1)
  if (version === undefined) return undefined
  const modules = ['lib/modules', 'usr/lib/modules'].map((dir) => join(top, dir, version))
  return {
    image: join(boot, `vmlinuz-${version}`),
    modules: modules.find((dir) => existsSync(dir)) ?? modules[0]!,
  }
}

function downloadKernel(): Kernel | undefined {
  const depends = runQuiet('apt-cache', ['depends', 'linux-image-amd64'])
  const name = /Depends: (linux-image-\S+)/.exec(depends ?? '')?.[1]
  if (name === undefined) return undefined
  rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  if (runQuiet('apt-get', ['download', '-q', name]) === undefined) return undefined
  const archive = readdirSync(cache).find((file) => file.endsWith('.deb'))
  if (archive === undefined) return undefined
  // All of it is 400 MB, nearly all of that modules.
  const wanted = `"./boot/vmlinuz-*" "*/drivers/block/loop.ko*"`
  runQuiet('sh', ['-c', `dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards ${wanted}`, archive])
  rmSync(join(cache, archive))
  return newestKernel(cache)
}

function runQuiet(command: string, args: readonly string[]): string | undefined {
  const cwd = existsSync(cache) ? cache : '/'
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })
  return status === 0 ? stdout : undefined
}
