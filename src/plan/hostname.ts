// Plans the UTS namespace: hostname and domainname.

import type { Config } from '../spec/config.ts'
import type { Step } from './step.ts'

/** Steps that name the container's host; none when the config names none. */
export function planHostname(config: Config): Step[] {
  const steps: Step[] = []
  if (config.hostname) steps.push({ op: 'sethostname', at: '/hostname', name: config.hostname })
  if (config.domainname) {
    steps.push({ op: 'setdomainname', at: '/domainname', name: config.domainname })
  }
  return steps
}
