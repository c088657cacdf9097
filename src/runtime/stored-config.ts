// The config.json that create has put beside the state of a container, with what update has changed.

import { join } from 'node:path'
import type { TsociError } from '../errors.ts'
import type { Config } from '../spec/config.ts'
import { parseConfig, refuseProblems } from '../spec/parse.ts'
import { damaged, readStateFile, unreadable } from '../state/container.ts'

/** Throws TsociError: NOT_FOUND, when the container is being removed, or BAD_STATE. */
export function readStoredConfig(root: string, id: string): Config {
  const file = join(root, id, 'config.json')
  const { config, problems } = parseConfig(readStateFile(root, id, 'config.json'), file)
  try {
    refuseProblems(problems, file)
  } catch (cause) {
    throw unreadable(id, (cause as TsociError).message, damaged(id), cause)
  }
  return config
}
