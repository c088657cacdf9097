// Saves a running container to images, with CRIU.

import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { TsociError } from '../errors.ts'
import { type Mount, parseMountinfo } from '../host/mountinfo.ts'
import { launchPlan, numberInExecutor } from '../launch/sink.ts'
import { readStoredPlan } from '../launch/stored-plan.ts'
import { compileCheckpoint } from '../plan/checkpoint.ts'
import { listExternals, listJoined } from '../plan/criu.ts'
import { fillSlots } from '../plan/fill.ts'
import { deriveStatus, readStoredState, type StoredState } from '../state/container.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { DESCRIPTORS_FILE, EXTERNALS_FILE, readCriuOptions, resolveDestinations } from './criu.ts'
import { howToRun } from './executor-options.ts'
import type { CheckpointFlags } from './options.ts'
import { readStoredConfig } from './stored-config.ts'

/**
 * Saves a container; it is gone then, unless it is told to run on. Throws TsociError: NOT_FOUND,
 * WRONG_STATUS, NOT_SUPPORTED without CRIU, LAUNCH_FAILED with what CRIU says.
 */
export async function checkpoint(id: string, flags: CheckpointFlags): Promise<void> {
  checkId(id)
  const root = flags.root ?? defaultRoot()
  const stored = readStoredState(root, id)
  const status = deriveStatus(root, stored, id)
  if (stored === undefined || (status !== 'running' && status !== 'paused')) {
    throw new TsociError('WRONG_STATUS', `cannot checkpoint a ${status} container: "${id}"`, {
      hint: 'its program must run: tsoci start',
    })
  }
  const options = readCriuOptions(flags)
  checkParent(options.images, flags.parentPath)
  const config = readStoredConfig(root, id)
  const plan = readStoredPlan(root, id)
  if (plan === undefined) {
    throw new TsociError('BAD_STATE', `cannot read the plan of container "${id}"`)
  }
  const mounts = readMounts(id, stored.pid)
  const resolved = resolveDestinations(config, stored.rootfs)
  const externals = listExternals(mounts, resolved, stored.bundle)
  const descriptors = [0, 1, 2].map((fd) =>
    nameDescriptor(
      stored.pid,
      fd,
      mounts.map((mount) => mount.id),
    ),
  )
  if (flags.preDump !== true) {
    const keep = (name: string, value: unknown) =>
      writeFileSync(join(options.images, name), `${JSON.stringify(value)}\n`, { mode: 0o600 })
    keep(DESCRIPTORS_FILE, descriptors)
    keep(EXTERNALS_FILE, externals)
  }
  await launchPlan(
    compileCheckpoint({
      config,
      init: stored,
      rootfs: stored.rootfs,
      freezer: freezerOf(stored),
      externals,
      files: descriptors.filter((name) => /^(file|tty)\[/.test(name)),
      inodes: Object.fromEntries(
        listJoined(config).map(([type, path]) => [type, statSync(path).ino]),
      ),
      remove: fillSlots(plan.plan.delete ?? [], plan.binding),
      options: {
        ...options,
        leaveRunning: flags.leaveRunning === true,
        preDump: flags.preDump === true,
        parent: flags.parentPath,
        tcpSkipInFlight: flags.tcpSkipInFlight,
        pageServer: flags.pageServer === undefined ? undefined : parseServer(flags.pageServer),
        statusFd: flags.statusFd === undefined ? undefined : numberInExecutor(flags.statusFd),
      },
    }),
    { id, root },
    { ...howToRun(flags), descriptors: flags.statusFd === undefined ? [] : [flags.statusFd] },
  )
}

// CRIU looks for it from the images, and may do so on another host.
function checkParent(images: string, parent: string | undefined): void {
  if (parent === undefined) return
  const reason = isAbsolute(parent)
    ? 'must be relative to --image-path'
    : existsSync(join(images, parent))
      ? undefined
      : `no such directory in "${images}"`
  if (reason === undefined) return
  throw new TsociError('BAD_USAGE', `--parent-path "${parent}": ${reason}`)
}

function readMounts(id: string, pid: number): Mount[] {
  try {
    return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
  } catch (cause) {
    throw new TsociError('NOT_RUNNING', `container not running: "${id}" ended meanwhile`, { cause })
  }
}

function freezerOf({ cgroups }: StoredState): string | undefined {
  const has = (file: string) => cgroups.find((dir) => existsSync(join(dir, file)))
  return has('freezer.state') ?? has('cgroup.freeze')
}

/** How the images name a descriptor of the init: pipe:[1], file[MOUNT:INODE], tty[NODE:DEVICE], or a path. */
function nameDescriptor(pid: number, fd: number, mounts: readonly number[]): string {
  const path = `/proc/${pid}/fd/${fd}`
  try {
    const link = readlinkSync(path)
    if (link.startsWith('pipe:')) return link
    const { ino, dev, rdev } = statSync(path)
    const mount = Number(
      /^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1],
    )
    if (!link.startsWith('/') || !Number.isInteger(mount) || mounts.includes(mount)) return link
    const hex = (number: number) => number.toString(16)
    return isTerminal(rdev) ? `tty[${hex(rdev)}:${hex(dev)}]` : `file[${hex(mount)}:${hex(ino)}]`
  } catch {
    return '' // closed
  }
}

// By its major number: consoles and serial lines, /dev/tty, the slaves of pseudoterminals.
function isTerminal(rdev: number): boolean {
  const major = (rdev >> 8) & 0xfff
  return major === 4 || major === 5 || (major >= 136 && major <= 143)
}

function parseServer(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':')
  const port = Number(text.slice(at + 1))
  if (at > 0 && Number.isInteger(port) && port > 0 && port < 65536) {
    return { address: text.slice(0, at), port }
  }
  throw new TsociError('BAD_USAGE', `--page-server "${text}": expected ADDRESS:PORT`)
}
