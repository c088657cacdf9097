// Compiles a checkpoint: what CRIU is asked for, and that the container goes once it is in images.

import { TsociError } from '../errors.ts'
import { NAMESPACE_FILES } from '../linux/namespaces.ts'
import type { Config } from '../spec/config.ts'
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
import type { Plan } from './plan.ts'
import { STATE_DIR } from './state-files.ts'
import type { Step } from './step.ts'

export interface CheckpointOptions extends CriuOptions {
  readonly leaveRunning: boolean
  /** Memory only; the container goes on. */
  readonly preDump: boolean
  /** Images of an earlier pre-dump, relative to the images. */
  readonly parent?: string | undefined
  readonly tcpSkipInFlight?: boolean | undefined
  readonly pageServer?: { readonly address: string; readonly port: number } | undefined
  /** Gets a zero byte when lazy pages can be asked for. */
  readonly statusFd?: number | undefined
}

export interface CheckpointInput {
  readonly config: Config
  readonly init: { readonly pid: number; readonly startTime: number }
  readonly rootfs: string
  /** The directory that freezes; undefined for none. */
  readonly freezer: string | undefined
  readonly externals: readonly ExternalMount[]
  /** CRIU's names of files and terminals outside of the container, as `file[1:2]`, `tty[3:4]`. */
  readonly files: readonly string[]
  /** Inode of each joined namespace. */
  readonly inodes: Readonly<Record<string, number>>
  /** Section `delete` of the stored plan, its slots filled. */
  readonly remove: readonly Step[]
  readonly options: CheckpointOptions
}

/** Compiles. Throws TsociError for what CRIU can't have. */
export function compileCheckpoint(input: CheckpointInput): Plan {
  const { config, init, options } = input
  const type = options.preDump ? 'preDump' : 'dump'
  const { pageServer } = options
  const server: Field[] | undefined =
    pageServer === undefined
      ? undefined
      : [
          [1, pageServer.address],
          [2, pageServer.port],
        ]
  const request = criuRequest(type, options, [
    [2, init.pid],
    [3, options.leaveRunning],
    [11, server],
    [13, input.rootfs],
    [14, options.parent],
    [15, options.preDump || options.parent !== undefined],
    [44, input.freezer],
    [46, options.tcpSkipInFlight === true],
    [51, criuConfigFile(config)],
    ...(options.preDump ? [] : input.externals).map(({ destination }) =>
      externalMount(destination, destination),
    ),
    ...namespaces(input).map((name): Field => [37, name]),
    ...input.files.map((name): Field => [37, name]),
  ])
  const goes = !options.preDump && !options.leaveRunning
  return {
    prepare: [
      {
        op: 'open-state',
        dir: STATE_DIR,
        pid: String(init.pid),
        startTime: String(init.startTime),
      },
      { op: 'criu-start', path: options.program, files: [] },
      {
        op: 'criu-request',
        request,
        images: options.images,
        work: options.work ?? '',
        log: `${options.work ?? options.images}/${logName(type)}`,
        statusFd: options.statusFd ?? 0,
        flags: 0,
      },
    ],
    after: goes ? input.remove : [],
  }
}

// --external net[INODE]:KEY. Others that are joined CRIU dumps as if they were the container's.
function namespaces({ config, inodes }: CheckpointInput): string[] {
  return listJoined(config).flatMap(([type]) => {
    if (type === 'cgroup') {
      throw new TsociError('NOT_SUPPORTED', 'CRIU can not checkpoint a joined cgroup namespace')
    }
    if (type !== 'network' && type !== 'pid') return []
    return [`${NAMESPACE_FILES[type]}[${inodes[type]}]:${namespaceKey(type)}`]
  })
}
