// The global `crypto`, as far as the verbs of the executable use it.

import { host } from './host.ts'

Object.assign(globalThis, {
  crypto: {
    getRandomValues(bytes: Uint8Array) {
      host.random(bytes.buffer)
      return bytes
    },
  },
  performance: { now: () => host.now() },
})
