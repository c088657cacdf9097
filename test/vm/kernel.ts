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

/** A block device to limit. */
export const BLOCK_MODULES = ['drivers/block/loop']

/** What CRIU asks about sockets, and locks a network with; each after those that it needs. */
export const CRIU_MODULES = [
  'net/unix/unix_diag',
  'net/ipv4/inet_diag',
  'net/ipv4/tcp_diag',
  'net/ipv4/udp_diag',
  'net/ipv4/raw_diag',
  'net/packet/af_packet_diag',
  'net/netlink/netlink_diag',
  'drivers/net/tun',
  'drivers/net/veth',
  'crypto/crc32c_generic',
  'lib/libcrc32c',
  'net/netfilter/nfnetlink',
  'net/netfilter/nf_tables',
  'net/ipv4/netfilter/nf_defrag_ipv4',
  'net/ipv6/netfilter/nf_defrag_ipv6',
  'net/netfilter/nf_conntrack',
  'net/netfilter/nf_conntrack_netlink',
  'net/netfilter/x_tables',
  'net/netfilter/nft_compat',
  'net/netfilter/xt_mark',
]

/**
 * A kernel, or the reason why there is none. Only where CI says so is Debian's package downloaded:
 * elsewhere tests keep off the network.
 */
export function findKernel(): Kernel | string {
  const found = newestKernel('/') ?? newestKernel(cache)
  const mayLoad = process.env.CI !== undefined
  if (found !== undefined && !(mayLoad && isCached(found) && !hasModules(found))) return found
  const install = 'apt-get install linux-image-amd64'
  if (!mayLoad) return `no kernel in /boot: ${install}`
  return downloadKernel() ?? `no kernel in /boot, and none to download: ${install}`
}

const isCached = ({ image }: Kernel) => image.startsWith(cache)

// One that was unpacked before CRIU's were wanted is downloaded anew.
const hasModules = ({ modules }: Kernel) => findModule(modules, CRIU_MODULES[0]!) !== undefined

/** The file of a module, packed or not; undefined when it is built in, or not there. */
export function findModule(modules: string, name: string): string | undefined {
  const file = join(modules, 'kernel', `${name}.ko`)
  return [file, `${file}.xz`, `${file}.zst`].find(existsSync)
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
  const modules = [...BLOCK_MODULES, ...CRIU_MODULES].map((name) => `"*/kernel/${name}.ko*"`)
  const wanted = `"./boot/vmlinuz-*" ${modules.join(' ')}`
  runQuiet('sh', ['-c', `dpkg-deb --fsys-tarfile "$0" | tar -x --wildcards ${wanted}`, archive])
  rmSync(join(cache, archive))
  return newestKernel(cache)
}

function runQuiet(command: string, args: readonly string[]): string | undefined {
  const cwd = existsSync(cache) ? cache : '/'
  const { status, stdout } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 120_000 })
  return status === 0 ? stdout : undefined
}
