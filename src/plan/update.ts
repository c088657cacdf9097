// Plans a change of limits on a running container: which value goes to which cgroup file.

import { TsociError } from '../errors.ts'
import type { HostFacts } from '../host/facts.ts'
import type { Resources } from '../spec/config.ts'
import { planV1Values } from './cgroup-v1.ts'
import { planV2Values } from './cgroup-v2.ts'

/** One value for one file. `at` is the JSON pointer in the resources. */
export interface CgroupChange {
  readonly path: string
  readonly value: string
  readonly at: string
}

/**
 * The changes that resources ask for; zero and absent change nothing. Device rules are left out, as
 * the peers do: what a running program has open can't be taken back.
 */
export function planUpdate(
  resources: Resources,
  host: HostFacts,
  cgroups: readonly string[],
): CgroupChange[] {
  const { devices: _devices, ...limits } = resources
  const config = { ociVersion: '1.3.0', root: { path: '/' }, linux: { resources: limits } }
  const v2 = host.cgroups.layout === 'v2'
  const values = v2 ? planV2Values(config) : planV1Values(config)
  return values.map(({ controller, file, value, at }) => {
    const mount = v2
      ? host.cgroups.v2?.mount
      : host.cgroups.v1.find(({ controllers }) => controllers.includes(controller))?.mount
    const dir = cgroups.find((it) => mount !== undefined && it.startsWith(`${mount}/`))
    if (dir === undefined) {
      throw new TsociError(
        'NOT_SUPPORTED',
        `cannot set ${file}: the container has no such cgroup`,
        {
          hint: `the "${controller}" controller is not there, or cgroups are disabled`,
        },
      )
    }
    return { path: `${dir}/${file}`, value, at }
  })
}
