// Compiles a restore: the container's surroundings as create makes them, its processes by CRIU.

import type { HostFacts } from '../host/facts.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { Config } from '../spec/config.ts'
import { listCgroups, planCgroups, planJoinCgroups } from './cgroups.ts'
import {
  type CriuOptions,
  criuConfigFile,
  criuRequest,
  type ExternalMount,
  externalMount,
  listJoined,
  logName,
  namespaceKey,
} from './criu.ts'
import type { Field } from './criu-message.ts'
import { planHooks } from './hooks.ts'
import { NO_NOTIFY } from './notify.ts'
import type { PlanOptions } from './options.ts'
import type { Plan } from './plan.ts'
import { planStateDir, planStoreState, rootfsPath, STATE_DIR } from './state-files.ts'
import type { Step } from './step.ts'
import { STEP_FLAGS } from './step.ts'
import { planCallerTerminal, planConsoleSocket } from './terminal.ts'
import { slot, text } from './text.ts'
import { planVerbs } from './verbs.ts'

export interface RestoreOptions extends CriuOptions {
  readonly tcpClose?: boolean | undefined
  readonly lsmProfile?: string | undefined
  readonly lsmMountContext?: string | undefined
}

/** A directory or file that CRIU mounts on, made where it is missing. */
export interface MountPoint {
  /** Below which directory of the host; empty for the rootfs. */
  readonly base: string
  readonly path: string
  readonly isFile: boolean
}

/** A descriptor that the images name: `pipe:[1]`, `file[2:3]`, `tty[4:5]`. */
export interface Inherited {
  readonly key: string
  readonly fd: number
}

export interface RestoreInput {
  readonly config: Config
  readonly configText: string
  readonly host: HostFacts
  readonly plan: PlanOptions
  readonly options: RestoreOptions
  /** Each with its source. */
  readonly externals: readonly Required<Pick<ExternalMount, 'destination' | 'source'>>[]
  readonly mountPoints: readonly MountPoint[]
  readonly inherited: readonly Inherited[]
  /** `cgroup_root` of the request. */
  readonly cgroupRoots: readonly Field[]
  /** Where the rootfs is mounted for CRIU. */
  readonly root: string
}

/** The first descriptor of CRIU behind standard input, output, error and the socket. */
const FIRST_FILE = 4

/** Compiles. */
export function compileRestore(input: RestoreInput): Plan {
  const { config, host, options } = input
  const cgroups = listCgroups(config, host, input.plan)
  const verbs = planVerbs(config, input.plan, cgroups, NO_NOTIFY)
  const external = listJoined(config).filter(([type]) => type === 'network' || type === 'pid')
  const joined = listJoined(config).filter(([type]) => type !== 'network' && type !== 'pid')
  const inherited = [
    ...external.map(([type], i) => ({
      key: namespaceKey(type as 'network' | 'pid'),
      fd: FIRST_FILE + i,
    })),
    ...input.inherited,
  ]
  // CRIU would look for the terminal in its standard input, which it has put away by then.
  const hasInput = inherited.some(({ fd }) => fd === 0)
  const asked = { ...options, shellJob: options.shellJob === true && !hasInput }
  const request = criuRequest('restore', asked, [
    [6, true], // devices may have another path
    [13, input.root],
    [26, true], // the init is our child, not CRIU's
    [51, criuConfigFile(config)],
    [52, options.tcpClose === true],
    [53, options.lsmProfile],
    [63, options.lsmMountContext],
    ...input.externals.map(({ destination, source }) => externalMount(destination, source)),
    ...inherited.map(
      ({ key, fd }): Field => [
        27,
        [
          [1, key],
          [2, fd],
        ],
      ],
    ),
    ...input.cgroupRoots,
    ...joined.map(
      ([type, path]): Field => [
        39,
        [
          [1, NAMESPACE_FILES[type]],
          [2, path],
        ],
      ],
    ),
  ])
  const hooks = [
    ...planHooks(config, 'prestart', 'created'),
    ...planHooks(config, 'createRuntime', 'created'),
  ]
  return {
    prepare: [
      ...planCallerTerminal(config, input.plan),
      ...planStateDir(input.configText, 'run'),
      ...planCgroups(config, host, cgroups),
      { op: 'criu-root', at: '/root/path', path: rootfsPath(config, input.plan), dir: input.root },
      ...input.mountPoints.map(
        ({ base, path, isFile }): Step => ({
          op: 'criu-mount-point',
          at: '/mounts',
          base,
          path,
          flags: isFile ? STEP_FLAGS.CRIU_FILE : 0,
        }),
      ),
      ...planConsoleSocket(config, input.plan),
      {
        op: 'criu-start',
        path: options.program,
        files: external.map(([, path]) => path),
      },
      // What CRIU starts is in the cgroups from its first moment.
      ...planJoinCgroups(cgroups),
      {
        op: 'criu-request',
        request,
        images: options.images,
        work: options.work ?? '',
        log: `${options.work ?? options.images}/${logName('restore')}`,
        statusFd: 0,
        flags: STEP_FLAGS.CRIU_RESTORE,
      },
    ],
    parent: [
      ...planStoreState(
        config,
        input.plan,
        cgroups.map(({ dir }) => dir),
      ),
      { op: 'unlink', path: 'creating.fifo' },
      { op: 'pid-file', path: text`${slot('pid-file')}` },
    ],
    // Run when CRIU has made the namespaces, in the parent.
    child: hooks,
    after: planAfter(input.plan, verbs.delete ?? []),
    ...verbs,
  }
}

function planAfter(plan: PlanOptions, remove: readonly Step[]): Step[] {
  if (plan.detach) return []
  return plan.keep ? [{ op: 'wait' }] : [{ op: 'wait' }, ...remove]
}

/** Where the rootfs is mounted for CRIU, in the state directory. */
export const CRIU_ROOT = text`${STATE_DIR}/criu-root`
