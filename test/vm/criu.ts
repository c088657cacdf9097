// CRIU in the virtual machine: the programs of this host, and what they load.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../../src/spec/config.ts'
import { findProgram } from '../kernel/container.ts'
import { findUnpackedCriu } from '../kernel/criu.ts'
import { type Loose, ROOTFS, shell } from './cases.ts'
import type { CpioEntry } from './cpio.ts'
import { copyOf, listLibraries } from './machine.ts'

/** The programs of CRIU, newest first. The first that works on the machine's kernel is taken. */
function findCriuPrograms(): string[] {
  return [findUnpackedCriu(), findProgram('criu')].filter((it) => it !== undefined)
}

/** Why CRIU can't be tried; false when it can, if the machine's kernel agrees. */
export function whyNoCriu(): string | false {
  if (findCriuPrograms().length === 0) return 'criu is not installed: apt-get install criu'
  const missing = ['cc', 'ip', 'tar'].find((name) => findProgram(name) === undefined)
  return missing === undefined ? false : `${missing} is not installed`
}

/**
 * CRIU runs tar for what is in a tmpfs (busybox has not all of its options), `ip` for the devices of
 * a network namespace, and iptables to see and to lock it.
 */
export function* listCriu(): Generator<CpioEntry> {
  for (const [i, program] of findCriuPrograms().entries()) {
    yield copyOf(program, `/criu/${i}`)
    yield* program === findUnpackedCriu() ? listUnpacked(program) : listLibraries(program)
  }
  const tables = ['iptables', 'ip6tables'].flatMap((name) => [`${name}-save`, `${name}-restore`])
  for (const name of ['tar', 'ip', ...tables]) {
    const program = findProgram(name)
    if (program === undefined) continue
    yield copyOf(realpathSync(program), `/usr/bin/${name}`)
    yield* listLibraries(program)
  }
  const plugins = '/usr/lib/x86_64-linux-gnu/xtables'
  for (const name of existsSync(plugins) ? readdirSync(plugins) : []) {
    if (/^libxt_(mark|standard)\.so$/.test(name)) yield copyOf(join(plugins, name))
  }
  yield* listPeer()
}

// A script that calls the loader of another system, with the libraries of that.
function* listUnpacked(wrapper: string): Generator<CpioEntry> {
  const [, loader, libraries, program] =
    /exec (\S+) --library-path (\S+) (\S+)/.exec(readFileSync(wrapper, 'utf8')) ?? []
  yield copyOf(loader!)
  yield copyOf(program!)
  const words = ['--library-path', libraries!, '--list', program!]
  const { stdout } = spawnSync(loader!, words, { encoding: 'utf8' })
  for (const [, path] of stdout.matchAll(/=> (\/\S+)/g)) yield copyOf(path!)
}

/** peer.c, on the host and in the root of containers. */
function* listPeer(): Generator<CpioEntry> {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-peer-'))
  try {
    const source = fileURLToPath(new URL('peer.c', import.meta.url))
    const program = join(dir, 'peer')
    const { stderr, status } = spawnSync('cc', ['-static', '-O1', '-o', program, source], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`cannot compile ${source}: ${stderr}`)
    yield copyOf(program, '/usr/bin/peer')
    yield copyOf(program, `${ROOTFS}/bin/peer`)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Counts in a file, so that one sees whether it goes on. */
export const COUNT = 'exec peer count /tmp/count'

/**
 * A container of few mounts and namespaces: every one is a program or two that CRIU runs, which
 * takes its time in an emulated processor.
 */
export function small(line: string, change: (config: Loose) => void = () => {}): Config {
  return shell(line, (config) => {
    const isKept = ({ destination }: Loose) => /^\/(proc|dev)$/.test(destination)
    config.mounts = config.mounts.filter(isKept)
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' })
    config.linux.namespaces = config.linux.namespaces.filter(
      ({ type }: Loose) => !/^(network|cgroup|ipc|uts)$/.test(type),
    )
    delete config.hostname
    change(config)
  })
}

/** What the machine says when no CRIU works on its kernel, with the reason. */
export const NO_CRIU = 'no criu works on this kernel'

/** Shell functions of the cases, and the choice of a CRIU. */
export const criuWords = `mount -t securityfs securityfs /sys/kernel/security
mkdir -p /usr/local/bin
for program in /criu/*; do
	criu=$($program check 2>&1) && ln -s $program /usr/local/bin/criu && break
done
if ! [ -e /usr/local/bin/criu ]; then
	echo "${NO_CRIU}: $(echo "$criu" | grep Error | tail -n 1)"
	exit
fi

# The shell would take busybox's.
ip() { /usr/bin/ip "$@"; }
# begin NAME: the container of this bundle runs.
begin() { tsoci run -d -b "$1" "$1" </dev/null >/tmp/log 2>&1 || cat /tmp/log; }
# save IMAGES FLAGS... NAME: into /tmp/IMAGES. Says when it failed.
save() {
	images=/tmp/$1; shift
	tsoci checkpoint --image-path $images "$@" || echo "not saved: $?"
}
# bring IMAGES FLAGS... NAME: CRIU hands our streams to the container, so no pipe is among them.
bring() {
	images=/tmp/$1; shift
	tsoci restore --image-path $images -d "$@" </dev/null >/tmp/log 2>&1 || {
		echo "not restored: $?"; cat /tmp/log
	}
}
pid() { tsoci state $1 | sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p'; }
# is STATUS NAME
is() { [ "$(status $2)" = $1 ]; }
status() { tsoci state $1 | sed -n 's/.*"status": *"\\([a-z]*\\)".*/\\1/p'; }
# number NAME: what the container has counted in its /tmp.
number() { echo $(cat /proc/$(pid $1)/root/tmp/count); }
# is_beyond NUMBER NAME
is_beyond() { [ "$(number $2)" -gt "$1" ]; }
# counted NAME: it runs, and has counted, to $was.
counted() { begin $1; until_true is_beyond 3 $1; was=$(number $1); }
# goes_on NAME NUMBER: from that number at least it counts on.
goes_on() {
	now=$(number $1)
	[ "$now" -ge $2 ] || echo "counts from $now, and was at $2"
	until_true is_beyond $now $1
	is_beyond $now $1 && echo "$1 goes on" || echo "$1 stands still"
}
end() { for name; do tsoci delete --force $name; done; rm -rf /tmp/*images*; }
`
