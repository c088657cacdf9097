// Where the built files are.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Source and bundle lie at different depths; the built files are always in dist/.
function distDir(): string {
  const here = dirname(fileURLToPath(import.meta.url))
  return here.endsWith('dist') ? here : join(here, '../../dist')
}

/** A built file. */
export const distFile = (name: string) => join(distDir(), name)

/** The front door's file, which is the executor as well. */
export const frontPath = () => process.env.TSOCI_FRONT || distFile('tsoci')
