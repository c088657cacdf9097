// In the place of src/launch/front-path.ts.

import { dirname, join } from 'node:path'
import { host } from './host.ts'

/** The executable that this is in. */
export const frontPath = () => host.handedDown()[0]

/** A file beside it. */
export const distFile = (name: string) => join(dirname(frontPath()), name)
