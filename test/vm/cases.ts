// Runs a list of cases in one virtual machine: booting takes longer than any of them.

import type { Config } from '../../src/spec/config.ts'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { type CpioEntry, S_IFREG } from './cpio.ts'
import { type Boot, bootAndRun, type Machine } from './machine.ts'

export interface Case {
  /** What holds, in plain words. */
  readonly why: string
  /** Bundles in the working directory of `script`, by name. */
  readonly bundles?: Readonly<Record<string, Config>>
  /** Shell script; the words of `prelude` are there. */
  readonly script: string
  readonly check: (output: string) => void
  /** A fault that is known: the case may fail, for this reason. */
  readonly todo?: string
}

export interface CaseResult {
  /** What the script wrote; undefined when the machine did not get that far. */
  readonly output: string | undefined
  /** Cgroups, containers and processes that are still there. */
  readonly left: string
}

export const ROOTFS = '/rootfs'

/** A container that runs a line of shell in busybox; `change` edits the default config. */
export function shell(line: string, change: (config: Loose) => void = () => {}): Config {
  const config = structuredClone(defaultConfig({ cgroup2: true })) as Loose
  config.process.terminal = false
  config.process.args = ['sh', '-c', line]
  config.root = { path: ROOTFS, readonly: true }
  change(config)
  return config as Config
}

/** A config to be edited: its properties are there, and the schema is the test's own matter. */
// biome-ignore lint/suspicious/noExplicitAny: readonly and optional properties are edited freely
export type Loose = any

/** The shell functions of scripts. */
export const prelude = `CG=/sys/fs/cgroup

mkdir -p ${ROOTFS}/bin ${ROOTFS}/dev ${ROOTFS}/proc ${ROOTFS}/sys ${ROOTFS}/tmp ${ROOTFS}/etc
cp /bin/busybox ${ROOTFS}/bin && chroot ${ROOTFS} /bin/busybox --install -s /bin
mkdir -p /etc /run/user/1000
echo 'root:x:0:0:root:/root:/bin/sh
user:x:1000:1000:user:/tmp:/bin/sh' >/etc/passwd
echo 'root:x:0:
user:x:1000:' >/etc/group
chown 1000:1000 /run/user/1000
truncate -s 16M /disk && losetup /dev/loop0 /disk 2>/dev/null

# show DIR FILE...: one line for each, "FILE: VALUE"; several lines of a file are joined by "; ".
show() {
	dir=$1; shift
	for file; do
		echo "$file: $(cat $CG/$dir/$file 2>&1 | tr '\\n' ';' | sed 's/;$//; s/;/; /g')"
	done
}
# inside DIR COMMAND...: runs it as a member of this cgroup.
inside() { sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' "$CG/$@"; }
# member DIR: a process in this cgroup that is nobody's business; its pid is in $!.
member() {
	sleep 1000 &
	echo $! >$CG/$1/cgroup.procs
}
# as_user COMMAND: as an ordinary user.
as_user() { su -s /bin/sh user -c "export XDG_RUNTIME_DIR=/run/user/1000; $1"; }
# try COMMAND...: says how it ended.
try() { "$@"; echo "exit $?"; }
# until_true COMMAND...: waits for it, up to ten seconds.
until_true() {
	n=0
	until "$@" 2>/dev/null || [ $n -ge 100 ]; do sleep 0.1; n=$((n + 1)); done
}
# Kernel threads have no program.
processes() { for pid in $(ls /proc | grep -x '[0-9]*'); do
	[ -e /proc/$pid/exe ] && echo "$pid"
done; }
left() {
	find $CG -mindepth 1 -type d
	# @filters: those that are kept for the next time.
	ls -d /run/tsoci/[!@]* /run/user/1000/tsoci/[!@]* 2>/dev/null
	for pid in $(processes); do
		grep -q -x $pid /tmp/before || tr '\\0' ' ' 2>/dev/null </proc/$pid/cmdline
	done
}
clean() {
	for dir in $(find $CG -mindepth 1 -type d | sort -r); do
		echo 1 >$dir/cgroup.kill; until_true rmdir $dir 2>/dev/null
	done
	rm -rf /run/tsoci/[!@]* /run/user/1000/tsoci/[!@]*
}
processes >/tmp/before
`

const mark = (word: string, i: number) => `=== ${word} ${i} ===`

/** Boots a machine and runs a script in it. */
export type BootWith = (
  machine: Machine,
  script: string,
  options: { timeoutMs: number; files: readonly CpioEntry[] },
) => Promise<Boot>

/**
 * Runs them all in one boot; the results are in the order of the cases. `words` are the shell
 * functions that scripts use; of them, `left` says what a case left and `clean` removes it.
 */
export async function runCases(
  machine: Machine,
  cases: readonly Case[],
  timeoutMs: number,
  boot: BootWith = bootAndRun,
  words = prelude,
): Promise<{ boot: Boot; results: CaseResult[] }> {
  const files: CpioEntry[] = []
  let script = words
  cases.forEach(({ bundles = {}, script: body }, i) => {
    const dir = `/bundles/${i}`
    files.push({ path: `${dir}/script`, mode: S_IFREG | 0o644, content: body })
    for (const [name, config] of Object.entries(bundles)) {
      const content = JSON.stringify(config)
      files.push({ path: `${dir}/${name}/config.json`, mode: S_IFREG | 0o644, content })
    }
    script += `
echo '${mark('begin', i)}'; cd ${dir}; (. ./script); cd /
echo '${mark('left', i)}'; left >/tmp/left; cat /tmp/left; [ -s /tmp/left ] && clean
echo '${mark('end', i)}'
`
  })
  const booted = await boot(machine, script, { timeoutMs, files })
  const results = cases.map(
    (_, i): CaseResult => ({
      output: between(booted.output, mark('begin', i), mark('left', i))?.trim(),
      left: between(booted.output, mark('left', i), mark('end', i))?.trim() ?? '',
    }),
  )
  return { boot: booted, results }
}

function between(text: string, begin: string, end: string): string | undefined {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  return from < 0 || to < 0 ? undefined : text.slice(from + begin.length, to)
}
