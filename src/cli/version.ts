// The version of tsoci, and the three lines that callers parse.

import { existsSync, readFileSync } from 'node:fs'
import { SPEC_VERSION } from '../spec/defaults.ts'
import { isRunc, RUNC_VERSION } from './as-runc.ts'

// The bundler puts the values in; from source they are not defined.
declare const TSOCI_VERSION: string | undefined
declare const TSOCI_COMMIT: string | undefined

/** The version in package.json. */
export function tsociVersion(): string {
  if (typeof TSOCI_VERSION === 'string') return TSOCI_VERSION
  for (const place of ['../../package.json', '../package.json']) {
    const file = new URL(place, import.meta.url)
    if (existsSync(file)) return String(JSON.parse(readFileSync(file, 'utf8')).version)
  }
  return '0.0.0'
}

/** The commit that was built. */
export function tsociCommit(): string {
  return typeof TSOCI_COMMIT === 'string' ? TSOCI_COMMIT : 'unknown'
}

/** The text of --version. go-runc parses exactly these three lines. */
export function describeVersion(): string {
  const version = tsociVersion()
  const name = isRunc
    ? `runc version ${RUNC_VERSION} (tsoci ${version})`
    : `tsoci version ${version}`
  return `${name}\ncommit: ${tsociCommit()}\nspec: ${SPEC_VERSION}\n`
}
