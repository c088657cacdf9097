// A virtual machine whose first process is systemd.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CpioEntry, S_IFCHR, S_IFLNK, S_IFREG } from './cpio.ts'
import {
  type Boot,
  copyOf,
  findMachine,
  listTsoci,
  type Machine,
  runQemu,
  writeInitrd,
} from './machine.ts'
import { findSystemdRoot, whyNoSystemdRoot } from './systemd-root.ts'

/** The machine, or the reason why this host can't have it. */
export function findSystemdMachine(): Machine | string {
  const machine = findMachine()
  return typeof machine === 'string' ? machine : (whyNoSystemdRoot() ?? machine)
}

/* As in machine.ts: what the kernel unpacked can't be the old root of a pivot_root. */
const init = `#!/usr/bin/busybox sh
/usr/bin/busybox mkdir -p /mnt /proc /sys /dev /run /tmp
/usr/bin/busybox mount --bind / /mnt
cd /mnt
/usr/bin/busybox mount --move . /
exec /usr/bin/busybox chroot . /usr/lib/systemd/systemd
`

/** The one thing that this machine boots for. */
const service = `[Unit]
Description=The script
After=basic.target dbus.service
Wants=dbus.service
DefaultDependencies=no

[Service]
Type=oneshot
ExecStart=/usr/bin/sh /script
StandardOutput=file:/dev/ttyS1
StandardError=inherit
Environment=PATH=/usr/local/bin:/usr/bin:/usr/sbin HOME=/root
ExecStopPost=/usr/bin/systemctl poweroff --force --force
`

const target = `[Unit]
Description=Just enough for the script
Requires=basic.target
Wants=script.service
AllowIsolate=yes
`

/** Boots, runs \`script\` as root in a service, and powers off. */
export async function bootSystemd(
  machine: Machine,
  script: string,
  { timeoutMs, files = [] }: { timeoutMs: number; files?: readonly CpioEntry[] },
): Promise<Boot> {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-vm-'))
  try {
    const initrd = join(dir, 'initrd')
    copyFileSync(findSystemdRoot(), initrd)
    const file = (path: string, content: string, mode = 0o644) => ({
      path,
      mode: S_IFREG | mode,
      content,
    })
    const off = (unit: string) => ({
      path: `/etc/systemd/system/${unit}`,
      mode: S_IFLNK | 0o777,
      content: '/dev/null',
    })
    writeInitrd(initrd, [
      { path: '/dev/console', mode: S_IFCHR | 0o600, device: [5, 1] },
      { ...copyOf(machine.busybox), path: '/usr/bin/busybox' },
      ...inUsr(listTsoci()),
      file('/init', init, 0o755),
      file('/script', script, 0o755),
      file('/etc/machine-id', '0123456789abcdef0123456789abcdef\n'),
      file('/etc/fstab', ''),
      file('/etc/systemd/system/script.service', service),
      file('/etc/systemd/system/script.target', target),
      // Slow in an emulated processor, and nobody's business here.
      ...[
        'systemd-journald.service',
        'systemd-journald.socket',
        'systemd-journald-dev-log.socket',
        'systemd-journald-audit.socket',
        'systemd-journal-flush.service',
        'systemd-random-seed.service',
        'systemd-sysctl.service',
        'systemd-update-utmp.service',
        'systemd-tmpfiles-setup.service',
        'systemd-tmpfiles-setup-dev.service',
        'systemd-udevd.service',
        'systemd-udev-trigger.service',
        'systemd-modules-load.service',
        'kmod-static-nodes.service',
        'systemd-remount-fs.service',
        'systemd-binfmt.service',
        'timers.target',
        'dev-hugepages.mount',
        'dev-mqueue.mount',
      ].map(off),
      ...files,
    ])
    const kernelLine = [
      'systemd.unit=script.target systemd.log_target=console systemd.show_status=0',
      machine.kernelLine ?? '',
    ].join(' ')
    return await runQemu({ ...machine, kernelLine }, initrd, join(dir, 'output'), timeoutMs)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

// There /bin and /lib are symlinks, and a directory of the archive would take their place.
export function* inUsr(entries: Iterable<CpioEntry>): Generator<CpioEntry> {
  for (const entry of entries) {
    yield { ...entry, path: entry.path.replace(/^\/(s?bin|lib\d*)\//, '/usr/$1/') }
  }
}
