// The JavaScript of the executable. native/engine.c evaluates this file when it is built, and calls
// tsociMain() of what is left in memory then: nothing at module scope may ask the host for anything.

import './abort.ts'
import './buffer.ts'
import './crypto.ts'
import './process.ts'
import { runCommandLine } from '../cli/command-line.ts'
import { host } from './host.ts'

Object.assign(globalThis, { tsociMain: () => runCommandLine(host.arguments()) })
