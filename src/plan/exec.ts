// Plans another process of a running container. It goes the way of `create`, so no confinement can
// be missing: only the namespaces are there already.

import type { HostFacts } from '../host/facts.ts'
import type { Config } from '../spec/config.ts'
import { findUngranted } from './capabilities.ts'
import { planEnterCgroups } from './cgroups.ts'
import { planExecCgroups } from './exec-cgroups.ts'
import { isRootless, planBecomeRoot } from './ids.ts'
import { planJoinResctrl } from './intel-rdt.ts'
import { planKeyring } from './labels.ts'
import { planJoinInit } from './namespaces.ts'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import {
  planExec,
  planGiveStdio,
  planLimits,
  planOomScore,
  planProcess,
  planSendPidfd,
} from './process.ts'
import { planCoreScheduling, planFinalCpus, planInitialCpus } from './scheduling.ts'
import { planSeccomp, planSeccompAgent, type SeccompFilter } from './seccomp.ts'
import type { Step } from './step.ts'
import { STAGES, STEP_FLAGS } from './step.ts'
import { planAttach, type Unit } from './systemd.ts'
import {
  anyConsole,
  planCallerTerminal,
  planConsole,
  planConsoleReceive,
  planConsoleSocket,
} from './terminal.ts'
import { slot, type Text, text } from './text.ts'
import { refuseUnsupported } from './unsupported.ts'

export interface ExecInput {
  /** The container's config, with the process to run in place of its own. */
  readonly config: Config
  readonly host: HostFacts
  /** The filter of linux.seccomp, compiled. */
  readonly seccomp?: SeccompFilter | undefined
  /** The container's directory in each hierarchy. */
  readonly cgroups: readonly Text[]
  /** Its unit, when systemd keeps it. */
  readonly unit?: Unit | undefined
  /** As it was created: it shares the session keyring of the caller. */
  readonly noNewKeyring: boolean
}

/** What of an exec its caller alone decides. */
interface ExecParts {
  readonly connect: readonly Step[]
  readonly receive: readonly Step[]
  readonly detach: boolean
  /** Known to have one, so that the caller's streams are not its own. */
  readonly ownTerminal: boolean
  readonly pidfdSocket?: string | undefined
  readonly subCgroups?: readonly string[] | undefined
}

/** Compiles. Throws TsociError for what the process, or this host, can't have. */
export function compileExec(
  input: ExecInput,
  options: Pick<PlanOptions, 'detach' | 'hasConsoleSocket' | 'pidfdSocket'> & {
    /** Cgroups below the container's to join instead: words of --cgroup. */
    readonly subCgroups?: readonly string[] | undefined
  },
): Plan {
  const { config } = input
  refuseUnsupported(config)
  const terminal = { ...options, verb: 'run' } as PlanOptions
  return planSteps(input, {
    ...options,
    connect: [...planCallerTerminal(config, terminal), ...planConsoleSocket(config, terminal)],
    receive: planConsoleReceive(config, terminal),
    ownTerminal: config.process?.terminal === true,
  })
}

function planSteps(input: ExecInput, parts: ExecParts) {
  const {
    config,
    host,
    seccomp,
    noNewKeyring,
    cgroups,
    unit,
    subCgroups = [],
  } = { ...input, ...parts }
  // A user's own systemd moves what he may not move himself.
  const attach = unit !== undefined && isRootless(host) && subCgroups.length === 0
  const after: Step[] = [
    { op: 'release', stage: STAGES.released },
    { op: 'expect', stage: STAGES.exec },
  ]
  if (!parts.detach) after.push({ op: 'wait' })
  return {
    prepare: [
      ...planCoreScheduling(config, text`${slot('init-pid')}`),
      ...planInitialCpus(config),
      ...parts.connect,
      ...(attach ? [] : planExecCgroups(cgroups, subCgroups, host)),
    ],
    clone: planJoinInit(config),
    parent: [
      ...planOomScore(config),
      ...(attach
        ? [
            ...cgroups.flatMap((dir) => planAttach(unit, dir)),
            { op: 'release', stage: STAGES.joined } as const,
          ]
        : []),
      ...planJoinResctrl(config, host),
      ...parts.receive,
      ...planLimits(config),
      ...planSeccompAgent(config, seccomp, text`${slot('init-pid')}`),
      ...(parts.ownTerminal ? [] : planGiveStdio(config)),
      { op: 'expect', stage: STAGES.ready },
      ...planSendPidfd(parts),
      { op: 'pid-file', path: text`${slot('pid-file')}` },
    ],
    child: [
      ...(attach ? [{ op: 'await', stage: STAGES.joined } as const] : planEnterCgroups(cgroups)),
      ...planFinalCpus(config),
      ...planBecomeRoot(config, host),
      { op: 'setsid' },
      ...(noNewKeyring ? [] : [planKeyring(config)]),
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
  } satisfies Plan
}

/**
 * The steps that `create` stores for later execs. The front door makes a plan of them without
 * JavaScript, when its command line names nothing but what stands in EXEC_FIELDS and EXEC_CHOICES (exec-blanks.ts).
 */
export function planStoredExec(input: ExecInput): Plan {
  // Of these each exec warns.
  if (findUngranted(input.config, input.host).length > 0) return {}
  // Nothing to fill a command line into.
  if (input.config.process === undefined) return {}
  const { consoleSize: _size, ...process } = input.config.process
  const config = { ...input.config, process: { ...process, terminal: true } }
  const steps = planSteps(
    { ...input, config },
    { ...anyConsole, detach: false, ownTerminal: false },
  )
  return {
    'exec-prepare': [describeCaller(input.host), ...steps.prepare],
    'exec-clone': steps.clone,
    'exec-parent': steps.parent,
    'exec-child': steps.child,
    'exec-launch': steps.launch,
    'exec-after': steps.after,
  }
}

// All that the steps above depend on of who calls: another caller has them compiled anew.
function describeCaller(host: HostFacts): Step {
  const { euid, egid, capabilities, inInitialUserNamespace, maySetGroups } = host.user
  return {
    op: 'caller',
    uid: euid,
    gid: egid,
    capabilities,
    flags:
      (inInitialUserNamespace ? STEP_FLAGS.CALLER_INITIAL_USER_NAMESPACE : 0) |
      (maySetGroups ? STEP_FLAGS.CALLER_SETGROUPS : 0),
  }
}
