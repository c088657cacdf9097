// In the place of src/launch/foreign.ts: native/libtsoci.c is a part of the executable.

import { host } from './host.ts'

export const loadLibtsoci = () => host
