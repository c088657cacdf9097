// Compiles a visit: a program of the host in some namespaces of a container.

import { CLONE_FLAGS } from '../linux/namespaces.ts'
import type { NamespaceType } from '../spec/config.ts'
import type { Plan } from './plan.ts'
import type { Step } from './step.ts'
import { STAGES } from './step.ts'

export interface EnterInput {
  readonly init: { readonly pid: number; readonly startTime: number }
  readonly namespaces: readonly NamespaceType[]
  readonly args: readonly string[]
  readonly env: readonly string[]
}

/** Compiles. The program keeps the credentials of the caller; as root of a user namespace those of that. */
export function compileEnter({ init, namespaces, args, env }: EnterInput): Plan {
  const becomeRoot: Step[] = namespaces.includes('user') ? [{ op: 'become-root', flags: 0 }] : []
  return {
    clone: [
      {
        op: 'clone',
        flags: 0,
        late: 0,
        joinTypes: [],
        joinPaths: [],
        timeOffsets: '',
        initPid: String(init.pid),
        initStartTime: String(init.startTime),
        initFlags: namespaces.reduce((flags, type) => flags | CLONE_FLAGS[type], 0),
      },
    ],
    parent: [{ op: 'expect', stage: STAGES.ready }],
    child: [...becomeRoot, { op: 'report', stage: STAGES.ready }],
    launch: [
      { op: 'await', stage: STAGES.released },
      { op: 'become', args, env },
    ],
    after: [
      { op: 'release', stage: STAGES.released },
      { op: 'expect', stage: STAGES.exec },
      { op: 'wait' },
    ],
  }
}
