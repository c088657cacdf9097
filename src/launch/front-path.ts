// Where the built files are.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Source and bundle lie at different depths; the built files are always in dist/.
const here = dirname(fileURLToPath(import.meta.url))
export const dist = here.endsWith('dist') ? here : join(here, '../../dist')

/** The front door's file, which is the executor as well. */
export const frontPath = process.env.TSOCI_FRONT || join(dist, 'tsoci')
