// A small SELinux policy: what the kernel wants of any, and two labels to tell apart.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const PROCESS_LABEL = 'system_u:system_r:container_t:s0:c1,c2'
export const MOUNT_LABEL = 'system_u:object_r:container_file_t:s0:c1,c2'

const SIDS = 'kernel security unlabeled file port netif netmsg node devnull'.split(' ')
const CLASSES: Readonly<Record<string, string>> = {
  process: 'transition dyntransition setexec setcurrent setkeycreate',
  file: 'read write relabelfrom relabelto associate entrypoint execute',
  dir: 'read write relabelfrom relabelto',
  filesystem: 'mount relabelfrom relabelto associate',
  security: 'load_policy',
}
const TYPES = ['system_t', 'container_t', 'container_file_t']
const FILE_SYSTEMS = 'proc sysfs rootfs selinuxfs cgroup2'.split(' ')

/** In the common intermediate language (CIL). It denies nothing: its types are permissive. */
const policy = `
(handleunknown allow)
(mls true)
${SIDS.map((sid) => `(sid ${sid}) (sidcontext ${sid} system)`).join('\n')}
(sidorder (${SIDS.join(' ')}))
${Object.entries(CLASSES)
  .map(([name, permissions]) => `(class ${name} (${permissions}))`)
  .join('\n')}
(classorder (unordered ${Object.keys(CLASSES).join(' ')}))
(sensitivity s0) (sensitivityorder (s0))
(category c1) (category c2) (categoryorder (c1 c2))
(sensitivitycategory s0 (range c1 c2))
(level low (s0)) (level high (s0 (range c1 c2))) (levelrange all (low high))
(role object_r) (role system_r)
${TYPES.map((type) => `(type ${type}) (typepermissive ${type})`).join('\n')}
${TYPES.map((type) => `(roletype object_r ${type}) (roletype system_r ${type})`).join('\n')}
(user system_u) (userrole system_u object_r) (userrole system_u system_r)
(userlevel system_u low) (userrange system_u all)
(context system (system_u system_r system_t (low low)))
(fsuse trans tmpfs system) (fsuse trans devpts system) (fsuse trans mqueue system)
(fsuse task pipefs system) (fsuse task sockfs system)
${FILE_SYSTEMS.map((name) => `(genfscon ${name} / system)`).join('\n')}
(allow system_t self (process (transition)))
`

/** The policy as the kernel loads it, or the reason why there is none. */
export function compilePolicy(): Buffer | string {
  const dir = mkdtempSync(join(tmpdir(), 'tsoci-policy-'))
  try {
    const [source, binary] = [join(dir, 'policy.cil'), join(dir, 'policy')]
    writeFileSync(source, policy)
    const { status, error, stderr } = spawnSync(
      'secilc',
      ['--output', binary, '--filecontext', '/dev/null', source],
      { encoding: 'utf8' },
    )
    if (error !== undefined) return 'no secilc: apt-get install secilc'
    return status === 0 ? readFileSync(binary) : `secilc: ${stderr}`
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
