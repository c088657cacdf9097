// node:util, as far as the verbs of the executable use it.

import { SYSTEM_ERRORS } from './system-errors.ts'

export const getSystemErrorMap = () => SYSTEM_ERRORS
