// The values of a plan's slots that are known before it is launched.

import { resolve } from 'node:path'
import type { Bundle } from '../bundle/bundle.ts'
import { readUserName } from '../host/user.ts'
import { findSignal, signals } from '../linux/signals.ts'
import type { Binding } from '../plan/plan.ts'
import type { Config } from '../spec/config.ts'
import { annotation } from '../spec/rules-annotations.ts'
import { defaultRoot } from '../state/root.ts'
import { countDescriptors } from './executor-options.ts'
import type { CreateOptions, RootOptions } from './options.ts'

const STOP_SIGNAL = 'org.opencontainers.image.stopSignal'

/** Where containers are kept. */
export const rootOf = (options: RootOptions) => options.root ?? defaultRoot()

/** For a JSON string. */
export const jsonText = (value: string) => JSON.stringify(value).slice(1, -1)

/** The values of the slots that the caller knows. */
export function bindSlots(id: string, bundle: Bundle, options: CreateOptions): Binding {
  const absolute = (path: string | undefined) => (path === undefined ? '' : resolve(path))
  return {
    id,
    root: rootOf(options),
    bundle: bundle.path,
    'bundle-json': jsonText(bundle.path),
    'pid-file': absolute(options.pidFile),
    'console-socket': absolute(options.consoleSocket),
    'preserve-fds': String(
      countDescriptors(options.listenFds) + countDescriptors(options.preserveFds),
    ),
    'owner-json': jsonText(ownerName()),
    signal: stopSignal(bundle.config),
    created: new Date().toISOString(),
  }
}

/** What kill sends when it is not told (config.md "Annotations"). */
export function stopSignal(config: Config): string {
  return String(findSignal(annotation(config, STOP_SIGNAL) ?? '') ?? signals.SIGTERM)
}

/** Who we are. An id without a line in the passwd file goes by its number. */
export function ownerName(): string {
  const uid = process.geteuid!()
  return readUserName(uid) ?? String(uid)
}
