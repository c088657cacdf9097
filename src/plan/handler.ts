// Plans a handler: a program of the host that runs in the place of process.args[0], which may be
// something that no kernel executes.

import type { Config } from '../spec/config.ts'
import { annotation } from '../spec/rules-annotations.ts'
import type { Step } from './step.ts'

/** The handler's path on the host, if the config asks for one. */
export function handlerOf(config: Config): string | undefined {
  return annotation(config, 'org.tsoci.handler')
}

/** Prepare: a copy in memory, so that the container can't reach the file (CVE-2019-5736). */
export function planHandler(config: Config): Step[] {
  const path = handlerOf(config)
  if (path === undefined) return []
  return [{ op: 'open-handler', at: '/annotations/org.tsoci.handler', path }]
}
