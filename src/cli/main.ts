// tsoci by Node: the command line of this process. The executable has its own way in, src/engine/main.ts.

import { runCommandLine } from './command-line.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
