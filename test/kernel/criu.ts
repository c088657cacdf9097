// A CRIU that works on this kernel: the one that is installed, or that of a newer Debian.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
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

/** Its own loader and libraries: nothing of this system is mixed in. */
function makeWrapper(): boolean {
  if (!existsSync(join(debian, 'usr/sbin/criu'))) {
    mkdirSync(dirname(debian), { recursive: true })
    const args = ['--variant=minbase', '--include=criu', 'trixie', debian]
    if (run('debootstrap', args, 280_000).status !== 0) return false
  }
  const lib = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  const loader = process.arch === 'arm64' ? 'ld-linux-aarch64.so.1' : 'ld-linux-x86-64.so.2'
  writeFileSync(
    wrapper,
    `#!/bin/sh\nexec ${debian}/${lib}/${loader} --library-path ${debian}/${lib} ${debian}/usr/sbin/criu "$@"\n`,
  )
  chmodSync(wrapper, 0o755)
  return true
}

/** The program, or why there is none. With CI set Debian's newer one is downloaded. */
export function findCriu(): { program: string } | string {
  if (process.geteuid!() !== 0) return 'needs root'
  const reason = check('criu')
  if (reason === undefined) return { program: run('sh', ['-c', 'command -v criu']).stdout.trim() }
  if (existsSync(wrapper) && check(wrapper) === undefined) return { program: wrapper }
  if (!process.env.CI) return `${reason}; with CI=true the tests get Debian 13's by debootstrap`
  if (!makeWrapper()) return `${reason}, and debootstrap of Debian 13 failed`
  const other = check(wrapper)
  return other === undefined ? { program: wrapper } : other
}
