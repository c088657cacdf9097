// Facts about the Linux security modules: which of those that label processes is on.

import { existsSync, readFileSync } from 'node:fs'

export interface LsmFacts {
  readonly apparmor: boolean
  readonly selinux: boolean
}

/** Reads which security modules are on. */
export function readLsmFacts(): LsmFacts {
  return {
    apparmor: isApparmorOn('/sys/module/apparmor/parameters/enabled'),
    // Only a mounted selinuxfs takes labels; a disabled SELinux leaves an empty directory.
    selinux: existsSync('/sys/fs/selinux/enforce'),
  }
}

function isApparmorOn(file: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').startsWith('Y')
}
