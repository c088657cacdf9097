// Configurations for the tests of this folder.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Config, IdMapping } from '../../src/spec/config.ts'
import { defaultConfig } from '../../src/spec/defaults.ts'
import { parseConfig } from '../../src/spec/parse.ts'

/** A change to a configuration; the type is loose, since most changes are wrong on purpose. */
// biome-ignore lint/suspicious/noExplicitAny: tests write what the types forbid
export type Change = (config: any) => void

/** The default configuration with a user and a time namespace, changed. */
export function changed(change: Change): string {
  const config: Config = defaultConfig()
  const { namespaces, ...linux } = config.linux ?? {}
  config.linux = {
    ...linux,
    namespaces: [...(namespaces ?? []), { type: 'user' }, { type: 'time' }],
    uidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
    gidMappings: [{ containerID: 0, hostID: 100000, size: 65536 }],
  }
  change(config)
  return JSON.stringify(config, null, 2)
}

/** What is found, as "severity pointer". */
export function found(text: string): string[] {
  const { problems } = parseConfig(text, 'config.json')
  return problems.map(({ severity, pointer }) => `${severity} ${pointer}`)
}

/** What a case is, how it changes the default, and what is found then. */
export type Case = [why: string, change: Change, problems: string[]]

/** One test for each case. */
export function testRules(cases: Case[]): void {
  for (const [why, change, problems] of cases) {
    const what = problems.length === 0 ? 'accepts' : 'reports'
    test(`parseConfig() ${what} ${why}`, () => {
      assert.deepEqual(found(changed(change)), problems)
    })
  }
}

/** The change that removes a namespace. */
export function drop(type: string): Change {
  return (config) => {
    config.linux.namespaces = config.linux.namespaces.filter(
      (entry: { type: string }) => entry.type !== type,
    )
  }
}

/** An id mapping. */
export function map(containerID: number, hostID: number, size: number): IdMapping {
  return { containerID, hostID, size }
}
