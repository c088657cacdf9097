// Compiles another process of a running container. It goes the way of `create`, so no confinement
// can be missing: only the namespaces are there already.

import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { isRootless, planBecomeRoot } from './ids.ts'
import { planKeyring } from './labels.ts'
import { planJoinInit } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { planExec, planLimits, planOomScore, planProcess, planSendPidfd } from './process.ts'
import { planFinalCpus, planInitialCpus } from './scheduling.ts'
import { planSeccomp, planSeccompAgent, type SeccompFilter } from './seccomp.ts'
import type { Step } from './step.ts'
import { STAGES, STEP_FLAGS } from './step.ts'
import { planConsole, planConsoleReceive, planConsoleSocket } from './terminal.ts'
import { slot, text } from './text.ts'
import { refuseUnsupported } from './unsupported.ts'

export interface ExecInput {
  /** The container's config, with the process to run in place of its own. */
  readonly config: Config
  readonly host: HostFacts
  /** The filter of linux.seccomp, compiled. */
  readonly seccomp?: SeccompFilter | undefined
  readonly options: Pick<
    PlanOptions,
    'detach' | 'hasConsoleSocket' | 'noNewKeyring' | 'pidfdSocket'
  >
  /** The container's init. */
  readonly init: { readonly pid: number; readonly startTime: number }
  /** The container's directory in each hierarchy. */
  readonly cgroups: readonly string[]
}

/** Compiles. Throws TsociError for what the process, or this host, can't have. */
export function compileExec({ config, host, seccomp, options, init, cgroups }: ExecInput): Plan {
  refuseUnsupported(config)
  const terminal = { ...options, verb: 'run' } as PlanOptions
  const after: Step[] = [
    { op: 'release', stage: STAGES.released },
    { op: 'expect', stage: STAGES.exec },
  ]
  if (!options.detach) after.push({ op: 'wait' })
  return {
    prepare: [...planInitialCpus(config), ...planConsoleSocket(config, terminal)],
    clone: planJoinInit(config, init.pid, init.startTime),
    parent: [
      ...planOomScore(config),
      ...planJoin(cgroups, host),
      { op: 'release', stage: STAGES.joined },
      ...planConsoleReceive(config, terminal),
      ...planLimits(config),
      ...planSeccompAgent(config, seccomp, init.pid),
      { op: 'expect', stage: STAGES.ready },
      ...planSendPidfd(options),
      { op: 'pid-file', path: text`${slot('pid-file')}` },
    ],
    child: [
      { op: 'await', stage: STAGES.joined },
      ...planFinalCpus(config),
      ...planBecomeRoot(config, host),
      { op: 'setsid' },
      ...(options.noNewKeyring ? [] : [planKeyring(config)]),
      { op: 'rootfs', path: '/', flags: STEP_FLAGS.ROOTFS_NO_BIND },
      ...planConsole(config, 0),
      ...planProcess(config, host, seccomp),
      ...planSeccomp(config, seccomp, 'before-gate'),
      { op: 'report', stage: STAGES.ready },
    ],
    launch: [
      { op: 'await', stage: STAGES.released },
      ...planSeccomp(config, seccomp, 'last'),
      planExec(config),
    ],
    after,
  }
}

function planJoin(cgroups: readonly string[], host: HostFacts): Step[] {
  const optional = isRootless(host) ? STEP_FLAGS.CGROUP_OPTIONAL : 0
  return cgroups.map((dir) => ({
    op: 'cgroup-join',
    at: '/linux/cgroupsPath',
    dir,
    flags: optional | STEP_FLAGS.CGROUP_LIKE_INIT,
  }))
}
