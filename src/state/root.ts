// Where containers are kept, and what their ids may look like.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { TsociError } from '../errors.ts'

// PROC_USER_INIT_INO; native/command_line.c says the same.
const INITIAL_USER_NAMESPACE = 0xeffffffd

function inInitialUserNamespace(): boolean {
  try {
    return statSync('/proc/self/ns/user').ino === INITIAL_USER_NAMESPACE
  } catch {
    return true // a kernel without user namespaces
  }
}

/**
 * The directory of all containers: /run/tsoci for root, $XDG_RUNTIME_DIR/tsoci for others and for
 * root of a user namespace. Root's does not depend on the environment: engines call with another
 * one for each verb.
 */
export function defaultRoot(): string {
  const privileged = process.geteuid!() === 0 && inInitialUserNamespace()
  const runtimeDir = process.env.XDG_RUNTIME_DIR ?? ''
  if (!privileged && runtimeDir !== '') return join(runtimeDir, 'tsoci')
  if (process.geteuid!() === 0) return '/run/tsoci'
  throw new TsociError(
    'BAD_USAGE',
    'no directory to keep containers in: XDG_RUNTIME_DIR is not set',
    {
      hint: 'set XDG_RUNTIME_DIR to a directory of your own, or give --root DIR',
    },
  )
}

/** Throws unless the id is one: 1 to 255 letters, digits, `_`, `+`, `.`, `-`. */
export function checkId(id: string): void {
  if (isId(id)) return
  throw new TsociError('BAD_USAGE', `invalid container ID: ${JSON.stringify(id)}`, {
    hint: 'use 1 to 255 letters, digits, and _ + . -',
  })
}

/** As native/command_line.c has it. */
export const isId = (id: string) => /^[\w+.-]{1,255}$/.test(id) && id !== '.' && id !== '..'
