// node:tty, as far as the verbs of the executable use it.

import { host } from './host.ts'

export const isatty = (fd: number) => host.isatty(fd)
