// Compiles a bundle's config to a launch plan. Pure: the same input gives the same plan.

import type { HostFacts } from '../host/facts.ts'
import { CLONE_FLAGS } from '../linux/namespaces.ts'
import type { Config } from '../spec/config.ts'
import { listCgroups, planCgroups, planEnterCgroups, planOpenCgroups } from './cgroups.ts'
import { planCovers } from './covers.ts'
import { planDevices } from './devices.ts'
import { planStoredExec } from './exec.ts'
import { handlerOf, planHandler } from './handler.ts'
import { planHooks } from './hooks.ts'
import { planHostname } from './hostname.ts'
import { planIdMaps, planInitRoot } from './ids.ts'
import { planJoinResctrl, planRemoveResctrl, planResctrl } from './intel-rdt.ts'
import { labelMounts, mountLabel, planKeyring } from './labels.ts'
import { planMounts } from './mounts.ts'
import { makesIpcLate, makesNamespace, planClone } from './namespaces.ts'
import { planNetDevices } from './net-devices.ts'
import { type NotifySteps, planNotify } from './notify.ts'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import {
  environmentOf,
  planExec,
  planGiveStdio,
  planLimits,
  planMakeCwd,
  planOomScore,
  planProcess,
  planSendPidfd,
  refuseNoProcess,
} from './process.ts'
import { planLendRootfs, planPivot, planRootfs } from './rootfs.ts'
import { planAllCpus, planCoreScheduling } from './scheduling.ts'
import { planSeccomp, planSeccompAgent, type SeccompFilter } from './seccomp.ts'
import { planStateDir, planStoreState } from './state-files.ts'
import type { Step } from './step.ts'
import { STAGES } from './step.ts'
import { planClaim, planManager, planScope, planScopeCgroups } from './systemd.ts'
import {
  planCallerTerminal,
  planConsole,
  planConsoleReceive,
  planConsoleSocket,
} from './terminal.ts'
import { slot, text } from './text.ts'
import { refuseUnsupported } from './unsupported.ts'
import { planVerbs } from './verbs.ts'

/** Everything a plan is made of. `configText` is kept for verbs that read the config again. */
export interface CompileInput {
  readonly config: Config
  readonly configText: string
  readonly host: HostFacts
  /** The filter of linux.seccomp, compiled. */
  readonly seccomp?: SeccompFilter | undefined
  readonly options: PlanOptions
}

