// What the JavaScript of the executable finds, for tsconfig.engine.json alone.

import type { EngineBuffer, EngineTextDecoder, EngineTextEncoder } from './buffer.ts'
import type { engineProcess } from './process.ts'

declare global {
  var Buffer: typeof EngineBuffer
  type Buffer = EngineBuffer
  var TextEncoder: typeof EngineTextEncoder
  var TextDecoder: typeof EngineTextDecoder
  var process: typeof engineProcess
  var performance: { now(): number }

  namespace NodeJS {
    interface ErrnoException extends Error {
      errno?: number
      code?: string
      path?: string
      syscall?: string
    }
    type Signals = string
  }

  /** The library's; no command passes one. */
  interface AbortSignal {
    readonly aborted: boolean
    throwIfAborted(): void
    addEventListener(name: 'abort', listener: () => void): void
    removeEventListener(name: 'abort', listener: () => void): void
  }
  class AbortController {
    readonly signal: AbortSignal
    abort(): void
  }
}
