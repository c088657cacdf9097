// Containers of an ordinary user.

import { spawnSync } from 'node:child_process'
import { chownSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { rootlessConfig } from '../../src/spec/defaults.ts'
import {
  type Change,
  type Draft,
  ORDINARY_USER,
  openSite,
  type Result,
  type Site,
} from './container.ts'

/** A site of an ordinary user. */
export function openOrdinarySite(t: TestContext): Site {
  const site = openSite(t)
  chownSync(site.dir, ORDINARY_USER, ORDINARY_USER)
  return site
}

/** The configuration of an ordinary user, with the program and the marker of the test. */
export function rootlessDraft(args: readonly string[]): Draft {
  const config = structuredClone(rootlessConfig(ORDINARY_USER, ORDINARY_USER)) as Draft
  config.process.terminal = false
  config.process.args = [...args]
  config.linux.resources ??= {}
  return config
}

/** Runs a shell script in a container of an ordinary user. */
export function runRootless(site: Site, script: string, change: Change = () => {}): Result {
  const bundle = site.bundle(change, rootlessDraft(['sh', '-c', script]))
  // What is made in the rootfs must be the user's to make.
  spawnSync('chown', ['-hR', `${ORDINARY_USER}:${ORDINARY_USER}`, bundle])
  return site.tsoci(['run', '--bundle', bundle, site.id()], { user: ORDINARY_USER, cwd: site.dir })
}
