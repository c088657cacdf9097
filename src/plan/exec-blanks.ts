// Where the front door fills a command line of exec into the steps that were stored for it
// (planStoredExec). scripts/generate-native.ts makes C of it: no plan needs this to be made.

import { type Op, STEP_FIELDS } from './step.ts'

/** What a command line of exec may name. */
export const EXEC_WORDS = ['args', 'env', 'cwd', 'uid', 'gid', 'gids'] as const

/** Arguments of stored steps that a command line replaces; env and gids are added to. */
export const EXEC_FIELDS = [
  field('find-executable', 'args', 'args'),
  field('find-executable', 'env', 'env'),
  field('find-home', 'env', 'env'),
  field('find-home', 'uid', 'uid'),
  field('exec', 'args', 'args'),
  field('exec', 'env', 'env'),
  field('chdir', 'path', 'cwd'),
  field('own-stdio', 'uid', 'uid'),
  field('own-stdio', 'gid', 'gid'),
  field('give-stdio', 'uid', 'uid'),
  field('set-user', 'uid', 'uid'),
  field('set-user', 'gid', 'gid'),
  field('setgroups', 'gids', 'gids'),
]

function field<O extends Op>(
  op: O,
  name: keyof (typeof STEP_FIELDS)[O] & string,
  word: (typeof EXEC_WORDS)[number],
) {
  return { op, field: Object.keys(STEP_FIELDS[op]).indexOf(name), word }
}

/** Stored steps that not every exec has. */
export const EXEC_CHOICES = {
  caller: 'never',
  'caller-terminal': 'relay',
  console: 'terminal',
  'console-connect': 'socket',
  'console-receive': 'relay',
  'give-stdio': 'streams',
  wait: 'foreground',
} as const satisfies { readonly [O in Op]?: string }
