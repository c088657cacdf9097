// Makes a fresh clone ready to build: checks Node and the C tools, installs the packages.
// Plain JavaScript without packages, since it runs before there are any.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's directory. */
export const top = fileURLToPath(new URL('..', import.meta.url))

/** What is missing, and the command that mends it: the user's to see, without a stack. */
export class Missing extends Error {}

/** Runs `body`; what is missing ends the process with its sentence. */
export async function mainOrMissing(body) {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    console.error(error.message)
    process.exit(1)
  }
}

/** Checks the tools, and installs the packages when package-lock.json changed. Quiet if well. */
export function setUp() {
  checkNode()
  checkTools()
  installPackages()
}

/** Runs a command from the project's directory with its output shown; its exit code. */
export function runShown(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: top, stdio: 'inherit', env }).status ?? 1
}

/** Can the shell find this command? */
export function hasCommand(name) {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { stdio: 'ignore' }).status === 0
}

function checkNode() {
  if (process.platform !== 'linux') {
    throw new Missing(`tsoci runs on Linux only, and this is ${process.platform}`)
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Missing(
    `tsoci needs Node 20.19 or later, and this is ${process.versions.node}: install one from https://nodejs.org/en/download`,
  )
}

function checkTools() {
  const missing = ['cc', 'make'].filter((name) => !hasCommand(name))
  if (missing.length > 0) {
    throw new Missing(`tsoci needs ${missing.join(' and ')} to build: ${installCommand()}`)
  }
  if (existsSync(join(top, 'dist/tsoci'))) return
  // The executor is linked statically, and some distributions pack libc.a apart from the compiler.
  const args = ['-x', 'c', '-static', '-o', '/dev/null', '-']
  const input =
    '#include <stdio.h>\n#include <linux/mount.h>\nint main(void) { return puts(""); }\n'
  const probe = spawnSync('cc', args, { input, encoding: 'utf8' })
  if (probe.status !== 0) {
    throw new Missing(
      `tsoci needs a static C library and the kernel's headers to build: ${installCommand()}`,
    )
  }
}

/** The command that installs compiler, make and static C library on this distribution. */
function installCommand() {
  const sudo = process.getuid() === 0 ? '' : 'sudo '
  const command = distributionCommand(readOsRelease())
  return command === undefined
    ? 'install a C compiler, make and a static C library'
    : `${sudo}${command}`
}

function distributionCommand(names) {
  for (const name of names) {
    if (['debian', 'ubuntu'].includes(name)) return 'apt-get install -y gcc libc6-dev make'
    if (['fedora', 'rhel', 'centos'].includes(name)) return 'dnf install -y gcc glibc-static make'
    if (['suse', 'opensuse'].includes(name)) return 'zypper install -y gcc glibc-devel-static make'
    if (name === 'arch') return 'pacman -S --needed gcc make'
    if (name === 'alpine') return 'apk add gcc musl-dev linux-headers make'
  }
  return undefined
}

// ID and ID_LIKE of os-release(5).
function readOsRelease() {
  const file = '/etc/os-release'
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const value = (key) => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? ''
  return `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/)
}

function installPackages() {
  const lock = join(top, 'package-lock.json')
  // npm writes this file last, so an install that was killed is done again.
  const installed = join(top, 'node_modules/.package-lock.json')
  const isFresh =
    existsSync(installed) &&
    (!existsSync(lock) || statSync(installed).mtimeMs >= statSync(lock).mtimeMs)
  if (isFresh) return
  if (!hasCommand('npm')) {
    throw new Missing('tsoci needs npm to install its packages: it comes with Node from nodejs.org')
  }
  // Not `npm ci`: it refuses a lock made where the registry lacks other platforms' binaries. This
  // takes the versions and checksums of the lock as well, and leaves the lock as it is.
  const args = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund']
  const result = spawnSync('npm', args, { cwd: top, encoding: 'utf8' })
  if (result.status !== 0) {
    const said = `${result.stderr ?? ''}${result.error?.message ?? ''}`.trim().split('\n')
    const why = said.filter((line) => !/^npm error {4,}at /.test(line))
    throw new Missing(
      `${why.slice(0, 12).join('\n')}\nnpm install failed, see above: once that is mended, run this again`,
    )
  }
  // npm leaves the file alone when nothing had to change.
  const now = new Date()
  if (existsSync(installed)) utimesSync(installed, now, now)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await mainOrMissing(setUp)