/** Compiles. Throws TsociError for what the config, or this host, can't have. */
export function compilePlan({ config, configText, host, options, seccomp }: CompileInput): Plan {
  refuseUnsupported(config)
  refuseNoProcess(config, options)
  const scope = planScope(config, host, options)
  const cgroups = listCgroups(config, host, options, scope)
  const ownMounts = makesNamespace(config, 'mount')
  const mounts = ownMounts
    ? planMounts(config, host, cgroups)
    : { lend: [], child: [], firstCgroup: 0, afterDevices: [] }
  const notify = planNotify(config, host, options)
  const devices = ownMounts ? planDevices(config, host) : { lend: [], child: [] }
  const lend = [
    ...planLendRootfs(config, host, options),
    ...mounts.lend,
    ...devices.lend,
    ...notify.lend,
  ]
  // Who borrows meets the parent where that lends: once the child is in its cgroups.
  const early = lend.length > 0 ? 0 : mounts.firstCgroup
  const inCgroups =
    scope === undefined
      ? planEnterCgroups(cgroups)
      : [{ op: 'await', stage: STAGES.joined } as const]
  const idMaps = planIdMaps(config, host)
  const label = mountLabel(config, host)
  const labelled = (steps: readonly Step[]) => labelMounts(steps, label)
  const others = planRemoveResctrl(config, host)
  const verbs = planVerbs(config, options, cgroups, notify, others, scope)
  // They are steps 3 to 5 of the lifecycle: "created" is the status "after step 2".
  const runtimeHooks = [
    ...planHooks(config, 'prestart', 'created'),
    ...planHooks(config, 'createRuntime', 'created'),
  ]
  const handler = handlerOf(config)
  const processEnv = { env: environmentOf(config.process ?? {}) }

  return {
    prepare: [
      ...planCallerTerminal(config, options),
      ...(scope === undefined ? [] : planManager(scope)),
      ...planStateDir(configText, options.verb),
      ...(scope === undefined
        ? [...planCgroups(config, host, cgroups), ...planOpenCgroups(cgroups)]
        : planClaim(cgroups)),
      ...planResctrl(config, host),
      ...notify.prepare,
      ...planConsoleSocket(config, options),
      ...planHandler(config),
    ],
    clone: planClone(config, host),
    parent: [
      ...planStoreState(
        config,
        options,
        cgroups.map(({ dir }) => dir),
        scope,
      ),
      ...idMaps,
      ...planOomScore(config),
      ...(idMaps.length === 0 ? [] : [{ op: 'release', stage: STAGES.mapped } as const]),
      ...(scope === undefined
        ? []
        : [
            ...planScopeCgroups(config, host, scope, cgroups),
            { op: 'release', stage: STAGES.joined } as const,
          ]),
      ...planJoinResctrl(config, host),
      ...lend,
      ...planNetDevices(config, host),
      ...planConsoleReceive(config, options),
      ...meet(runtimeHooks),
      ...planLimits(config),
      ...planSeccompAgent(config, seccomp),
      ...(config.process?.terminal === true ? [] : planGiveStdio(config)),
      { op: 'expect', stage: STAGES.ready },
      ...planSendPidfd(options),
      ...planPublish(options),
    ],
    child: [
      ...(idMaps.length === 0 ? [] : [{ op: 'await', stage: STAGES.mapped } as const]),
      ...planInitRoot(config, host),
      ...planOwnIpc(config),
      { op: 'setsid' },
      ...(options.noNewKeyring ? [] : [planKeyring(config)]),
      ...planLoopback(config),
      // systemd takes some milliseconds: the child uses them.
      ...(lend.length > 0 ? inCgroups : []),
      ...planRootfs(config, host, options),
      ...labelled(mounts.child.slice(0, early)),
      ...(lend.length > 0 ? [] : inCgroups),
      planAllCpus(),
      ...planCoreScheduling(config),
      ...planOwnCgroupView(config),
      ...labelled(mounts.child.slice(early)),
      ...devices.child,
      ...planConsole(config),
      ...notify.child,
      ...mounts.afterDevices,
      ...(runtimeHooks.length === 0
        ? []
        : [
            { op: 'report', stage: STAGES.mounted } as const,
            { op: 'await', stage: STAGES.hooked } as const,
          ]),
      ...planHooks(config, 'createContainer', 'created'),
      ...planPivot(config, options),
      ...planHostname(config),
      planMakeCwd(config),
      ...labelled(planCovers(config, host)),
      ...planProcess(config, host, seccomp, { handler }),
      ...planSeccomp(config, seccomp, 'before-gate'),
      { op: 'report', stage: STAGES.ready },
    ],
    launch: [
      options.verb === 'create' ? { op: 'gate' } : { op: 'await', stage: STAGES.released },
      ...planSeccomp(config, seccomp, 'last'),
      ...planHooks(config, 'startContainer', 'created', processEnv),
      planExec(config, options, handler),
    ],
    after: planAfter(config, options, notify, verbs.delete ?? []),
    ...verbs,
    ...planStoredExec({
      config,
      host,
      seccomp,
      cgroups: cgroups.map(({ dir }) => dir),
      unit: scope,
      noNewKeyring: options.noNewKeyring,
    }),
  }
}

/** Parent's side of the hooks that run once the mounts stand; nobody waits where there are none. */
function meet(hooks: readonly Step[]): Step[] {
  if (hooks.length === 0) return []
  return [
    { op: 'expect', stage: STAGES.mounted },
    ...hooks,
    { op: 'release', stage: STAGES.hooked },
  ]
}

// The view must be of the container's own cgroup, so it is made after joining.
function planOwnCgroupView(config: Config): Step[] {
  if (!makesNamespace(config, 'cgroup')) return []
  return [{ op: 'unshare', at: '/linux/namespaces', flags: CLONE_FLAGS.cgroup }]
}

function planOwnIpc(config: Config): Step[] {
  if (!makesIpcLate(config)) return []
  return [{ op: 'unshare', at: '/linux/namespaces', flags: CLONE_FLAGS.ipc }]
}

function planLoopback(config: Config): Step[] {
  return makesNamespace(config, 'network') ? [{ op: 'loopback-up', at: '/linux/namespaces' }] : []
}

/** The caller may look from now on: pid file, and the mark of a create that is complete. */
function planPublish(options: PlanOptions): Step[] {
  return [
    options.verb === 'create'
      ? { op: 'rename', from: 'creating.fifo', to: 'exec.fifo' }
      : { op: 'unlink', path: 'creating.fifo' },
    { op: 'pid-file', path: text`${slot('pid-file')}` },
  ]
}

/** `run` goes on where `create` ends. */
function planAfter(
  config: Config,
  options: PlanOptions,
  notify: NotifySteps,
  remove: readonly Step[],
): Step[] {
  if (options.verb === 'create') return []
  const steps: Step[] = [
    ...notify.listen,
    { op: 'release', stage: STAGES.released },
    { op: 'expect', stage: STAGES.exec },
    ...planHooks(config, 'poststart', 'running'),
  ]
  if (options.detach) return [...steps, ...notify.wait]
  steps.push({ op: 'wait' })
  return options.keep ? steps : [...steps, ...remove]
}
