// Makes a container of the images of a checkpoint, with CRIU.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readBundle } from '../bundle/bundle.ts'
import { TsociError } from '../errors.ts'
import { type HostFacts, readHostFacts } from '../host/facts.ts'
import { frontPath } from '../launch/front-path.ts'
import { describeOwnCgroups } from '../launch/own-cgroups.ts'
import { launchPlan } from '../launch/sink.ts'
import { listCgroups } from '../plan/cgroups.ts'
import { cgroupRoots, type ExternalMount, listBinds } from '../plan/criu.ts'
import type { CgroupManager, PlanOptions } from '../plan/options.ts'
import { CRIU_ROOT, compileRestore, type Inherited, type MountPoint } from '../plan/restore.ts'
import { describeText } from '../plan/text.ts'
import type { Config } from '../spec/config.ts'
import { checkId, defaultRoot } from '../state/root.ts'
import { DESCRIPTORS_FILE, EXTERNALS_FILE, readCriuOptions, resolveDestinations } from './criu.ts'
import { howToRun } from './executor-options.ts'
import type { RestoreFlags } from './options.ts'
import { bindSlots } from './slots.ts'

/**
 * Restores a container, which runs when this resolves: with its exit status, or with 0 at once when
 * detached. Throws TsociError: BAD_CONFIG, EXISTS, NOT_SUPPORTED without CRIU, LAUNCH_FAILED.
 */
export async function restore(id: string, flags: RestoreFlags): Promise<number> {
  checkId(id)
  const images = flags.imagePath ?? join(process.cwd(), 'checkpoint')
  if (!existsSync(join(images, 'inventory.img'))) {
    throw new TsociError('BAD_USAGE', `no images of a checkpoint in "${images}"`, {
      hint: 'name their directory with --image-path; a pre-dump alone can not be restored',
    })
  }
  const bundle = await readBundle(flags.bundle ?? process.cwd(), {
    unpack: { program: frontPath() },
    onWarning: (problem) => flags.onWarning?.(problem),
  })
  const { config } = bundle
  const host = readHostFacts()
  const options = readCriuOptions({ ...flags, imagePath: images })
  const plan: PlanOptions = {
    verb: 'run',
    detach: flags.detach === true,
    keep: flags.keep === true,
    noPivot: flags.noPivot === true,
    noNewKeyring: true,
    cgroupManager: refuseSystemd(flags.cgroupManager ?? 'cgroupfs'),
    hasConsoleSocket: flags.consoleSocket !== undefined,
    rootfs: undefined,
  }
  const root = flags.root ?? defaultRoot()
  const bound = { ...describeOwnCgroups(), id, root }
  const dirs = listCgroups(config, host, plan).map(({ dir }) => describeText(dir, bound))
  const resolved = resolveDestinations(config, bundle.rootfs)
  const binds = listBinds(resolved, bundle.path)
  return await launchPlan(
    compileRestore({
      config,
      configText: bundle.configText,
      host,
      plan,
      options: {
        ...options,
        tcpClose: flags.tcpClose,
        lsmProfile: flags.lsmProfile,
        lsmMountContext: flags.lsmMountContext,
      },
      externals: findSources(
        readImageFile<ExternalMount[]>(images, EXTERNALS_FILE),
        binds,
        (controller) => cgroupOf(controller, dirs, host),
      ),
      mountPoints: listMountPoints(resolved, binds),
      inherited: listInherited(readImageFile<string[]>(images, DESCRIPTORS_FILE)),
      cgroupRoots: cgroupRoots(dirs, host),
      root: describeText(CRIU_ROOT, bound),
    }),
    bindSlots(id, bundle, flags),
    howToRun(flags),
  )
}

function readImageFile<T>(images: string, name: string): T {
  const file = join(images, name)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T
  } catch (cause) {
    throw new TsociError('BAD_USAGE', `cannot read "${file}"`, {
      hint: 'images are restored by the runtime that made them',
      cause,
    })
  }
}

/** Where each mount from outside comes from now: the config of the restore counts first. */
function findSources(
  externals: readonly ExternalMount[],
  binds: ReadonlyMap<string, string>,
  cgroupOf: (controller: string) => string | undefined,
): { destination: string; source: string }[] {
  return externals.map(({ destination, source, controller }) => {
    const found =
      controller === undefined
        ? (binds.get(destination) ?? source)
        : (cgroupOf(controller) ?? source)
    if (found !== undefined) return { destination, source: found }
    throw new TsociError('BAD_CONFIG', `cannot restore the mount "${destination}": no source`, {
      hint: `it came from outside of the container: name it in the mounts of config.json`,
    })
  })
}

/** The container's cgroup in the hierarchy of a controller; the whole of cgroup v2 for none. */
function cgroupOf(
  controller: string,
  cgroups: readonly string[],
  { cgroups: { v2 } }: HostFacts,
): string | undefined {
  if (controller === '') return v2?.mount
  const name = controller.replace(/^name=/, '')
  return cgroups.find((dir) => dir.split('/').some((word) => word.split(',').includes(name)))
}

/** Mount points that may be missing in the rootfs. Those on a tmpfs are in the images. */
function listMountPoints(config: Config, binds: ReadonlyMap<string, string>): MountPoint[] {
  const mounts = config.mounts ?? []
  const isBelow = (path: string, dir: string) => path.startsWith(`${dir}/`)
  return mounts.flatMap(({ destination, type }) => {
    const above = mounts.filter((it) => isBelow(destination, it.destination))
    if (type === 'cgroup' || above.some((it) => it.type === 'tmpfs' || it.type === 'sysfs'))
      return []
    const bind = above.findLast((it) => binds.has(it.destination))?.destination
    const source = binds.get(destination)
    return [
      {
        base: bind === undefined ? '' : binds.get(bind)!,
        path: bind === undefined ? destination : destination.slice(bind.length),
        isFile: source !== undefined && existsSync(source) && !statSync(source).isDirectory(),
      },
    ]
  })
}

// Of the caller's descriptors: standard input, output and error.
function listInherited(descriptors: readonly string[]): Inherited[] {
  return descriptors.flatMap((key, fd) => (/^(pipe:|file\[|tty\[)/.test(key) ? [{ key, fd }] : []))
}

// CRIU puts all processes into their cgroup before systemd could be asked for one.
function refuseSystemd(manager: CgroupManager): CgroupManager {
  if (manager !== 'systemd') return manager
  throw new TsociError('NOT_SUPPORTED', 'cannot restore a container into a scope of systemd', {
    hint: 'leave out --systemd-cgroup, or use --cgroup-manager cgroupfs',
  })
}
