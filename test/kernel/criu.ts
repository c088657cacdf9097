// A CRIU that works on this kernel: the one that is installed, or that of a newer Debian.

import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tsoci')
const debian = join(cache, 'trixie')
const wrapper = join(cache, 'criu')

function run(program: string, args: readonly string[], timeout = 30_000) {
  return spawnSync(program, args, { encoding: 'utf8', timeout })
}

/** Why it does not work; undefined when it does. */
function check(program: string): string | undefined {
  const { status, stdout, stderr, error } = run(program, ['check'])
  if (status === 0) return undefined
  const line = `${stdout}${stderr}`.split('\n').findLast((it) => it.includes('Error'))
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
    ? 'criu is not installed'
    : `criu does not work on this kernel: ${line ?? `exit status ${status}`}`
}

/**
 * Its packages are unpacked and no more: nothing is configured, so that no chroot is needed, and it
 * is done in a minute. Undefined, or why not.
 */
function unpackDebian(): string | undefined {
  if (existsSync(join(debian, 'usr/sbin/criu'))) return undefined
  const dir = `${debian}.new`
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dirname(dir), { recursive: true })
  const from = ['trixie', dir, 'http://deb.debian.org/debian', '/usr/share/debootstrap/scripts/sid']
  const args = ['--foreign', '--variant=minbase', '--include=criu', ...from]
  const { status, error, stdout = '' } = run('debootstrap', args, 170_000)
  if (status !== 0) {
    const line = stdout.split('\n').findLast((it) => /^[EW]: /.test(it))
    return `debootstrap of Debian 13 failed: ${line ?? error?.message ?? `exit status ${status}`}`
  }
  const archives = join(dir, 'var/cache/apt/archives')
  for (const name of readdirSync(archives).filter((it) => it.endsWith('.deb'))) {
    const { status, stderr } = run('dpkg-deb', ['--extract', join(archives, name), dir])
    if (status !== 0) return `cannot unpack ${name}: ${stderr}`
  }
  renameSync(dir, debian)
  return undefined
}

/** Its own loader and libraries: nothing of this system is mixed in. Undefined, or why not. */
function makeWrapper(): string | undefined {
  const reason = unpackDebian()
  if (reason !== undefined) return reason
  const lib = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const loader = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2'
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec ${debian}/${lib}/${loader} --library-path ${debian}/${lib} ${debian}/usr/sbin/criu "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  return undefined
}

/** Debian's newer one where it is unpacked already, whatever this kernel thinks of it. */
export function findUnpackedCriu(): string | undefined {
  return existsSync(wrapper) ? wrapper : undefined
}

/** The program, or why there is none. With CI set Debian's newer one is downloaded. */
export function findCriu(): { program: string } | string {
  if (process.geteuid!() !== 0) return 'needs root'
  const reason = check('criu')
  if (reason === undefined) return { program: run('sh', ['-c', 'command -v criu']).stdout.trim() }
  if (existsSync(wrapper) && check(wrapper) === undefined) return { program: wrapper }
  if (!process.env.CI) return `${reason}; with CI=true the tests get Debian 13's by debootstrap`
  const failure = makeWrapper() ?? check(wrapper)
  return failure === undefined ? { program: wrapper } : `${reason}; ${failure}`
}
