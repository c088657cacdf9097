// A root file system with systemd for the virtual machine, made by debootstrap and kept packed.

import { spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CpioEntry, writeCpio } from './cpio.ts'

const SUITE = 'bookworm'
const PACKAGES = ['systemd', 'dbus', 'dbus-user-session', 'libpam-systemd', 'uidmap']

const archive = fileURLToPath(new URL(`../../dist/test/vm/systemd-${SUITE}.cpio`, import.meta.url))

/** What neither systemd nor a test needs: half of it all. */
const LEFT_OUT =
  /^(boot|dev|proc|run|sys|tmp|var\/(cache|lib\/(apt|dpkg)|log)|usr\/(games|include|lib\/(apt|dpkg|locale)|lib\/[^/]*\/(perl|perl-base|gconv)|share\/(bash-completion|common-licenses|doc|i18n|info|keyrings|lintian|locale|man|perl5|zoneinfo)))\/./

/**
 * The packed root, or the reason why there is none. As with the kernel, only where CI says so is
 * anything downloaded.
 */
export function findSystemdRoot(): string {
  if (!existsSync(archive)) makeRoot()
  return archive
}

/** Why there is no such root, and can't be. */
export function whyNoSystemdRoot(): string | undefined {
  if (existsSync(archive)) return undefined
  if (process.getuid!() !== 0) return 'no root with systemd yet: debootstrap needs root'
  if (spawnSync('debootstrap', ['--version']).status !== 0) {
    return 'no debootstrap: apt-get install debootstrap'
  }
  if (process.env.CI === undefined) return 'no root with systemd yet: downloaded where CI is set'
  return undefined
}

function makeRoot(): void {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-systemd-'))
  try {
    const include = `--include=${PACKAGES.join(',')}`
    const { status, stdout } = spawnSync(
      'debootstrap',
      ['--variant=minbase', include, SUITE, dir, 'http://deb.debian.org/debian'],
      { encoding: 'utf8', timeout: 300_000 },
    )
    if (status !== 0) throw new Error(`debootstrap failed:\n${stdout.slice(-2000)}`)
    mkdirSync(dirname(archive), { recursive: true })
    // By another name until it is whole.
    const fd = openSync(`${archive}.new`, 'w')
    for (const bytes of writeCpio(listTree(dir, ''))) writeSync(fd, bytes)
    closeSync(fd)
    renameSync(`${archive}.new`, archive)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function* listTree(top: string, below: string): Generator<CpioEntry> {
  for (const name of readdirSync(join(top, below))) {
    const path = join(below, name)
    if (LEFT_OUT.test(path)) continue
    const file = join(top, path)
    const stat = lstatSync(file)
    if (stat.isSymbolicLink()) {
      yield { path, mode: stat.mode, content: readlinkSync(file) }
    } else if (stat.isFile()) {
      yield { path, mode: stat.mode, content: readFileSync(file) }
    } else if (stat.isDirectory()) {
      yield { path, mode: stat.mode }
      yield* listTree(top, path)
    }
  }
}
