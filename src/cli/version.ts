// The version of tsoci, and the three lines that callers parse.

import { readFileSync } from 'node:fs'
import { distFile } from '../launch/front-path.ts'
import { SPEC_VERSION } from '../spec/defaults.ts'
import { isRunc, RUNC_VERSION } from './as-runc.ts'

// The bundler puts the values in; from source they are not defined.
declare const TSOCI_VERSION: string | undefined
declare const TSOCI_COMMIT: string | undefined

/** The version in package.json. */
export function tsociVersion(): string {
  if (typeof TSOCI_VERSION === 'string') return TSOCI_VERSION
  return String(JSON.parse(readFileSync(distFile('../package.json'), 'utf8')).version)
}

/** The commit that was built. */
export function tsociCommit(): string {
  return typeof TSOCI_COMMIT === 'string' ? TSOCI_COMMIT : 'unknown'
}

/** The text of --version. go-runc parses exactly these three lines. */
export function describeVersion(): string {
  const version = tsociVersion()
  const name = isRunc()
    ? `runc version ${RUNC_VERSION} (tsoci ${version})`
    : `tsoci version ${version}`
  return `${name}\ncommit: ${tsociCommit()}\nspec: ${SPEC_VERSION}\n`
}
